//! The clock of the server, and the clock of each instance.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, control};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_clock_is_advanced_set_frozen_and_reset_and_every_date_header_follows() {
    let service = Service::mock().machine_time_stands_still().await;
    let date = async || service.get("/__mock/clock").answer().await.header("date").to_owned();
    let change = async |body| control(&service, "POST", "/clock", &body).await;
    assert_eq!(date().await, "Thu, 01 Jan 2026 00:00:00 GMT");
    assert_eq!(change(json!({ "advance": "P1DT2H" })).await["now"], "2026-01-02T02:00:00Z");
    assert_eq!(date().await, "Fri, 02 Jan 2026 02:00:00 GMT");
    assert_eq!(change(json!({ "set": "2021-11-01T00:00:00Z" })).await["now"], "2021-11-01T00:00:00Z");
    assert_eq!(service.get("/v1/nothing").answer().await.header("date"), "Mon, 01 Nov 2021 00:00:00 GMT");
    assert_eq!(change(json!({ "freeze": true })).await["frozen"], true);
    let reset = control(&service, "DELETE", "/clock", &json!({})).await;
    assert_eq!((&reset["now"], &reset["frozen"]), (&json!("2026-01-01T00:00:00Z"), &json!(false)));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_clock_of_an_instance_follows_the_servers_clock_until_it_is_set() {
    let service = Service::mock().frozen().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    let now = async |path: String| control(&service, "GET", &path, &Value::Null).await["now"].clone();
    own.control(&service, "POST", "/clock", &json!({ "advance": "1h" })).await;
    assert_eq!(now("/clock".to_owned()).await, "2026-01-01T00:00:00Z");
    control(&service, "POST", "/clock", &json!({ "advance": "1d" })).await;
    assert_eq!(now(own.path("/clock")).await, "2026-01-02T01:00:00Z");
    own.control(&service, "POST", "/clock", &json!({ "set": "2030-01-01T00:00:00Z" })).await;
    control(&service, "POST", "/clock", &json!({ "advance": "1d" })).await;
    assert_eq!(now(own.path("/clock")).await, "2030-01-01T00:00:00Z");
    own.control(&service, "DELETE", "/clock", &json!({})).await;
    assert_eq!(now(own.path("/clock")).await, "2026-01-03T00:00:00Z");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn tokens_date_created_and_date_headers_use_the_clock_of_the_instance() {
    let service = Service::mock().await;
    let own = OwnInstance::create(&service, &json!({})).await;
    own.control(&service, "POST", "/clock", &json!({ "freeze": true })).await;
    own.control(&service, "POST", "/clock", &json!({ "set": "2027-05-06T07:08:09Z" })).await;
    let tokens = own.register(&service).await;
    let answer = service.profile(&tokens.access_token).await;
    assert_eq!(answer.result()["DateCreated"], "2027-05-06T07:08:09");
    assert_eq!(answer.header("date"), "Thu, 06 May 2027 07:08:09 GMT");
    let moved = own.control(&service, "POST", "/clock", &json!({ "advance": "5d" })).await;
    assert_eq!(moved["expired"], json!({ "accessTokens": 1, "refreshTokens": 0 }));
    service.profile(&tokens.access_token).await.assert_failure(401);
    let moved = own.control(&service, "POST", "/clock", &json!({ "advance": "85d" })).await;
    assert_eq!(moved["expired"], json!({ "accessTokens": 0, "refreshTokens": 1 }));
    service.refresh(&tokens).await.assert_failure(401);
    // The other instance still has the time of the server.
    let other = OwnInstance::create(&service, &json!({})).await.register(&service).await;
    assert!(!service.profile(&other.access_token).await.header("date").contains("2027"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn grace_period_and_sunset_use_the_clock_of_the_instance() {
    let service = Service::mock().await;
    let settings = json!({ "rotation": "grace", "graceSeconds": 10, "deviceTokenSunset": "2026-01-02T00:00:00Z" });
    let own = OwnInstance::create(&service, &json!({ "settings": settings })).await;
    own.control(&service, "POST", "/clock", &json!({ "set": "2026-01-01T00:00:00Z" })).await;
    own.control(&service, "POST", "/clock", &json!({ "freeze": true })).await;
    let first = own.register(&service).await;
    let second = service.refresh(&first).await.tokens();
    own.control(&service, "POST", "/clock", &json!({ "advance": "9s" })).await;
    assert_eq!(service.refresh(&first).await.tokens().refresh_token, second.refresh_token);
    let legacy = async || {
        let request = service.get("/v1/Management/users").header("DeviceToken", &first.device_token);
        request.header("InstanceId", &own.id).header("InstanceKey", &own.key).answer().await
    };
    assert_eq!(legacy().await.header("sunset"), "Fri, 02 Jan 2026 00:00:00 GMT");
    own.control(&service, "POST", "/clock", &json!({ "advance": "1d" })).await;
    legacy().await.assert_failure(401);
    service.refresh(&first).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_clock_and_a_birthday_reach_the_last_second_of_the_year_9999() {
    let service = Service::mock().frozen().await;
    let last = "9999-12-31T23:59:59Z";
    let set = control(&service, "POST", "/clock", &json!({ "set": last })).await;
    assert_eq!(set["now"], last);
    let answer = service.get("/v1/Management/users").answer().await;
    assert_eq!(answer.header("date"), "Fri, 31 Dec 9999 23:59:59 GMT");
    control(&service, "DELETE", "/clock", &json!({})).await;
    for (birthday, written) in [
        ("9999-12-31", "9999-12-31T00:00:00"),
        // The latest date of .NET, to the microsecond.
        ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999999"),
        ("0001-01-01", "0001-01-01T00:00:00"),
    ] {
        let user = service.register(&json!({ "Birthday": birthday })).await;
        let read = async |service: &Service| {
            let path = format!("/v1/Management/users/find?DeviceToken={}", user.device_token);
            let found = service.get(&path).bearer(&service.admin().await).answer().await;
            found.result()[0]["UserProfile"]["Birthday"].clone()
        };
        assert_eq!(read(&service).await, written);
        // A snapshot keeps it.
        let state = control(&service, "GET", "/state", &Value::Null).await;
        control(&service, "PUT", "/state", &state).await;
        assert_eq!(read(&service).await, written);
    }
    service.registration(&json!({ "Birthday": "-009999-01-01" })).answer().await.assert_invalid("Birthday");
}
