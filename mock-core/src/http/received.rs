//! A request for a call of the contract as it was received: routed, with its body parsed, and identified.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use http::request::Parts;
use telematics_contract::Call;
use telematics_contract::headers::{DEVICE_TOKEN, INSTANCE_ID, USER_DEVICE_TOKEN};

use super::body::BodyFault;
use super::headers::{bearer, text};
use super::parsed_body::ParsedBody;
use super::routing::Resolution;
use crate::control::facts::RequestFacts;
use crate::service::ids::DeviceToken;
use crate::service::jwt::Subject;
use crate::service::{OpenedToken, UserService};

/// A request with its body.
pub struct ReceivedRequest {
    /// The head.
    pub head: Parts,
    /// The address that the request came from.
    pub client: Option<IpAddr>,
    /// The call that method and path lead to.
    pub resolution: Resolution<Call>,
    /// The body, or the reason why the host could not read it.
    pub body: Result<Bytes, BodyFault>,
    /// The body as JSON.
    pub json: ParsedBody,
}

impl ReceivedRequest {
    /// A request whose body has been read.
    pub fn new(
        head: Parts,
        client: Option<IpAddr>,
        resolution: Resolution<Call>,
        body: Result<Bytes, BodyFault>,
    ) -> Self {
        let json = body.as_ref().map_or(ParsedBody::Empty, |body| ParsedBody::parse(&head.headers, body));
        Self { head, client, resolution, body, json }
    }

    /// The call, if method and path lead to one.
    pub fn call(&self) -> Option<Call> {
        self.resolution.call()
    }

    /// Finds the scope and the user that the request is about, before the call runs; and opens the access token, which is
    /// needed for that. [`UserService::identify`] has the order in which the scope is looked for.
    pub fn identify(&self, number: u64, service: &UserService) -> (RequestFacts, Option<OpenedToken>) {
        let opened = self.access_token().and_then(|token| service.open(token));
        let subject = opened.map(|token| token.subject);
        let named = text(&self.head.headers, INSTANCE_ID).and_then(|id| id.parse().ok());
        let owner = service.identify(opened.as_ref(), named, self.invite_code());
        let (method, path) = match self.resolution.found() {
            Some(found) => (Cow::Borrowed(found.method), found.path.clone()),
            None => (self.head.method.as_str().to_owned().into(), self.head.uri.path().to_owned().into()),
        };
        let facts = RequestFacts { number, owner, method, path, device_token: self.user(subject) };
        (facts, opened)
    }

    fn user(&self, subject: Option<Subject>) -> Option<DeviceToken> {
        let header = |name| text(&self.head.headers, name)?.parse().ok();
        match (subject, self.resolution.found()) {
            (Some(Subject::User { device_token, .. }), _) => Some(device_token),
            (Some(Subject::Admin(_)), Some(found))
                if matches!(found.call, Call::DeleteUser | Call::UpdateNamedUser) =>
            {
                found.parameter("DeviceToken").parse().ok()
            }
            (Some(Subject::Admin(_)), Some(found)) if found.call == Call::UpdateUser => header(USER_DEVICE_TOKEN),
            (Some(Subject::Admin(_)), Some(found)) if found.call == Call::ChangeInstance => {
                self.json.text("DeviceToken")?.trim().parse().ok()
            }
            (Some(Subject::Admin(_)), _) => None,
            (None, Some(found)) if found.call == Call::Login => self.json.login_device_token(),
            (None, _) => header(DEVICE_TOKEN),
        }
    }

    /// The access token that the request is about: a refresh carries it in the body, any other call in its header.
    fn access_token(&self) -> Option<&str> {
        match self.call() {
            Some(Call::RefreshToken) => self.json.text("AccessToken"),
            Some(_) | None => bearer(&self.head.headers),
        }
    }

    fn invite_code(&self) -> Option<&str> {
        let found = self.resolution.found()?;
        if found.call == Call::Register {
            self.json.text("InstanceInviteCode")
        } else {
            (found.call == Call::JoinInstance).then(|| found.parameter("InviteCode"))
        }
    }
}
