//! The general rules: paths, content types, CORS and invalid input.

use serde_json::json;
use telematics_contract_tests::{NOBODY, Service};

const CREATE: &str = "/v1/Registration/Create";

#[tokio::test]
async fn paths_match_in_any_letter_case_and_with_a_trailing_slash() {
    let service = Service::any().await;
    for path in ["/v1/Registration/create", "/v1/registration/Create", "/V1/REGISTRATION/CREATE/"] {
        service.post(path, &json!({})).with_instance(&service).answer().await.assert_success();
    }
}

#[tokio::test]
async fn a_known_path_with_another_method_is_405_and_names_the_methods() {
    let service = Service::any().await;
    let answer = service.request("DELETE", "/v1/management/Users").answer().await;
    answer.assert_failure(405);
    assert_eq!(answer.header("allow"), "GET, PUT");
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let service = Service::any().await;
    for path in ["/v1/registration", "/v1/Registration/Create/more", "/v2/Registration/Create", "/", "//"] {
        service.post(path, &json!({})).with_instance(&service).answer().await.assert_failure(404);
    }
}

#[tokio::test]
async fn header_names_match_in_any_letter_case() {
    let service = Service::any().await;
    let request = service.post(CREATE, &json!({}));
    let request = request.header("instanceID", &service.instance_id).header("INSTANCEKEY", &service.instance_key);
    request.answer().await.assert_success();
}

#[tokio::test]
async fn property_names_match_in_any_letter_case_and_unknown_ones_are_ignored() {
    let service = Service::any().await;
    let body = json!({ "firstname": "Ada", "userFields": { "CLIENTID": "c-1" }, "shoeSize": 44 });
    let tokens = service.register(&body).await;
    let profile = service.profile(&tokens.access_token).await;
    assert_eq!(profile.result()["UserProfile"]["FirstName"], "Ada");
    assert_eq!(profile.result()["UserFields"][0]["ClientId"], "c-1");
}

#[tokio::test]
async fn booleans_and_integers_may_be_strings_and_null_means_absent() {
    let service = Service::any().await;
    let body = json!({ "ChildrenCount": "3", "UserFields": { "EnableTracking": "false", "EnableLogging": null } });
    let tokens = service.register(&body).await;
    let profile = service.profile(&tokens.access_token).await;
    assert_eq!(profile.result()["UserProfile"]["ChildrenCount"], 3);
    assert_eq!(profile.result()["UserFields"][0]["EnableTracking"], false);
    assert_eq!(profile.result()["UserFields"][0]["EnableLogging"], false);
}

#[tokio::test]
async fn json_is_read_under_every_content_type_that_clients_send() {
    let service = Service::any().await;
    for content_type in
        ["application/json", "text/json", "application/json-patch+json", "application/json; charset=utf-8"]
    {
        let request = service.request("POST", CREATE).with_instance(&service).text(content_type, "{}");
        request.answer().await.assert_success();
    }
}

#[tokio::test]
async fn a_body_with_another_content_type_or_none_is_415() {
    let service = Service::any().await;
    let request = || service.request("POST", CREATE).with_instance(&service);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        request().text(content_type, "{}").answer().await.assert_failure(415);
    }
    request().answer().await.assert_failure(415);
}

