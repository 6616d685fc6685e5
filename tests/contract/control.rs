//! The mock's control API: health, clock, expiry, and who may use it.

use serde_json::json;
use telematics_contract_tests::{NOBODY, Service};
use telematics_mock::MockServer;
use telematics_mock::service::clock::FixedTime;
use telematics_mock::service::time::Timestamp;

async fn frozen() -> Service {
    let noon = Timestamp::from_seconds(1_767_225_600);
    Service::mock(MockServer::builder().time(FixedTime(noon))).await
}

#[tokio::test]
async fn health_says_that_the_server_is_ready_and_its_version() {
    let answer = frozen().await.get("/__mock/health").answer().await;
    assert_eq!(answer.body, json!({ "status": "ok", "version": "0.1.0" }));
}

#[tokio::test]
async fn the_clock_is_moved_set_frozen_and_reset_and_every_date_follows() {
    let service = frozen().await;
    let date = async || service.get("/__mock/clock").answer().await.header("date").to_owned();
    let change = async |body| service.post("/__mock/clock", &body).answer().await.body;
    assert_eq!(date().await, "Thu, 01 Jan 2026 00:00:00 GMT");
    let moved = change(json!({ "advance": "P1DT2H" })).await;
    assert_eq!(moved["now"], "2026-01-02T02:00:00Z");
    assert_eq!(date().await, "Fri, 02 Jan 2026 02:00:00 GMT");
    let set = change(json!({ "set": "2021-11-01T00:00:00Z" })).await;
    assert_eq!(set["now"], "2021-11-01T00:00:00Z");
    assert_eq!(service.get("/v1/nothing").answer().await.header("date"), "Mon, 01 Nov 2021 00:00:00 GMT");
    assert_eq!(change(json!({ "freeze": true })).await["frozen"], true);
    let reset = service.request("DELETE", "/__mock/clock").json(&json!({})).answer().await;
    assert_eq!(reset.body["now"], "2026-01-01T00:00:00Z");
    assert_eq!(reset.body["frozen"], false);
}

#[tokio::test]
async fn a_wrong_control_request_is_400_says_why_and_changes_nothing() {
    let service = frozen().await;
    for (body, field) in [
        (json!({ "advance": "soon" }), json!("advance")),
        (json!({ "advance": "-2s" }), json!("advance")),
        (json!({ "advance": "1y" }), json!("advance")),
        (json!({ "advance": "P99999999D" }), json!("advance")),
        (json!({ "advance": 5 }), json!("advance")),
        (json!({ "set": "yesterday" }), json!("set")),
        (json!({ "set": "1960-01-01T00:00:00Z" }), json!("set")),
        (json!({ "freeze": false }), json!("freeze")),
        (json!({ "advnce": "2s" }), json!("advnce")),
        (json!({}), json!(null)),
        (json!({ "advance": "2s", "freeze": true }), json!(null)),
        (json!([]), json!(null)),
    ] {
        let answer = service.post("/__mock/clock", &body).answer().await;
        assert_eq!(answer.status, 400, "{body}: {:?}", answer.body);
        assert!(answer.body["error"].as_str().is_some_and(|error| error.len() > 10), "{body}: {:?}", answer.body);
        assert_eq!(answer.body.get("field").unwrap_or(&json!(null)), &field, "{body}: {:?}", answer.body);
        let now = service.get("/__mock/clock").answer().await;
        assert_eq!(now.body["now"], "2026-01-01T00:00:00Z", "{body}");
    }
}

#[tokio::test]
async fn expiring_tokens_of_nobody_is_404_and_nonsense_is_400() {
    let service = frozen().await;
    let ask = async |body| service.post("/__mock/tokens/expire", &body).answer().await;
    assert_eq!(ask(json!({ "deviceToken": NOBODY, "which": "all" })).await.status, 404);
    let answer = ask(json!({ "deviceToken": "nonsense", "which": "all" })).await;
    assert_eq!((answer.status.as_u16(), &answer.body["field"]), (400, &json!("deviceToken")));
    let answer = ask(json!({ "deviceToken": NOBODY, "which": "both" })).await;
    assert_eq!((answer.status.as_u16(), &answer.body["field"]), (400, &json!("which")));
}

#[tokio::test]
async fn an_unknown_control_call_is_404_and_names_those_there_are() {
    let answer = frozen().await.get("/__mock/nothing").answer().await;
    assert_eq!(answer.status, 404);
    assert!(answer.body["error"].as_str().unwrap().contains("/__mock/health"));
}

#[tokio::test]
async fn a_foreign_page_and_a_rebound_host_name_get_nothing() {
    let service = frozen().await;
    let page = service.get("/__mock/clock").header("Origin", "https://example.com").answer().await;
    assert_eq!(page.status, 403);
    assert!(page.body.get("now").is_none());
    let rebound = service.get("/__mock/clock").header("Host", "rebound.example.com").answer().await;
    assert_eq!(rebound.status, 403);
    let own = service.get("/__mock/clock").header("Origin", "http://localhost:5173").answer().await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn a_write_needs_a_json_content_type_even_when_it_is_empty() {
    let service = frozen().await;
    for request in [
        service.request("DELETE", "/__mock/clock"),
        service.request("POST", "/__mock/clock").text("text/plain", r#"{"advance":"2s"}"#),
    ] {
        assert_eq!(request.answer().await.status, 400);
    }
}
