//! Findings as SARIF 2.1.0 (Static Analysis Results Interchange Format, an OASIS standard).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use telematics_contract::Call;

use super::{TOOL, shown, times};
use crate::control::advice::{Finding, Rule};

/// The characters of a relative path that stay as they are in a URI reference (RFC 3986). A colon is encoded, because a name in front of it
/// would be a scheme.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The findings as a SARIF log with one run. Every rule is described in it, found or not.
pub(super) fn report(findings: &[Finding], source: Option<&str>) -> String {
    let rules: Vec<_> = Rule::ALL.iter().map(|rule| descriptor(*rule)).collect();
    let results: Vec<_> = findings.iter().map(|finding| result(finding, source)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": TOOL,
                    "version": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules,
                },
            },
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn descriptor(rule: Rule) -> Value {
    json!({
        "id": rule.id(),
        "shortDescription": { "text": rule.title() },
        "fullDescription": { "text": format!("{}. {}", rule.title(), rule.way_out()) },
        "help": { "text": rule.way_out() },
        "defaultConfiguration": { "level": rule.level().name() },
    })
}

fn result(finding: &Finding, source: Option<&str>) -> Value {
    let Finding { rule, count, message, example, last } = finding;
    let request = format!("{} {}", example.method, example.path);
    let asked = match example.call.map(Call::endpoint) {
        Some(endpoint) => format!("{} {}", endpoint.method.as_str(), endpoint.path),
        None => request.clone(),
    };
    let stop = if message.ends_with(['.', '?']) { "" } else { "." };
    let text = format!("{message}{stop} Seen {}, first in {}. {}", times(*count), shown(finding), rule.way_out());
    let mut location = Map::new();
    if let Some(source) = source {
        let uri = utf8_percent_encode(source, ENCODED).to_string();
        // The line is required by those who want a place, and the mock does not know it.
        let place = json!({ "artifactLocation": { "uri": uri }, "region": { "startLine": 1 } });
        location.insert("physicalLocation".to_owned(), place);
    }
    let named = json!([{ "fullyQualifiedName": &request, "kind": "resource" }]);
    location.insert("logicalLocations".to_owned(), named);
    let mut result = json!({
        "ruleId": rule.id(),
        "ruleIndex": Rule::ALL.iter().position(|known| known == rule),
        "level": rule.level().name(),
        "message": { "text": text },
        "occurrenceCount": count,
        "locations": [location],
        // The same mistake of another run is the same alert, also if another user is named in the path.
        "partialFingerprints": { "mistake/v1": format!("{} {asked}", rule.id()) },
        "webRequest": { "method": &example.method, "target": &example.path },
        "properties": { "firstRequest": finding.first(), "lastRequest": last, "at": example.at.to_string() },
    });
    if let (Some(status), Some(result)) = (example.status, result.as_object_mut()) {
        result.insert("webResponse".to_owned(), json!({ "statusCode": status }));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::super::fixture::finding;
    use super::*;

    fn read(findings: &[Finding], source: Option<&str>) -> Value {
        serde_json::from_str(&report(findings, source)).unwrap()
    }

    #[test]
    fn a_finding_is_a_result_that_names_its_rule_its_count_and_its_request() {
        let log = read(&[finding(Rule::ParallelRefreshes, 3)], None);
        let (driver, result) = (&log["runs"][0]["tool"]["driver"], &log["runs"][0]["results"][0]);
        let rule = &driver["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!((&rule["id"], &result["ruleId"]), (&json!("parallel-refreshes"), &json!("parallel-refreshes")));
        assert_eq!(rule["help"]["text"], Rule::ParallelRefreshes.way_out());
        assert_eq!((&result["level"], &result["occurrenceCount"]), (&json!("error"), &json!(3)));
        let location = &result["locations"][0];
        assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "POST /v1/Auth/RefreshToken");
        assert_eq!(location.get("physicalLocation"), None);
        assert!(result["message"]["text"].as_str().unwrap().contains("Seen 3 times, first in request 7"));
    }

    #[test]
    fn an_app_without_mistakes_has_every_rule_and_no_result() {
        let log = read(&[], None);
        assert_eq!(log["runs"][0]["results"], json!([]));
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), Rule::ALL.len());
    }

    #[test]
    fn the_source_of_the_app_is_a_relative_uri() {
        let log = read(&[finding(Rule::ParallelRefreshes, 1)], Some("src/my app:1/ü.ts"));
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "src/my%20app%3A1/%C3%BC.ts");
        assert_eq!(place["region"]["startLine"], 1);
    }

    #[test]
    fn the_fingerprint_of_a_call_does_not_depend_on_the_user_in_its_path() {
        let fingerprint = |path: &str| {
            let mut named = finding(Rule::NamedInPath, 1);
            (named.example.path, named.example.call) = (path.into(), Some(Call::UpdateNamedUser));
            read(&[named], None)["runs"][0]["results"][0]["partialFingerprints"]["mistake/v1"].clone()
        };
        assert_eq!(fingerprint("/v1/Management/users/1"), fingerprint("/v1/Management/users/2"));
        assert_ne!(fingerprint("/v1/Management/users/1"), json!("user-named-in-path POST /v1/Auth/RefreshToken"));
    }

    #[test]
    fn a_finding_without_an_answer_has_no_response() {
        let mut lost = finding(Rule::RetryWithoutPause, 1);
        lost.example.status = None;
        assert_eq!(read(&[lost], None)["runs"][0]["results"][0].get("webResponse"), None);
    }
}
