//! What a handler is given of a request, and how it reads it.

use std::fmt;
use std::future::Future;
use std::mem;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use telematics_contract::headers::{DEVICE_TOKEN, INSTANCE_ID, INSTANCE_KEY, USER_DEVICE_TOKEN};
use telematics_contract::{Call, Method, Secret};
use warp::http::header::{AUTHORIZATION, CONTENT_TYPE};
use warp::http::{self, HeaderMap, HeaderValue};
use warp::reply::Response;
use warp::{Filter as _, Reply as _};

use super::arrival::bearer;
use super::body::ParsedBody;
use super::error::ApiError;
use super::json::Json;
use super::{Handled, Route, method, multipart, path};
use crate::service::{
    AdminCaller, Authenticated, Caller, InstanceHeaders, Legacy, LoginHeaders, OpenedToken, Presented, Refusal,
    UserCaller, UserService,
};

/// What was asked: the parameter of the path, the query, the headers and the body of a request.
pub struct Asked {
    parameter: String,
    query: String,
    headers: HeaderMap,
    prepared: Prepared,
    body: Bytes,
}

/// What was found out about a request before its handler is asked; put beside it by [`super::exchange`].
#[derive(Clone)]
pub struct Prepared(Arc<PreparedInner>);

struct PreparedInner {
    number: u64,
    address: Option<IpAddr>,
    opened: Option<OpenedToken>,
    /// Taken by the handler that reads it.
    json: Mutex<ParsedBody>,
}

impl Prepared {
    /// What was found out about the request of that number.
    pub fn new(number: u64, address: Option<IpAddr>, opened: Option<OpenedToken>, json: ParsedBody) -> Self {
        Self(Arc::new(PreparedInner { number, address, opened, json: Mutex::new(json) }))
    }
}

/// The address a request comes from; put beside every request by [`super::app`].
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl fmt::Debug for Asked {
    // Headers and bodies carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked(…)")
    }
}

/// The route of a call that proves by itself who asks: `handler` answers it.
///
/// The path comes before the method and the method before the rest, so that warp never answers 405 for an unknown path.
pub fn route<F, Answering>(call: Call, service: Arc<UserService>, handler: F) -> Route
where
    F: Fn(Arc<UserService>, Asked) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Handled> + Send + 'static,
{
    let endpoint = call.endpoint();
    let wanted = match endpoint.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
    };
    path(endpoint.path)
        .and(method(wanted))
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .and(warp::header::headers_cloned())
        .and(warp::ext::get::<Prepared>())
        .and(warp::body::bytes())
        .then(move |parameter: String, query, headers, prepared, body| {
            let answering = handler(Arc::clone(&service), Asked { parameter, query, headers, prepared, body });
            async move { answering.await.unwrap_or_else(|error| error.into_response()) }
        })
        .boxed()
}

/// The route of a call that needs to know who asks: `handler` is told, and is not called where nobody may.
///
/// An answer to a device token in the headers says that this will end \[S\] (RFC 9745, RFC 8594).
pub fn route_for<Who, F, Answering>(call: Call, service: Arc<UserService>, handler: F) -> Route
where
    Who: Asking + Send + 'static,
    F: Fn(Arc<UserService>, Who, Asked) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Handled> + Send + 'static,
{
    route(call, service, move |service, asked| {
        let authenticated = service.authenticate(&asked.presented());
        let handler = handler.clone();
        async move {
            let Authenticated { caller, legacy } = authenticated?;
            let mut response =
                handler(service, Who::of(caller)?, asked).await.unwrap_or_else(|error| error.into_response());
            if let Some(legacy) = legacy {
                announce(&mut response, legacy);
            }
            Ok(response)
        }
    })
}

fn announce(response: &mut Response, legacy: Legacy) {
    let Legacy { deprecated, sunset } = legacy;
    if let Ok(deprecation) = HeaderValue::try_from(format!("@{}", deprecated.seconds())) {
        response.headers_mut().insert("deprecation", deprecation);
    }
    if let Some(Ok(sunset)) = sunset.map(|sunset| HeaderValue::try_from(sunset.to_http())) {
        response.headers_mut().insert("sunset", sunset);
    }
}

/// Who may ask.
pub trait Asking: Sized {
    /// The caller, if it is one of these.
    ///
    /// # Errors
    ///
    /// `403`: it is not.
    fn of(caller: Caller) -> Result<Self, Refusal>;
}

impl Asking for Caller {
    fn of(caller: Caller) -> Result<Self, Refusal> {
        Ok(caller)
    }
}

impl Asking for UserCaller {
    fn of(caller: Caller) -> Result<Self, Refusal> {
        match caller {
            Caller::User(user) => Ok(user),
            Caller::Admin(_) => Err(Refusal::NotAUser),
        }
    }
}

