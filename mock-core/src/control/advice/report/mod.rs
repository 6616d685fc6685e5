//! Reports: findings as text for people, and in the formats that other tools read.

mod junit;
mod sarif;
mod summary;

use super::finding::Finding;

pub use summary::summary;

/// Checks the path of a file of the app that SARIF names as the place of every finding.
///
/// # Errors
///
/// It is empty or absolute: what it must be.
pub fn check_source(source: &str) -> Result<(), &'static str> {
    if source.is_empty() || source.starts_with('/') {
        return Err("must be the path of a file, relative to the repository of the app, such as src/api.js");
    }
    Ok(())
}

/// A format that other tools read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// SARIF 2.1.0, for GitHub code scanning and editors.
    Sarif,
    /// JUnit XML, for the test reports of a CI service.
    Junit,
}

impl Format {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Sarif => "application/sarif+json",
            Self::Junit => "application/xml; charset=utf-8",
        }
    }

    /// The findings in this format. `source` is the file of the app that SARIF names as the place of every finding, relative to its
    /// repository and with `/` between folders; GitHub code scanning shows only findings that have one. JUnit has no place for it.
    #[must_use]
    pub fn report(self, findings: &[Finding], source: Option<&str>) -> String {
        match self {
            Self::Sarif => sarif::report(findings, source),
            Self::Junit => junit::report(findings),
        }
    }
}

/// The name of the tool in every report.
const TOOL: &str = "telematics-mock";

/// What a person reads of an example: the request and its answer.
fn shown(finding: &Finding) -> String {
    let super::Example { request, method, path, status, at, .. } = &finding.example;
    let answered = status.map_or_else(|| "not answered".to_owned(), |status| format!("answered with {status}"));
    format!("request {request}, {method} {path}, {answered} at {at}")
}

/// How often a mistake was seen.
fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

#[cfg(test)]
mod fixture {
    use crate::control::advice::{Example, Finding, Rule};
    use crate::service::time::Timestamp;

    pub(super) fn finding(rule: Rule, count: u64) -> Finding {
        let (method, path) = ("POST".into(), "/v1/Auth/RefreshToken".into());
        let at = Timestamp::from_seconds(1_767_225_600);
        let example = Example { request: 7, method, path, call: None, status: Some(401), at };
        Finding { rule, count, message: "it was <seen> & \"quoted\"".into(), example, last: 9 }
    }
}
