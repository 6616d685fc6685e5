//! The control API below `/__mock`: plain JSON in camelCase, for tests and for people, never for the web.
//!
//! Every call stands in the table [`ControlCall`]. Routing, the list in the answer to an unknown path, the check of writes
//! and the exemption of the health check follow from it.

mod advice;
mod barriers;
mod clock;
mod error;
mod events;
mod faults;
mod guard;
mod health;
mod instances;
mod journal;
mod keys;
mod outbox;
mod reply;
mod request;
mod settings;
mod state;
mod tokens;
mod users;
mod verification;

use super::body::Response;
use super::routing::{self, Endpoint, Resolution, RouteTable};
use crate::runtime::Runtime;
use reply::ControlResult;

pub use error::ControlError;
pub use guard::{Guard, check_content_type, is_local_page};
pub use request::ControlRequest;

/// The path below which the control API lives.
pub const PREFIX: &str = "/__mock";

/// The largest body of a control call, in bytes: a snapshot of many users.
pub const MAX_BODY_BYTES: usize = 1 << 30;

macro_rules! control_calls {
    ($($(#[$meta:meta])* $name:ident $method:literal $path:literal,)*) => {
        /// A call of the control API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ControlCall {
            $($(#[$meta])* $name,)*
        }

        impl ControlCall {
            /// Every call of the control API.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Where the call lives.
            #[must_use]
            pub const fn endpoint(self) -> Endpoint {
                match self {
                    $(Self::$name => Endpoint { method: $method, path: $path },)*
                }
            }
        }
    };
}

control_calls! {
    /// Tells that the server is ready; needs no control token.
    ReadHealth "GET" "/__mock/health",
    /// Creates an instance with an invite code and an admin of its own.
    CreateInstance "POST" "/__mock/instances",
    /// Lists the instances.
    ListInstances "GET" "/__mock/instances",
    /// Removes an instance with everything that belongs to it.
    RemoveInstance "DELETE" "/__mock/instances/{instanceId}",
    /// Reads the settings in force.
    ReadSettings "GET" "/__mock/settings",
    /// Changes settings.
    ChangeSettings "PATCH" "/__mock/settings",
    /// Reads the clock.
    ReadClock "GET" "/__mock/clock",
    /// Advances, sets or freezes the clock.
    ChangeClock "POST" "/__mock/clock",
    /// Sets the clock back to the start.
    ResetClock "DELETE" "/__mock/clock",
    /// Adds users in chosen states.
    AddUsers "POST" "/__mock/users",
    /// Lists users.
    ListUsers "GET" "/__mock/users",
    /// Reads a user.
    ReadUser "GET" "/__mock/users/{deviceToken}",
    /// Changes a user.
    ChangeUser "PATCH" "/__mock/users/{deviceToken}",
    /// Removes a user permanently.
    RemoveUser "DELETE" "/__mock/users/{deviceToken}",
    /// Reads the key that verifies access tokens.
    ReadKeys "GET" "/__mock/keys",
    /// Mints an access token.
    MintToken "POST" "/__mock/tokens",
    /// Reads the token families of a user.
    ReadTokens "GET" "/__mock/tokens",
    /// Expires tokens of a user.
    ExpireTokens "POST" "/__mock/tokens/expire",
    /// Reads the journal.
    ReadRequests "GET" "/__mock/requests",
    /// Deletes the journal.
    ClearRequests "DELETE" "/__mock/requests",
    /// Compares the number or the order of matching requests with what is expected.
    VerifyRequests "POST" "/__mock/requests/verify",
    /// Reads what the tested app does wrong.
    ReadAdvice "GET" "/__mock/advice",
    /// Deletes the advice.
    ClearAdvice "DELETE" "/__mock/advice",
    /// Adds a fault.
    AddFault "POST" "/__mock/faults",
    /// Lists the faults.
    ListFaults "GET" "/__mock/faults",
    /// Removes all faults.
    ClearFaults "DELETE" "/__mock/faults",
    /// Lets the requests go on that a fault holds.
    ReleaseFault "POST" "/__mock/faults/{id}/release",
    /// Removes a fault.
    RemoveFault "DELETE" "/__mock/faults/{id}",
    /// Adds a barrier.
    AddBarrier "POST" "/__mock/barriers",
    /// Lists the barriers.
    ListBarriers "GET" "/__mock/barriers",
    /// Removes all barriers.
    ClearBarriers "DELETE" "/__mock/barriers",
    /// Removes a barrier.
    RemoveBarrier "DELETE" "/__mock/barriers/{id}",
    /// Reads the messages that users were sent.
    ReadOutbox "GET" "/__mock/outbox",
    /// Deletes the messages.
    ClearOutbox "DELETE" "/__mock/outbox",
    /// Reads the state as a document.
    ReadState "GET" "/__mock/state",
    /// Replaces the state by a document.
    RestoreState "PUT" "/__mock/state",
    /// Sets the state back to the start.
    Reset "POST" "/__mock/reset",
    /// Listens to events.
    Listen "GET" "/__mock/events",
}

impl ControlCall {
    /// Whether the call changes something. Such a call must declare its body as JSON, even an empty one, because a web page
    /// cannot send that to another origin without a preflight.
    #[must_use]
    pub fn is_write(self) -> bool {
        self.endpoint().method != "GET"
    }

    /// The parameters that the call knows in its query.
    #[must_use]
    pub fn query(self) -> &'static [&'static str] {
        if self == Self::ListUsers {
            &["instance", "search", "state", "page", "pageSize"]
        } else if self == Self::ReadTokens {
            &["instance", "deviceToken"]
        } else if self == Self::ReadRequests {
            &[
                "instance",
                "match",
                "method",
                "path",
                "status",
                "deviceToken",
                "hint",
                "since",
                "before",
                "limit",
                "first",
                "wait",
            ]
        } else if self == Self::ReadAdvice {
            &["instance", "format", "source"]
        } else if self == Self::ReadOutbox {
            &["instance", "to"]
        } else {
            &["instance"]
        }
    }

    /// Whether the call takes the same short time however many users and requests there are.
    #[must_use]
    pub fn is_quick(self) -> bool {
        matches!(self, Self::ReadHealth | Self::Listen)
    }

    /// What answers the call. A table of functions is smaller than one function with the code of all calls in it.
    fn handler(self) -> fn(&ControlRequest) -> ControlResult {
        match self {
            Self::ReadHealth => |_| Ok(health::read()),
            Self::CreateInstance => instances::create,
            Self::ListInstances => instances::list,
            Self::RemoveInstance => instances::remove,
            Self::ReadSettings => settings::read,
            Self::ChangeSettings => settings::change,
            Self::ReadClock => clock::read,
            Self::ChangeClock => clock::change,
            Self::ResetClock => clock::reset,
            Self::AddUsers => users::add,
            Self::ListUsers => users::list,
            Self::ReadUser => users::read,
            Self::ChangeUser => users::change,
            Self::RemoveUser => users::remove,
            Self::ReadKeys => keys::read,
            Self::MintToken => tokens::mint,
            Self::ReadTokens => tokens::read,
            Self::ExpireTokens => tokens::expire,
            Self::ReadRequests => journal::read,
            Self::ClearRequests => journal::clear,
            Self::VerifyRequests => verification::verify,
            Self::ReadAdvice => advice::read,
            Self::ClearAdvice => advice::clear,
            Self::AddFault => faults::add,
            Self::ListFaults => faults::list,
            Self::ClearFaults => faults::clear,
            Self::ReleaseFault => faults::release,
            Self::RemoveFault => faults::remove,
            Self::AddBarrier => barriers::add,
            Self::ListBarriers => barriers::list,
            Self::ClearBarriers => barriers::clear,
            Self::RemoveBarrier => barriers::remove,
            Self::ReadOutbox => outbox::read,
            Self::ClearOutbox => outbox::clear,
            Self::ReadState => state::read,
            Self::RestoreState => state::restore,
            Self::Reset => state::reset,
            Self::Listen => events::listen,
        }
    }

    /// Whether the call may be made without the control token: only the readiness check may.
    #[must_use]
    pub fn is_open(self) -> bool {
        self == Self::ReadHealth
    }
}

impl RouteTable for ControlCall {
    const CALLS: &'static [Self] = Self::ALL;

    fn endpoint(self) -> Endpoint {
        Self::endpoint(self)
    }
}

/// Answers a control call that the guard has admitted.
///
/// Calls that look at many users or requests would hold up other requests, so they run on another thread.
pub async fn handle(runtime: &dyn Runtime, call: Option<ControlCall>, request: ControlRequest) -> Response {
    let outcome = match call {
        None => Err(unknown_call()),
        Some(call) if call.is_quick() => dispatch(call, &request),
        Some(call) => match wait(call, &request).await {
            Ok(Some(response)) => Ok(response),
            Ok(None) => runtime.run(move || dispatch(call, &request)).await.unwrap_or_else(|_| Err(unfinished())),
            Err(error) => Err(error),
        },
    };
    outcome.unwrap_or_else(ControlError::into_response)
}

/// Waits for what the call asks to wait for; returns the answer if the wait has one. Holds no thread, and ends when the client goes
/// away.
async fn wait(call: ControlCall, request: &ControlRequest) -> Result<Option<Response>, ControlError> {
    if call == ControlCall::ReadRequests {
        request.check_query(call.query())?;
        journal::wait(request).await.map(|()| None)
    } else if call == ControlCall::VerifyRequests {
        request.check_query(call.query())?;
        verification::wait(request).await
    } else {
        Ok(None)
    }
}

/// Finds the call. A health check may be made with `HEAD`, as some programs that wait for a server do.
#[must_use]
pub fn resolve(method: &str, path: &str) -> Resolution<ControlCall> {
    let resolution = routing::resolve(method, path);
    if method != "HEAD" {
        return resolution;
    }
    let read = routing::resolve("GET", path);
    if read.call() == Some(ControlCall::ReadHealth) { read } else { resolution }
}

fn dispatch(call: ControlCall, request: &ControlRequest) -> ControlResult {
    // A load balancer may add a parameter to the readiness check.
    if call != ControlCall::ReadHealth {
        request.check_query(call.query())?;
    }
    call.handler()(request)
}

fn unfinished() -> ControlError {
    ControlError::internal("An internal error occurred.")
}

/// `404` with a list of all calls.
fn unknown_call() -> ControlError {
    let calls: Vec<_> = ControlCall::ALL
        .iter()
        .map(|call| {
            let Endpoint { method, path } = call.endpoint();
            format!("{method} {path}")
        })
        .collect();
    ControlError::not_found(format!("The control API has no such call. It has: {}", calls.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_calls_share_method_and_path() {
        let endpoints: HashSet<_> =
            ControlCall::ALL.iter().map(|call| (call.endpoint().method, call.endpoint().path)).collect();
        assert_eq!(endpoints.len(), ControlCall::ALL.len());
        assert!(endpoints.iter().all(|(_, path)| path.starts_with(PREFIX)));
    }

    #[test]
    fn only_calls_with_get_change_nothing() {
        assert!(ControlCall::VerifyRequests.is_write() && ControlCall::Reset.is_write());
        assert!(!ControlCall::Listen.is_write());
    }
}
