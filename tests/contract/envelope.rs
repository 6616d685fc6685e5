//! The envelope of every answer, and its headers.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Multipart, NOBODY, Service, UBI};

const USERS: &str = "/v1/Management/users";
const ORIGIN: &str = "https://app.example";

fn assert_names(answer: &Answer, names: &[&str]) {
    let mut given: Vec<_> = answer.body.as_object().expect("an envelope").keys().map(String::as_str).collect();
    given.sort_unstable();
    assert_eq!(given, names, "{:?}", answer.body);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_call_that_returns_data_has_a_result() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let tokens = service.register(&json!({})).await;
    let png = Multipart::new("file", b"\x89PNG\r\n\x1a\n".as_slice());
    for request in [
        service.registration(&json!({})),
        service.post("/v1/Registration/CreateMultiple", &json!({ "Quantity": 1 })).with_instance(&service),
        service.get(USERS).bearer(&tokens.access_token),
        service.get("/v1/Management/users/find?FirstName=Nobody").bearer(&admin),
        service.post("/v1/Management/users/GetFilteredPage", &json!({})).bearer(&admin),
        service.request("POST", "/v1/Management/users/instances/change/DEMO01").bearer(&tokens.access_token),
        service.get("/v1/Check/UserExists?Phone=1").with_instance(&service),
        service.request("POST", "/v1/Management/users/images/upload").bearer(&tokens.access_token).multipart(&png),
    ] {
        let answer = request.answer().await;
        assert_ne!(answer.result(), &Value::Null);
        assert_names(&answer, &["Errors", "Result", "Status", "Title"]);
        assert_eq!((&answer.body["Title"], &answer.body["Errors"]), (&json!(""), &json!([])));
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_call_that_returns_no_data_has_no_result() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let tokens = service.register(&json!({ "Phone": "+1" })).await;
    let user = &tokens.device_token;
    let change = json!({ "DeviceToken": user, "ToInstanceId": UBI.id, "ToInstanceKey": UBI.key });
    for request in [
        service.put(USERS, &json!({ "City": "Paris" })).bearer(&tokens.access_token),
        service.post("/v1/Management/users/instances/change", &change).bearer(&admin),
        service.request("DELETE", &format!("{USERS}/{user}")).bearer(&admin),
    ] {
        assert_eq!(request.answer().await.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_failure_has_no_result_and_repeats_the_http_status() {
    for (answer, status) in every_kind_of_failure().await {
        answer.assert_failure(status);
        assert_names(&answer, &["Errors", "Status", "Title"]);
        assert_eq!(answer.header("cache-control"), "no-store", "{status}");
    }
}

#[tokio::test]
async fn a_validation_error_names_the_field_and_has_the_vendors_title() {
    let service = Service::any().await;
    let answer = service.registration(&json!({ "Gender": "Robot" })).answer().await;
    answer.assert_invalid("Gender");
    assert_eq!(answer.body["Title"], "One or more validation errors occurred.");
    let names: Vec<_> = answer.body["Errors"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["Key", "Message"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn any_origin_may_read_every_kind_of_failure() {
    for (answer, status) in every_kind_of_failure().await {
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{status}");
        assert_eq!(answer.header("access-control-expose-headers"), "*", "{status}");
    }
}

/// One failure of each status, requested by a page.
async fn every_kind_of_failure() -> Vec<(Answer, u16)> {
    let service = Service::mock().frozen().with(json!({ "loginLockout": true })).await;
    let tokens = service.register(&json!({})).await;
    let update = service.update(&tokens.access_token, &json!({ "Status": "Deactivated" })).await;
    update.assert_success();
    let login = || service.sign_in(Some(&UBI), &json!({ "Phone": "1" }), "p").header("Origin", ORIGIN).answer();
    for _ in 0..5 {
        let _ = login().await;
    }
    let create = || service.request("POST", "/v1/Registration/Create").with_instance(&service).header("Origin", ORIGIN);
    let large = json!({ "Address": "x".repeat(1 << 20) });
    vec![
        (create().text("application/json", "{").answer().await, 400),
        (service.get(USERS).header("Origin", ORIGIN).answer().await, 401),
        (service.get(USERS).bearer(&tokens.access_token).header("Origin", ORIGIN).answer().await, 403),
        (create().json(&json!({ "InstanceInviteCode": NOBODY })).answer().await, 404),
        (service.request("DELETE", USERS).header("Origin", ORIGIN).answer().await, 405),
        (create().json(&large).answer().await, 413),
        (create().answer().await, 415),
        (create().json(&json!([])).answer().await, 422),
        (login().await, 429),
    ]
}
