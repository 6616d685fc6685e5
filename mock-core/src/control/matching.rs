//! Matching of requests by method, path, status and user.

use std::convert::Infallible;
use std::str::FromStr;

use serde::Deserialize;

use super::invalid::InvalidField;
use crate::service::ids::DeviceToken;

/// A path in which `*` stands for any text. It matches in any letter case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PathPattern(String);

impl FromStr for PathPattern {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

impl PathPattern {
    /// The pattern of a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern matches a path. A slash at the end makes no difference.
    #[must_use]
    pub fn fits(&self, path: &str) -> bool {
        let path = path.strip_suffix('/').unwrap_or(path).to_ascii_lowercase();
        let pattern = self.0.strip_suffix('/').unwrap_or(&self.0).to_ascii_lowercase();
        let mut parts = pattern.split('*');
        let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        true
    }
}

/// A set of requests. A field that is `None` matches everything.
///
/// ```
/// use telematics_mock_core::control::matching::RequestMatch;
///
/// let refused_refreshes = RequestMatch::path("/v1/Auth/RefreshToken").with_status(401);
/// let any_login = RequestMatch::path("*Login").with_method("POST");
/// # assert_ne!(refused_refreshes, any_login);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RequestMatch {
    /// The method, in any letter case.
    pub method: Option<String>,
    /// The path.
    pub path: Option<PathPattern>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The user.
    pub device_token: Option<DeviceToken>,
}

impl RequestMatch {
    /// Matches every request.
    #[must_use]
    pub const fn any() -> Self {
        Self { method: None, path: None, status: None, device_token: None }
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
}

/// The facts of a request that a [`RequestMatch`] compares.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The status, if the request has been answered.
    pub status: Option<u16>,
    /// The user, if known.
    pub device_token: Option<DeviceToken>,
}

/// A criterion that a request does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The criterion.
    pub criterion: &'static str,
    /// The value that the match asks for.
    pub expected: String,
    /// The value of the request.
    pub actual: String,
}

impl RequestMatch {
    /// Checks that the match does not ask for a status. A fault or a barrier selects requests that have no answer yet.
    pub(super) fn check_unanswered(&self) -> Result<(), InvalidField> {
        if self.status.is_some() {
            return Err(InvalidField::new(
                "match.status",
                "must be absent: a request has no status before it is answered",
            ));
        }
        Ok(())
    }

    /// Whether a request is in the set.
    #[must_use]
    pub fn fits(&self, candidate: Candidate<'_>) -> bool {
        self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(candidate.method))
            && self.path.as_ref().is_none_or(|path| path.fits(candidate.path))
            && self.status.is_none_or(|status| candidate.status == Some(status))
            && self.device_token.is_none_or(|token| candidate.device_token == Some(token))
    }

    /// The criteria that a request does not meet; empty if it is in the set.
    #[must_use]
    pub fn differences(&self, candidate: Candidate<'_>) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut differ = |criterion, fits: bool, expected: String, actual: String| {
            if !fits {
                differences.push(Difference { criterion, expected, actual });
            }
        };
        if let Some(method) = &self.method {
            let fits = method.eq_ignore_ascii_case(candidate.method);
            differ("method", fits, method.clone(), candidate.method.to_owned());
        }
        if let Some(path) = &self.path {
            differ("path", path.fits(candidate.path), path.as_str().to_owned(), candidate.path.to_owned());
        }
        let shown = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        if let Some(status) = self.status {
            let actual = shown(candidate.status.map(|status| status.to_string()));
            differ("status", candidate.status == Some(status), status.to_string(), actual);
        }
        if let Some(token) = self.device_token {
            let actual = shown(candidate.device_token.map(|token| token.to_string()));
            differ("deviceToken", candidate.device_token == Some(token), token.to_string(), actual);
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, path: &str) -> bool {
        PathPattern::new(pattern).fits(path)
    }

    #[test]
    fn a_path_matches_in_any_letter_case_and_a_star_stands_for_any_text() {
        assert!(fits("/v1/auth/refreshtoken", "/v1/Auth/RefreshToken"));
        assert!(fits("/v1/Auth/*", "/v1/Auth/Login"));
        assert!(fits("*", "/anything"));
        assert!(fits("*RefreshToken", "/v1/Auth/RefreshToken/"));
        assert!(fits("/v1/*/users*", "/v1/Management/users/find"));
        assert!(!fits("/v1/Auth", "/v1/Auth/Login"));
        assert!(!fits("/v1/*/find", "/v1/Management/users"));
        assert!(!fits("", "/v1"));
        assert!(!fits("/a*a", "/a"), "one letter cannot match both ends");
    }

    #[test]
    fn differences_name_the_criteria_that_are_not_met() {
        let wanted = RequestMatch::any().with_method("PUT").with_status(200);
        let candidate = Candidate { method: "POST", path: "/v1", status: Some(405), device_token: None };
        let differences = wanted.differences(candidate);
        let criteria: Vec<_> = differences.iter().map(|difference| difference.criterion).collect();
        assert_eq!(criteria, ["method", "status"]);
        assert!(!wanted.fits(candidate));
        assert!(RequestMatch::any().fits(candidate));
    }
}
