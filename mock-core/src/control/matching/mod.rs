//! Matching of requests by method, path, user, headers and body, and by status and hint once they are answered.

mod body;
mod pattern;
mod value;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use telematics_contract::Call;

use super::header_syntax::is_token;
use super::invalid::InvalidField;
use crate::service::ids::DeviceToken;

pub use body::BodyMatch;
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

/// The parts of a request that a match rarely asks for.
pub trait Content {
    /// Whether the request has a header with this name, in any letter case.
    fn has_header(&self, name: &str) -> bool;

    /// Whether a header with this name has a value that matches. The journal keeps no values.
    fn header_fits(&self, name: &str, pattern: &TextPattern) -> bool;

    /// The JSON body; `None` if the request has none.
    fn body(&self) -> Option<Cow<'_, Value>>;
}

/// The facts of a request that a [`RequestMatch`] compares.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The status, if the request has been answered.
    pub status: Option<u16>,
    /// The user, if known.
    pub device_token: Option<DeviceToken>,
    /// The hint, if the request has been answered and got one.
    pub hint: Option<&'a str>,
    /// The headers and the body.
    pub content: &'a dyn Content,
}

/// A criterion that a request does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The criterion, for example `status`, `headers.origin` or `body/UserFields/ClientId`.
    pub criterion: Cow<'static, str>,
    /// The value that the match asks for.
    pub expected: String,
    /// The value of the request.
    pub actual: String,
}

impl RequestMatch {
    /// Checks a match of requests that have no answer yet, for a fault or a barrier.
    pub(super) fn check_unanswered(&self) -> Result<(), InvalidField> {
        for (field, is_given) in [("match.status", self.status.is_some()), ("match.hint", self.hint.is_some())] {
            if is_given {
                let reason = "must be absent: a request has no status and no hint before it is answered";
                return Err(InvalidField::new(field, reason));
            }
        }
        self.check("match")
    }

    /// Checks a match of requests in the journal, which does not keep the values of headers. `field` is the path of the match
    /// in the errors.
    ///
    /// # Errors
    ///
    /// The first field that is invalid, or that no request can match.
    pub fn check_answered(&self, field: &str) -> Result<(), InvalidField> {
        self.check(field)?;
        match self.headers.0.iter().find(|(_, wanted)| matches!(wanted, ValueMatch::Text(_))) {
            None => Ok(()),
            Some((name, _)) => {
                let reason = "must be true or false: the journal keeps the names of headers and not their values";
                Err(InvalidField::new(format!("{field}.headers.{name}"), reason))
            }
        }
    }

    fn check(&self, field: &str) -> Result<(), InvalidField> {
        let invalid = |name: String, reason| Err(InvalidField::new(format!("{field}.{name}"), reason));
        if self.method.as_ref().is_some_and(|method| !is_token(method)) {
            return invalid("method".to_owned(), "must be the name of a method");
        }
        if self.path.as_ref().is_some_and(|path| !path.is_possible()) {
            let reason = "must start with / or *, and has no query: no request has another path";
            return invalid("path".to_owned(), reason);
        }
        if let Some(name) = self.headers.0.keys().find(|name| !is_token(name)) {
            return invalid(format!("headers.{name}"), "must be the name of a header");
        }
        if let Some(pointer) = self.body.invalid_pointer() {
            let reason = "must be a JSON pointer, for example /UserFields/ClientId";
            return invalid(format!("body.{pointer}"), reason);
        }
        Ok(())
    }

    /// Whether a call of the contract has a path that matches.
    #[must_use]
    pub fn has_known_path(&self) -> bool {
        let Some(pattern) = &self.path else { return true };
        let is_path_of = |call: Call| match call.endpoint().path.split_once('{') {
            None => pattern.fits(call.endpoint().path),
            Some((literal, _)) => PathPattern::new(format!("{literal}*")).fits(pattern.as_str()),
        };
        pattern.is_open() || Call::ALL.into_iter().any(is_path_of)
    }

    /// Whether a request is in the set.
    #[must_use]
    pub fn fits(&self, candidate: Candidate<'_>) -> bool {
        let header_fits = |(name, wanted): (&String, &ValueMatch)| has_header(wanted, name, candidate.content);
        self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(candidate.method))
            && self.path.as_ref().is_none_or(|path| path.fits(candidate.path))
            && self.status.is_none_or(|status| candidate.status == Some(status))
            && self.device_token.is_none_or(|token| candidate.device_token == Some(token))
            && self.hint.as_ref().is_none_or(|hint| hint.fits(candidate.hint))
            && self.headers.0.iter().all(header_fits)
            && (self.body.0.is_empty() || self.body.fits(candidate.content.body().as_deref()))
    }

    /// The criteria that a request does not meet; empty if it is in the set.
    #[must_use]
    pub fn differences(&self, candidate: Candidate<'_>) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut differ = |criterion: Cow<'static, str>, fits: bool, expected: String, actual: String| {
            if !fits {
                differences.push(Difference { criterion, expected, actual });
            }
        };
        if let Some(method) = &self.method {
            let fits = method.eq_ignore_ascii_case(candidate.method);
            differ("method".into(), fits, method.clone(), candidate.method.to_owned());
        }
        if let Some(path) = &self.path {
            let fits = path.fits(candidate.path);
            differ("path".into(), fits, path.as_str().to_owned(), candidate.path.to_owned());
        }
        let shown = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        if let Some(status) = self.status {
            let actual = shown(candidate.status.map(|status| status.to_string()));
            differ("status".into(), candidate.status == Some(status), status.to_string(), actual);
        }
        if let Some(token) = self.device_token {
            let actual = shown(candidate.device_token.map(|token| token.to_string()));
            differ("deviceToken".into(), candidate.device_token == Some(token), token.to_string(), actual);
        }
        if let Some(hint) = &self.hint {
            let actual = shown(candidate.hint.map(str::to_owned));
            differ("hint".into(), hint.fits(candidate.hint), hint.to_string(), actual);
        }
        for (name, wanted) in &self.headers.0 {
            let actual = if candidate.content.has_header(name) { "present" } else { "absent" };
            let fits = has_header(wanted, name, candidate.content);
            differ(format!("headers.{name}").into(), fits, value::shown(name, wanted), actual.to_owned());
        }
        if !self.body.0.is_empty() {
            for (pointer, expected, actual) in self.body.differences(candidate.content.body().as_deref()) {
                differ(format!("body{pointer}").into(), false, expected, actual);
            }
        }
        differences
    }
}

fn has_header(wanted: &ValueMatch, name: &str, content: &dyn Content) -> bool {
    match wanted {
        ValueMatch::Present => content.has_header(name),
        ValueMatch::Absent => !content.has_header(name),
        ValueMatch::Text(pattern) => content.header_fits(name, pattern),
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

    fn body(&self) -> Option<Cow<'_, Value>> {
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
