//! Matching of requests by method, path, user, headers and body, and by status and hint once they are answered.

mod body;
mod check;
mod comparison;
mod pattern;
mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::service::ids::DeviceToken;

pub use body::BodyMatch;
pub use comparison::{Candidate, Content, Difference};
pub use pattern::{PathPattern, TextPattern};
pub use value::{HeaderMatches, ValueMatch};

/// A set of requests. A field that is `None` matches everything.
///
/// ```
/// use telematics_mock_core::control::matching::RequestMatch;
///
/// let refused_refreshes = RequestMatch::path("/v1/Auth/RefreshToken").with_status(401);
/// let any_login = RequestMatch::path("*Login").with_method("POST");
/// # assert_ne!(refused_refreshes, any_login);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RequestMatch {
    /// The method, in any letter case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathPattern>,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<DeviceToken>,
    /// The hint of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<ValueMatch>,
    /// The headers. The journal keeps their names only.
    #[serde(skip_serializing_if = "is_empty_headers")]
    pub headers: HeaderMatches,
    /// The values in the JSON body.
    #[serde(skip_serializing_if = "is_empty_body")]
    pub body: BodyMatch,
}

fn is_empty_headers(headers: &HeaderMatches) -> bool {
    headers.0.is_empty()
}

fn is_empty_body(body: &BodyMatch) -> bool {
    body.0.is_empty()
}

impl RequestMatch {
    /// Matches every request.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            method: None,
            path: None,
            status: None,
            device_token: None,
            hint: None,
            headers: HeaderMatches(BTreeMap::new()),
            body: BodyMatch(BTreeMap::new()),
        }
    }

    /// Matches the requests to a path, in which `*` stands for any text.
    pub fn path(pattern: impl Into<String>) -> Self {
        Self { path: Some(PathPattern::new(pattern)), ..Self::any() }
    }

    /// Of these, only the requests with this method.
    #[must_use]
    pub fn with_method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Of these, only the requests that were answered with this status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Of these, only the requests about this user.
    #[must_use]
    pub const fn with_user(mut self, device_token: DeviceToken) -> Self {
        self.device_token = Some(device_token);
        self
    }

    /// Of these, only the requests that got a hint that matches; only in a search of the journal.
    #[must_use]
    pub fn with_hint(mut self, hint: ValueMatch) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Of these, only the requests whose header matches. In a search of the journal only [`ValueMatch::Present`] and
    /// [`ValueMatch::Absent`] are allowed.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: ValueMatch) -> Self {
        self.headers.0.insert(name.into(), value);
        self
    }

    /// Of these, only the requests with a JSON body in which the JSON pointer leads to this value. In a text `*` stands for any
    /// text.
    #[must_use]
    pub fn with_body(mut self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        self.body.0.insert(pointer.into(), value.into());
        self
    }
}

/// The content of a request without headers and without a body.
#[cfg(test)]
pub(super) struct NoContent;

#[cfg(test)]
impl Content for NoContent {
    fn has_header(&self, _: &str) -> bool {
        false
    }

    fn header_fits(&self, _: &str, _: &TextPattern) -> bool {
        false
    }

    fn body(&self) -> Option<std::borrow::Cow<'_, Value>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_name_the_criteria_that_are_not_met() {
        let wanted = RequestMatch::any()
            .with_method("PUT")
            .with_status(200)
            .with_hint(ValueMatch::Present)
            .with_header("Origin", ValueMatch::Present)
            .with_body("/Email", "a*");
        let candidate = Candidate {
            method: "POST",
            path: "/v1",
            status: Some(405),
            device_token: None,
            hint: None,
            content: &NoContent,
        };
        let differences = wanted.differences(candidate);
        let criteria: Vec<_> = differences.iter().map(|difference| &*difference.criterion).collect();
        assert_eq!(criteria, ["method", "status", "hint", "headers.Origin", "body/Email"]);
        assert!(!wanted.fits(candidate));
        assert!(RequestMatch::any().with_header("Origin", ValueMatch::Absent).fits(candidate));
    }

    #[test]
    fn a_match_that_no_request_can_meet_is_refused_with_its_field() {
        let any = RequestMatch::any;
        for (wanted, field) in [
            (RequestMatch::path("v1/x"), "match.path"),
            (RequestMatch::path(""), "match.path"),
            (any().with_method(""), "match.method"),
            (any().with_header("a b", ValueMatch::Present), "match.headers.a b"),
            (any().with_body("Email", "x"), "match.body.Email"),
            (any().with_hint(ValueMatch::Present), "match.hint"),
        ] {
            assert_eq!(wanted.check_unanswered().unwrap_err().field, field);
        }
        let origin = any().with_header("Origin", ValueMatch::Text(TextPattern::new("http*")));
        assert_eq!(origin.check_unanswered(), Ok(()));
        assert_eq!(origin.check_answered("match").unwrap_err().field, "match.headers.Origin");
    }

    #[test]
    fn a_path_of_the_contract_is_known_and_one_with_a_star_may_be_any() {
        let is_known = |path: &str| RequestMatch::path(path).has_known_path();
        assert!(is_known("/v1/auth/refreshtoken/") && is_known("/v1/Statistics*"));
        assert!(is_known("/v1/Management/users/00000000-0000-0000-0000-000000000001"));
        assert!(!is_known("/v1/Auth/Refresh"));
    }

    #[test]
    fn a_match_is_written_as_it_is_read() {
        let json = json!({ "method": "PUT", "headers": { "origin": true }, "body": { "/a": 1 }, "hint": "*x*" });
        let wanted: RequestMatch = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&wanted).unwrap(), json);
    }
}
