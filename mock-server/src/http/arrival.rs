//! A call of the contract as it arrives: its body read and parsed, and whose request it is.

use bytes::Bytes;
use hyper::body::Incoming;
use telematics_contract::Call;
use telematics_contract::headers::{DEVICE_TOKEN, INSTANCE_ID};
use warp::http::header::AUTHORIZATION;
use warp::http::request::Parts;
use warp::http::{HeaderMap, Request};

use super::body::{ParsedBody, whole};
use super::error::ApiError;
use super::routing::{Resolution, resolve};
use crate::control::facts::Facts;
use crate::service::ids::InstanceId;
use crate::service::jwt::Subject;
use crate::service::{OpenedToken, UserService};

/// The largest body of a call \[F, P\].
const MAX_BODY_BYTES: usize = 1 << 20;
/// The largest body of an upload \[F, P\].
const MAX_UPLOAD_BYTES: usize = 5 << 20;

/// A request whose body is read.
pub struct Arrival {
    /// The head of the request.
    pub head: Parts,
    /// What its method and its path lead to.
    pub resolution: Resolution,
    /// The body, or what is wrong with it; empty where nobody waits for one.
    pub body: Result<Bytes, ApiError>,
    /// The body as JSON.
    pub json: ParsedBody,
}

impl Arrival {
    /// Reads a request.
    pub async fn of(request: Request<Incoming>) -> Self {
        let (head, body) = request.into_parts();
        let resolution = resolve(head.method.as_str(), head.uri.path());
        let body = match &resolution {
            Resolution::Found { call: Call::UploadImage, .. } => whole(body, MAX_UPLOAD_BYTES).await,
            Resolution::Found { .. } => whole(body, MAX_BODY_BYTES).await,
            // Nobody waits for the body of a call that does not exist.
            Resolution::WrongMethod { .. } | Resolution::Unknown => Ok(Bytes::new()),
        };
        let json = body.as_ref().map_or(ParsedBody::Empty, |body| ParsedBody::of(&head.headers, body));
        Self { head, resolution, body, json }
    }

    /// The call, if it is one.
    pub const fn call(&self) -> Option<Call> {
        match &self.resolution {
            Resolution::Found { call, .. } => Some(*call),
            Resolution::WrongMethod { .. } | Resolution::Unknown => None,
        }
    }

    /// The path, spelled as the contract spells it where it is one of the contract's.
    pub fn path(&self) -> &str {
        match &self.resolution {
            Resolution::Found { path, .. } => path,
            Resolution::WrongMethod { .. } | Resolution::Unknown => self.head.uri.path(),
        }
    }

    /// Whose request it is, found out before the call runs; and the access token, which has to be opened for that.
    ///
    /// In this order: the instance of an access token with a valid signature, the header `InstanceId`, the invite code, else
    /// the server as a whole.
    pub fn whose(&self, number: u64, service: &UserService) -> (Facts, Option<OpenedToken>) {
        let opened = self.access_token().and_then(|token| service.open(token));
        let subject = opened.map(|token| token.subject);
        let instance = subject
            .and_then(|subject| service.home_of(&subject))
            .or_else(|| self.named_instance(service))
            .or_else(|| self.invite_code().and_then(|code| service.invited(code)));
        let last_segment = || self.path().rsplit('/').next();
        let device_token = match (subject, self.call()) {
            (Some(Subject::User { device_token, .. }), _) => Some(device_token),
            (Some(Subject::Admin(_)), Some(Call::DeleteUser)) => last_segment().and_then(|id| id.parse().ok()),
            (None, Some(Call::Login)) => self.json.login_device_token(),
            (Some(Subject::Admin(_)) | None, _) => {
                text(&self.head.headers, DEVICE_TOKEN).and_then(|id| id.parse().ok())
            }
        };
        let (method, path) = (self.head.method.as_str().to_owned(), self.path().to_owned());
        (Facts { number, instance, method, path, device_token }, opened)
    }

    /// A refresh is about the token in its body, any other call about that in its header.
    fn access_token(&self) -> Option<&str> {
        match self.call() {
            Some(Call::RefreshToken) => self.json.text("AccessToken"),
            Some(_) | None => bearer(&self.head.headers),
        }
    }

    fn named_instance(&self, service: &UserService) -> Option<InstanceId> {
        let id = text(&self.head.headers, INSTANCE_ID)?.parse().ok()?;
        service.has_instance(id).then_some(id)
    }

    fn invite_code(&self) -> Option<&str> {
        match self.call()? {
            Call::Register => self.json.text("InstanceInviteCode"),
            Call::JoinInstance => self.path().rsplit('/').next(),
            Call::RegisterMany
            | Call::Login
            | Call::RefreshToken
            | Call::ReadUser
            | Call::UpdateUser
            | Call::DeleteUser
            | Call::FindUsers
            | Call::ListUsers
            | Call::ChangeInstance
            | Call::UserExists
            | Call::UploadImage => None,
        }
    }
}

/// The text of a header.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The access token of `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}
