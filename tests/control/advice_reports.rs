//! Advice as SARIF and as JUnit XML: both fit their schemas.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service};
use telematics_mock_core::control::advice::Rule;
use uppsala::{XsdValidator, parse};

use crate::api::{OwnInstance, ask};

/// An app that has made mistakes of several rules, one of them twice, and one that is only a note.
async fn setting() -> (Service, OwnInstance) {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    for path in ["/v1/registration", "/v1/registration", "/v1/Auth/<Login>&'\"?access_token=canary"] {
        service.post(path, &json!({})).header("InstanceId", &own.id).answer().await;
    }
    let first = own.register_with(&service, &json!({ "ClientId": "c-1" })).await.tokens();
    let second = service.refresh(&first).await.tokens();
    service.refresh(&second).await.assert_success();
    (service, own)
}

async fn report(service: &Service, own: &OwnInstance, query: &str) -> Answer {
    let answer = service.get(&format!("/__mock{}", own.path(&format!("/advice?{query}")))).answer().await;
    assert_eq!(answer.status, 200);
    answer
}

/// The schema of SARIF 2.1.0 that comes with the package `serde-sarif`.
fn sarif_schema() -> Value {
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args(["metadata", "--format-version", "1", "--locked", "--offline"]);
    // The packages of other platforms may never have been downloaded.
    metadata.args(["--filter-platform", env!("TARGET")]);
    metadata.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = metadata.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata of the packages");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").expect("the package");
    let manifest = PathBuf::from(package["manifest_path"].as_str().expect("a path"));
    let schema = std::fs::read(manifest.with_file_name("src").join("schema.json")).expect("a schema");
    let mut schema: Value = serde_json::from_slice(&schema).expect("JSON");
    // The pattern of a language has a bracket too many, which a strict reader of patterns refuses. The reports name no language.
    for owner in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][owner]["properties"]["language"];
        language.as_object_mut().expect("the schema of a language").remove("pattern");
    }
    schema
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_sarif_report_fits_the_schema_with_and_without_findings() {
    let (service, own) = setting().await;
    let validator = jsonschema::validator_for(&sarif_schema()).unwrap();
    let broken = json!({ "version": "2.1.0", "runs": [{}] });
    assert!(!validator.is_valid(&broken), "the schema requires a tool");
    for (query, results) in [("format=sarif", 4), ("format=sarif&source=src/api%20client.js", 4), ("format=sarif", 0)] {
        if results == 0 {
            own.control(&service, "DELETE", "/advice", &json!({})).await;
        }
        let answer = report(&service, &own, query).await;
        assert_eq!(answer.header("content-type"), "application/sarif+json");
        assert_eq!(answer.header("cache-control"), "no-store");
        let log = &answer.body;
        let errors: Vec<_> = validator.iter_errors(log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), results);
        assert!(!log.to_string().contains("canary"));
        let has_place = log.to_string().contains("\"uri\":\"src/api%20client.js\"");
        assert_eq!(has_place, query.contains("source"));
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_junit_report_fits_the_schema_with_and_without_findings() {
    let (service, own) = setting().await;
    let schema = parse(include_str!("junit.xsd")).unwrap();
    let validator = XsdValidator::from_schema(&schema).unwrap();
    let broken = parse("<testsuites><testsuite name=\"x\"/></testsuites>").unwrap();
    assert!(!validator.validate(&broken).is_empty(), "the schema requires the counts");
    for (failures, notes) in [(3, 1), (0, 0)] {
        if failures == 0 {
            own.control(&service, "DELETE", "/advice", &json!({})).await;
        }
        let answer = report(&service, &own, "format=junit").await;
        assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
        let xml = &String::from_utf8(answer.bytes).unwrap();
        let errors = validator.validate(&parse(xml).unwrap());
        assert!(errors.is_empty(), "{errors:?}");
        let (tests, failed) = (xml.matches("<testcase ").count(), xml.matches("<failure ").count());
        assert_eq!((tests, failed), (Rule::ALL.len(), failures), "{xml}");
        assert_eq!(xml.matches("<system-out>").count(), notes, "{xml}");
        assert!(!xml.contains("canary"));
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_unknown_format_and_a_source_without_a_place_are_refused_with_a_sentence() {
    let (service, own) = setting().await;
    for (query, field, part) in [
        ("format=xml", "format", "use json, sarif or junit"),
        ("source=src/api.js", "source", "only with format=sarif"),
        ("format=junit&source=src/api.js", "source", "only with format=sarif"),
        ("format=sarif&source=", "source", "relative to the repository"),
        ("format=sarif&source=/src/api.js", "source", "relative to the repository"),
        ("formt=sarif", "formt", "the known parameters are instance, format, source"),
    ] {
        let answer = ask(&service, "GET", &own.path(&format!("/advice?{query}")), &Value::Null).await;
        assert_eq!((answer.status.as_u16(), &answer.body["field"]), (400, &json!(field)), "{query}");
        assert!(answer.body["error"].as_str().unwrap().contains(part), "{query}: {answer:?}");
    }
}