impl Asking for AdminCaller {
    fn of(caller: Caller) -> Result<Self, Refusal> {
        match caller {
            Caller::Admin(admin) => Ok(admin),
            Caller::User(_) => Err(Refusal::NotAnAdmin),
        }
    }
}

impl Asked {
    /// A header. An empty one counts as absent \[P\]; bytes that are no text stay recognisable as something wrong.
    fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        let text = String::from_utf8_lossy(value.as_bytes());
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The headers `InstanceId` and `InstanceKey`.
    pub fn instance(&self) -> InstanceHeaders {
        InstanceHeaders {
            id: self.header(INSTANCE_ID),
            key: self.header(INSTANCE_KEY),
            request: self.prepared.0.number,
        }
    }

    /// The headers of a login, and where it comes from.
    pub fn login(&self) -> LoginHeaders {
        LoginHeaders {
            instance_id: self.header(INSTANCE_ID),
            address: self.prepared.0.address,
            request: self.prepared.0.number,
        }
    }

    /// The user that an admin names in the header `UserDeviceToken` \[V\].
    pub fn named_user(&self) -> Option<String> {
        self.header(USER_DEVICE_TOKEN)
    }

    /// The parameter of the path.
    ///
    /// # Errors
    ///
    /// `404`: it is no text.
    pub fn parameter(&self) -> Result<String, ApiError> {
        let decoded = percent_decode_str(&self.parameter).decode_utf8();
        decoded.map(|text| text.into_owned()).map_err(|_| ApiError::UnknownPath)
    }

    /// The query, read like a JSON object of strings.
    ///
    /// # Errors
    ///
    /// `422`: a criterion cannot be what it says.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        // An empty criterion is none.
        let given = pairs.filter(|(_, value)| !value.trim().is_empty());
        let object = given.map(|(name, value)| (name.into_owned(), Json::String(value.into_owned()))).collect();
        Json::Object(object).read().map_err(|error| ApiError::Refused(Refusal::Invalid(error)))
    }

    /// The file in the field of that name of a multipart body.
    ///
    /// # Errors
    ///
    /// `415`: not multipart. `400`: malformed. `422`: there is no such field.
    pub async fn file(&self, field: &str) -> Result<Bytes, ApiError> {
        let content_type = self.header(CONTENT_TYPE.as_str()).ok_or(ApiError::NotMultipart)?;
        multipart::file(&content_type, self.body.clone(), field).await
    }

    /// What proves who asks.
    fn presented(&self) -> Presented {
        Presented {
            opened: self.prepared.0.opened,
            access_token: self.access_token(),
            device_token: self.header(DEVICE_TOKEN),
            instance: self.instance(),
        }
    }

    /// The access token of `Authorization: Bearer …` (RFC 6750, section 2.1), `None` where the header is absent.
    ///
    /// Another scheme gives a token that is none, so that it is answered like any other malformed one.
    fn access_token(&self) -> Option<Secret> {
        self.header(AUTHORIZATION.as_str())?;
        Some(Secret::new(bearer(&self.headers).unwrap_or_default()))
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// `415`: it is not JSON by its content type. `400`: empty or malformed. `422`: not what the call takes.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        match mem::replace(&mut *self.prepared.0.json.lock(), ParsedBody::Empty) {
            ParsedBody::NotJson => Err(ApiError::UnsupportedMediaType),
            ParsedBody::Empty => Err(ApiError::EmptyBody),
            ParsedBody::Malformed => Err(ApiError::MalformedJson),
            ParsedBody::Json(json) => json.read().map_err(|error| ApiError::Refused(Refusal::Invalid(error))),
        }
    }

    /// The access token of a refresh, which was opened to see whose request it is.
    pub fn opened(&self) -> Option<OpenedToken> {
        self.prepared.0.opened
    }
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    fn asked(name: &'static str, value: &[u8]) -> Asked {
        let headers = [(name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap())].into_iter().collect();
        let prepared = Prepared::new(1, None, None, ParsedBody::Empty);
        Asked { parameter: String::new(), query: String::new(), headers, prepared, body: Bytes::new() }
    }

    #[test]
    fn an_empty_header_counts_as_absent() {
        assert!(asked("instanceid", b"  ").instance().id.is_none());
        assert_eq!(asked("instanceid", b" x ").instance().id.as_deref(), Some("x"));
    }

    #[test]
    fn bytes_that_are_no_text_do_not_count_as_absent() {
        assert!(asked("instanceid", b"\xff").instance().id.is_some());
    }

    #[test]
    fn the_scheme_bearer_is_read_in_any_letter_case_and_no_other_is() {
        let token = |value: &[u8]| asked("authorization", value).access_token().map(|token| token.expose().to_owned());
        assert_eq!(token(b"Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token(b"bearer  abc").as_deref(), Some("abc"));
        assert_eq!(token(b"Basic abc").as_deref(), Some(""));
        assert_eq!(token(b"Bearer").as_deref(), Some(""));
        assert_eq!(token(b""), None);
    }
}
