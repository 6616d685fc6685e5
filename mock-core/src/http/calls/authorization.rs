//! Authorization: the callers who may make a call.

use http::HeaderValue;
use telematics_contract::Access;

use crate::http::body::Response;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::{ApiError, HandlerResult};
use crate::service::{AdminCaller, Authenticated, Caller, LegacyAuthentication, Refusal, UserCaller};

/// A kind of caller that a handler asks for.
pub trait FromCaller: Sized {
    /// The access that the route table gives a call with such a handler.
    const ACCESS: Access;

    /// The caller, if it is of this kind.
    ///
    /// # Errors
    ///
    /// `403`: the caller is of another kind.
    fn from_caller(caller: Caller) -> Result<Self, Refusal>;
}

impl FromCaller for Caller {
    const ACCESS: Access = Access::UserOrAdmin;

    fn from_caller(caller: Caller) -> Result<Self, Refusal> {
        Ok(caller)
    }
}

impl FromCaller for UserCaller {
    const ACCESS: Access = Access::User;

    fn from_caller(caller: Caller) -> Result<Self, Refusal> {
        match caller {
            Caller::User(user) => Ok(user),
            Caller::Admin(_) => Err(Refusal::NotAUser),
        }
    }
}

impl FromCaller for AdminCaller {
    const ACCESS: Access = Access::Admin;

    fn from_caller(caller: Caller) -> Result<Self, Refusal> {
        match caller {
            Caller::Admin(admin) => Ok(admin),
            Caller::User(_) => Err(Refusal::NotAnAdmin),
        }
    }
}

/// Makes a call for the caller that the request authenticates.
///
/// The answer to a device token in the headers announces the end of that authentication \[S\] (RFC 9745, RFC 8594).
///
/// # Errors
///
/// Nobody is authenticated, or the call fails.
pub async fn authenticated(
    context: &Context,
    request: CallRequest,
    make: impl AsyncFnOnce(&Context, Option<Caller>, CallRequest) -> HandlerResult,
) -> HandlerResult {
    let Authenticated { caller, legacy } = context.service().authenticate(&request.credentials())?;
    let handled = make(context, Some(caller), request).await;
    let Some(legacy) = legacy else { return handled };
    let mut response = handled.unwrap_or_else(|error| error.into_response());
    announce_end(&mut response, legacy);
    Ok(response)
}

/// The caller as the kind that a handler asks for. After that the body is checked, which the handler may read.
///
/// # Errors
///
/// `403`: the caller is of another kind. Those of [`CallRequest::check_body`].
pub fn admitted<C: FromCaller>(caller: Option<Caller>, request: &CallRequest) -> Result<C, ApiError> {
    debug_assert_eq!(request.found.call.endpoint().access, C::ACCESS, "{:?}", request.found.call);
    // A call with this access was authenticated.
    let caller = C::from_caller(caller.ok_or(ApiError::Internal)?)?;
    request.check_body()?;
    Ok(caller)
}

fn announce_end(response: &mut Response, legacy: LegacyAuthentication) {
    let LegacyAuthentication { deprecated, sunset } = legacy;
    if let Ok(deprecation) = HeaderValue::try_from(format!("@{}", deprecated.seconds())) {
        response.headers_mut().insert("deprecation", deprecation);
    }
    if let Some(Ok(sunset)) = sunset.map(|sunset| HeaderValue::try_from(sunset.to_http())) {
        response.headers_mut().insert("sunset", sunset);
    }
}
