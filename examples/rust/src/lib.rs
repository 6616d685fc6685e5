//! The app under test: a back end that signs its users in. It does not know the mock server.

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

/// A client of the user service.
#[derive(Debug)]
pub struct UserService {
    base_url: String,
    instance_id: String,
    instance_key: String,
    http: Client,
}

/// The session of a signed-in user.
#[derive(Clone)]
pub struct Session {
    /// The permanent id of the user.
    pub device_token: String,
    access_token: String,
    refresh_token: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.device_token)
    }
}

/// The reason for a failed call.
#[derive(Debug)]
pub enum Failure {
    /// No answer arrived, or the answer cannot be read.
    Network(reqwest::Error),
    /// The service refused the call with this status.
    Refused(StatusCode),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Network(error)
    }
}

impl UserService {
    /// A client for one instance of the service at `base_url`.
    #[must_use]
    pub fn new(base_url: String, instance_id: String, instance_key: String) -> Self {
        Self { base_url, instance_id, instance_key, http: Client::new() }
    }

    /// Registers a user.
    ///
    /// # Errors
    ///
    /// The service cannot be reached, or refuses the registration.
    pub async fn register(&self, first_name: &str) -> Result<Session, Failure> {
        let user = json!({ "FirstName": first_name });
        self.signed_in("/v1/Registration/Create", &user).await
    }

    /// Reads the first name of a user. After a `401` it refreshes the tokens; if the refresh token is rejected, it logs in.
    ///
    /// # Errors
    ///
    /// The service cannot be reached, or refuses the call, the refresh and the login.
    pub async fn first_name(&self, session: &mut Session) -> Result<String, Failure> {
        let mut answer = self.read(session).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            *session = match self.refresh(session).await {
                Err(Failure::Refused(StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)) => {
                    self.login(session).await?
                }
                renewed => renewed?,
            };
            answer = self.read(session).await?;
        }
        let user: Value = accepted(answer)?.json().await?;
        Ok(text(&user, "/Result/UserProfile/FirstName"))
    }

    async fn refresh(&self, session: &Session) -> Result<Session, Failure> {
        let pair = json!({ "AccessToken": session.access_token, "RefreshToken": session.refresh_token });
        self.signed_in("/v1/Auth/RefreshToken", &pair).await
    }

    async fn login(&self, session: &Session) -> Result<Session, Failure> {
        let fields = json!({ "Devicetoken": session.device_token }).to_string();
        self.signed_in("/v1/Auth/Login", &json!({ "LoginFields": fields, "Password": self.instance_key })).await
    }

    async fn signed_in(&self, path: &str, body: &Value) -> Result<Session, Failure> {
        let request = self.http.post(format!("{}{path}", self.base_url)).json(body);
        let request = request.header("InstanceId", &self.instance_id).header("InstanceKey", &self.instance_key);
        let answer: Value = accepted(request.send().await?)?.json().await?;
        Ok(Session {
            device_token: text(&answer, "/Result/DeviceToken"),
            access_token: text(&answer, "/Result/AccessToken/Token"),
            refresh_token: text(&answer, "/Result/RefreshToken"),
        })
    }

    async fn read(&self, session: &Session) -> Result<Response, Failure> {
        let request = self.http.get(format!("{}/v1/Management/users", self.base_url));
        Ok(request.bearer_auth(&session.access_token).send().await?)
    }
}

fn accepted(answer: Response) -> Result<Response, Failure> {
    if answer.status().is_success() { Ok(answer) } else { Err(Failure::Refused(answer.status())) }
}

fn text(answer: &Value, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
