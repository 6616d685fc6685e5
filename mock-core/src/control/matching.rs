//! Which requests are meant: by method, path, status and user.

use crate::service::ids::DeviceToken;

/// A path with `*` for anything, in any letter case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// The pattern of that text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the path fits; a slash at its end does not matter.
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

/// Which requests are meant; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// The method, in any letter case.
    pub method: Option<String>,
    /// The path.
    pub path: Option<PathPattern>,
    /// The status that was answered.
    pub status: Option<u16>,
    /// The user.
    pub device_token: Option<DeviceToken>,
}

/// What a request is, as far as a [`Match`] asks.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The status, once it is known.
    pub status: Option<u16>,
    /// The user, where that is known.
    pub device_token: Option<DeviceToken>,
}

/// In what a request differs from what is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The criterion.
    pub criterion: &'static str,
    /// What is meant.
    pub expected: String,
    /// What it is.
    pub actual: String,
}

impl Match {
    /// Whether a request is meant.
    #[must_use]
    pub fn fits(&self, candidate: Candidate<'_>) -> bool {
        self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(candidate.method))
            && self.path.as_ref().is_none_or(|path| path.fits(candidate.path))
            && self.status.is_none_or(|status| candidate.status == Some(status))
            && self.device_token.is_none_or(|token| candidate.device_token == Some(token))
    }

    /// In what a request differs; nothing, where it is meant.
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
    fn a_path_fits_in_any_letter_case_and_a_star_stands_for_anything() {
        assert!(fits("/v1/auth/refreshtoken", "/v1/Auth/RefreshToken"));
        assert!(fits("/v1/Auth/*", "/v1/Auth/Login"));
        assert!(fits("*", "/anything"));
        assert!(fits("*RefreshToken", "/v1/Auth/RefreshToken/"));
        assert!(fits("/v1/*/users*", "/v1/Management/users/find"));
        assert!(!fits("/v1/Auth", "/v1/Auth/Login"));
        assert!(!fits("/v1/*/find", "/v1/Management/users"));
        assert!(!fits("", "/v1"));
        assert!(!fits("/a*a", "/a"), "one letter cannot be both ends");
    }

    #[test]
    fn differences_name_what_is_other() {
        let wanted = Match { method: Some("PUT".into()), status: Some(200), ..Match::default() };
        let candidate = Candidate { method: "POST", path: "/v1", status: Some(405), device_token: None };
        let differences = wanted.differences(candidate);
        let criteria: Vec<_> = differences.iter().map(|difference| difference.criterion).collect();
        assert_eq!(criteria, ["method", "status"]);
        assert!(!wanted.fits(candidate));
        assert!(Match::default().fits(candidate));
    }
}
