//! The calls of the control API, and the clients that may make them.

use serde_json::{Value, json};
use telematics_contract_tests::{ControlRoute, NOBODY, Service, Wire, control_routes};

use crate::api::{OwnInstance, ask, everything};

/// The documented calls, each with a path that can be sent.
fn routes() -> Vec<(ControlRoute, String)> {
    let routes = control_routes();
    assert!(routes.len() > 20, "the page lists the calls in the first cells of its tables: {routes:?}");
    routes
        .into_iter()
        .map(|route| {
            let path = route.path.replace("{id}", "1");
            (route, path)
        })
        .collect()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn health_reports_that_the_server_is_ready_and_its_version() {
    let answer = Service::mock().await.get("/__mock/health").answer().await;
    assert_eq!(answer.body, json!({ "status": "ok", "version": "0.1.0" }));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_unknown_control_call_is_404_and_names_the_known_ones() {
    let answer = Service::mock().await.get("/__mock/nothing").answer().await;
    assert_eq!(answer.status, 404);
    let error = answer.body["error"].as_str().unwrap();
    let named: Vec<_> = error
        .split(|letter: char| letter.is_whitespace() || letter == ';' || letter == ',')
        .filter_map(|word| word.strip_prefix("/__mock"))
        .collect();
    let documented: Vec<_> = control_routes().into_iter().map(|route| route.path).collect();
    for path in &documented {
        assert!(path.contains('{') || named.contains(&path.as_str()), "the error does not name {path}: {error}");
    }
    for path in named {
        assert!(documented.iter().any(|known| known == path), "docs/control-api.md does not list {path}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_page_lists_exactly_the_methods_of_each_path() {
    let service = Service::mock().await;
    let routes = routes();
    for (_, path) in &routes {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let is_listed = routes.iter().any(|(route, other)| other == path && route.method == method);
            // The answer of this call never ends; the tests of the events hold it.
            if path == "/events" && method == "GET" {
                continue;
            }
            // With a wrong content type no call changes anything, and an unknown call is still a 404.
            let request = service.request(method, &format!("/__mock{path}?instance={NOBODY}"));
            let answer = request.text("text/plain", "").answer().await;
            let is_unknown = answer.body["error"].as_str().is_some_and(|error| error.contains("/__mock/health"));
            assert_eq!(is_unknown, !is_listed, "{method} {path}: {} {:?}", answer.status, answer.body);
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_write_without_a_json_content_type_is_refused_by_every_call_and_changes_nothing() {
    let service = Service::mock().frozen().await;
    service.register(&json!({})).await;
    let fault = json!({ "match": { "method": "TRACE" }, "then": { "status": 500 } });
    assert_eq!(ask(&service, "POST", "/faults", &fault).await.body["id"], 1);
    let barrier = json!({ "match": { "method": "TRACE" }, "parties": 2 });
    assert_eq!(ask(&service, "POST", "/barriers", &barrier).await.body["id"], 1);
    let before = everything(&service).await;
    let writes: Vec<_> = routes().into_iter().filter(|(route, _)| route.writes()).collect();
    assert!(writes.len() > 14, "{writes:?}");
    for (route, path) in writes {
        let request = || service.request(&route.method, &format!("/__mock{path}"));
        for (content_type, answer) in [
            ("none", request().answer().await),
            ("text/plain", request().text("text/plain", "{}").answer().await),
            ("a form", request().text("application/x-www-form-urlencoded", "{}").answer().await),
            ("almost JSON", request().text("application/jsonp", "{}").answer().await),
        ] {
            assert_eq!(answer.status, 400, "{route:?} with the content type {content_type}: {:?}", answer.body);
            let error = answer.body["error"].as_str().unwrap();
            assert!(error.contains("Content-Type: application/json"), "{route:?}, {content_type}: {error}");
        }
    }
    assert_eq!(everything(&service).await, before);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_page_of_another_origin_and_a_rebound_host_name_are_refused() {
    let service = Service::mock().await;
    let foreign = service.get("/__mock/clock").header("Origin", "https://example.com").answer().await;
    assert_eq!(foreign.status, 403);
    assert!(foreign.body.get("now").is_none());
    let rebound = service.get("/__mock/clock").header("Host", "rebound.example.com").answer().await;
    assert_eq!(rebound.status, 403);
    let local = service.get("/__mock/clock").header("Origin", "http://localhost:5173").answer().await;
    assert_eq!(local.status, 200);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_of_an_unknown_instance_is_404_and_changes_nothing() {
    let service = Service::mock().frozen().await;
    service.register(&json!({})).await;
    let before = everything(&service).await;
    let answer = ask(&service, "POST", &format!("/reset?instance={NOBODY}"), &json!({})).await;
    assert_eq!(answer.status, 404, "{:?}", answer.body);
    assert_eq!(everything(&service).await, before);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_of_an_instance_removes_its_journal_faults_and_barriers_and_no_others() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let other = OwnInstance::create(&service, &json!({})).await;
    for instance in [&own, &other] {
        instance.register(&service).await;
        let fault = json!({ "match": { "method": "TRACE" }, "then": { "status": 500 } });
        instance.control(&service, "POST", "/faults", &fault).await;
        let barrier = json!({ "match": { "method": "TRACE" }, "parties": 2 });
        instance.control(&service, "POST", "/barriers", &barrier).await;
    }
    own.control(&service, "POST", "/reset", &json!({})).await;
    for path in ["/requests", "/faults", "/barriers"] {
        assert_eq!(own.control(&service, "GET", path, &Value::Null).await, json!([]), "{path}");
        assert_ne!(other.control(&service, "GET", path, &Value::Null).await, json!([]), "{path}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_refused_control_request_is_answered_before_its_body_is_sent() {
    let service = Service::mock().control_token("right").await;
    let head = |extra: &str| {
        format!(
            "PUT /__mock/state HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: 1000000000\r\n{extra}\r\n"
        )
    };
    let wrong = Wire::to(&service).await.ask(head("Authorization: Bearer wrong\r\n").as_bytes()).await;
    assert_eq!(wrong.map(|answer| answer.status), Some(401));

    let open = Service::mock().await;
    let foreign = Wire::to(&open).await.ask(head("Origin: https://example.com\r\n").as_bytes()).await;
    assert_eq!(foreign.map(|answer| answer.status), Some(403));
}
