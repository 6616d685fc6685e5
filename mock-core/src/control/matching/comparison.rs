//! Compares a request with a match.

use std::borrow::Cow;

use serde_json::Value;

use super::value::shown as shown_header;
use super::{RequestMatch, TextPattern, ValueMatch};
use crate::service::ids::DeviceToken;

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
            differ(format!("headers.{name}").into(), fits, shown_header(name, wanted), actual.to_owned());
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