#[tokio::test]
async fn malformed_json_or_an_empty_body_is_400() {
    let service = Service::any().await;
    for body in ["{", "", "   ", "null", "{\"FirstName\":}", "{}{}", "nonsense"] {
        let request = service.request("POST", CREATE).with_instance(&service).text("application/json", body);
        request.answer().await.assert_failure(400);
    }
    let deep = "[".repeat(100_000);
    let request = service.request("POST", CREATE).with_instance(&service).text("application/json", deep);
    request.answer().await.assert_failure(400);
    let no_text =
        service.request("POST", CREATE).with_instance(&service).text("application/json", vec![0xff, 0xfe, 0x00]);
    no_text.answer().await.assert_failure(400);
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_413() {
    let service = Service::any().await;
    let body = |bytes: usize| json!({ "Address": "x".repeat(bytes) });
    service.registration(&body(1 << 20)).answer().await.assert_failure(413);
    service.registration(&body((1 << 20) - 100)).answer().await.assert_success();
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_422_and_reported_by_its_path() {
    let service = Service::any().await;
    for (body, key) in [
        (json!({ "userFields": { "enabled": "maybe" } }), "UserFields.Enabled"),
        (json!({ "UserFields": [] }), "UserFields"),
        (json!({ "FirstName": 7 }), "FirstName"),
        (json!({ "ChildrenCount": -1 }), "ChildrenCount"),
        (json!({ "Gender": "Robot" }), "Gender"),
        (json!({ "Birthday": "tomorrow" }), "Birthday"),
        (json!([]), "$"),
    ] {
        service.registration(&body).answer().await.assert_invalid(key);
    }
}

#[tokio::test]
async fn an_instance_header_that_is_missing_or_not_a_uuid_is_422() {
    let service = Service::any().await;
    let (id, key) = (service.instance_id.as_str(), service.instance_key.as_str());
    let ask = |id: &'static [u8], key: &'static [u8]| {
        service.post(CREATE, &json!({})).header("InstanceId", id).header("InstanceKey", key).answer()
    };
    ask(b"", b"x").await.assert_invalid("InstanceId");
    ask(b"nonsense", b"x").await.assert_invalid("InstanceId");
    ask(b"\xff\xfe", b"x").await.assert_invalid("InstanceId");
    let request = || service.post(CREATE, &json!({}));
    request().header("InstanceKey", key).answer().await.assert_invalid("InstanceId");
    request().header("InstanceId", id).answer().await.assert_invalid("InstanceKey");
    request().header("InstanceId", id).header("InstanceKey", "nonsense").answer().await.assert_invalid("InstanceKey");
}

#[tokio::test]
async fn an_unknown_instance_or_the_key_of_another_is_401() {
    let service = Service::any().await;
    let (id, key) = (service.instance_id.as_str(), service.instance_key.as_str());
    for (id, key) in [(NOBODY, key), (id, NOBODY), (NOBODY, NOBODY)] {
        let request = service.post(CREATE, &json!({})).header("InstanceId", id).header("InstanceKey", key);
        request.answer().await.assert_failure(401);
    }
}

#[tokio::test]
async fn every_origin_may_call_and_read_errors() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let good = service.get("/v1/Management/users").bearer(&tokens.access_token).header("Origin", "https://app.example");
    let unauthorized = service.get("/v1/Management/users").header("Origin", "https://app.example");
    let unknown = service.get("/v1/nothing").header("Origin", "https://app.example");
    for (request, status) in [(good, 200), (unauthorized, 401), (unknown, 404)] {
        let answer = request.answer().await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-expose-headers"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn a_preflight_allows_the_requested_method_headers_and_private_network() {
    let service = Service::any().await;
    let preflight = service
        .request("OPTIONS", "/v1/Management/users")
        .header("Origin", "https://app.example")
        .header("Access-Control-Request-Method", "PUT")
        .header("Access-Control-Request-Headers", "authorization,content-type,x-anything")
        .header("Access-Control-Request-Private-Network", "true")
        .answer()
        .await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(preflight.header("access-control-allow-methods"), "PUT");
    assert_eq!(preflight.header("access-control-allow-headers"), "authorization,content-type,x-anything");
    assert_eq!(preflight.header("access-control-allow-private-network"), "true");
}

#[tokio::test]
async fn an_answer_with_tokens_must_not_be_stored() {
    let service = Service::any().await;
    assert_eq!(service.registration(&json!({})).answer().await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_byte_order_mark_of_utf_8_is_skipped() {
    let service = Service::any().await;
    for (body, status) in [("\u{feff}{}", 200), ("\u{feff}", 400), ("\u{feff}\u{feff}{}", 400)] {
        let request = service.request("POST", CREATE).text("application/json", body).with_instance(&service);
        assert_eq!(request.answer().await.status, status, "{body:?}");
    }
}
