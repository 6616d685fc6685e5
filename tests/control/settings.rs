//! `GET` and `PATCH /__mock/settings`.

use serde_json::{Value, json};
use telematics_contract_tests::Service;

use crate::api::{OwnInstance, ask, control};

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn settings_have_the_defaults_of_the_contract_and_are_changed_one_by_one() {
    let service = Service::mock().await;
    let expected = json!({ "registrationTokenSeconds": 432_000, "loginTokenSeconds": 86_400,
        "refreshTokenSeconds": 7_776_000, "clockSkewSeconds": 0, "rotation": "strict", "graceSeconds": 10,
        "loginLockout": false, "lockout": { "logins": 5, "perSeconds": 60, "forSeconds": 3600 },
        "loginRevokesAccessTokens": false, "strictCasing": false, "userSelfService": true, "refreshRejectedStatus": 401, "deviceTokenSunset": null });
    assert_eq!(control(&service, "GET", "/settings", &Value::Null).await, expected);
    let changed = control(&service, "PATCH", "/settings", &json!({ "refreshRejectedStatus": 400 })).await;
    assert_eq!(changed["refreshRejectedStatus"], 400);
    assert_eq!(changed["loginTokenSeconds"], 86_400);
    let tokens = service.register(&json!({})).await;
    service.expire(&tokens.device_token, "refresh").await;
    service.refresh(&tokens).await.assert_failure(400);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_setting_of_an_instance_overrides_the_servers_for_this_instance_only() {
    let service = Service::mock().await;
    let (one, two) = (OwnInstance::create(&service, &json!({})).await, OwnInstance::create(&service, &json!({})).await);
    one.control(&service, "PATCH", "/settings", &json!({ "registrationTokenSeconds": 5 })).await;
    control(&service, "PATCH", "/settings", &json!({ "registrationTokenSeconds": 9 })).await;
    assert_eq!(one.register(&service).await.expires_in, 5);
    assert_eq!(two.register(&service).await.expires_in, 9);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_sunset_is_set_and_removed() {
    let service = Service::mock().await;
    let set = control(&service, "PATCH", "/settings", &json!({ "deviceTokenSunset": "2027-01-01T00:00:00Z" })).await;
    assert_eq!(set["deviceTokenSunset"], "2027-01-01T00:00:00Z");
    let untouched = control(&service, "PATCH", "/settings", &json!({ "loginLockout": true })).await;
    assert_eq!(untouched["deviceTokenSunset"], "2027-01-01T00:00:00Z");
    let lifted = control(&service, "PATCH", "/settings", &json!({ "deviceTokenSunset": null })).await;
    assert_eq!(lifted["deviceTokenSunset"], Value::Null);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_setting_is_reported_and_changes_nothing() {
    let service = Service::mock().await;
    let before = control(&service, "GET", "/settings", &Value::Null).await;
    for (body, field) in [
        (json!({ "loginTokenSeconds": -1 }), "loginTokenSeconds"),
        (json!({ "loginTokenSeconds": "1" }), "loginTokenSeconds"),
        (json!({ "rotation": "grace=5s" }), "rotation"),
        (json!({ "graceSeconds": 5 }), "graceSeconds"),
        (json!({ "lockout": { "logins": 0, "perSeconds": 1, "forSeconds": 1 } }), "lockout"),
        (json!({ "lockout": { "logins": "5", "perSeconds": 1, "forSeconds": 1 } }), "lockout.logins"),
        (json!({ "lockout": { "logins": 5, "perSeconds": 0, "forSeconds": 1 } }), "lockout"),
        (json!({ "strictCasing": 1 }), "strictCasing"),
        (json!({ "refreshRejectedStatus": 500 }), "refreshRejectedStatus"),
        (json!({ "deviceTokenSunset": "soon" }), "deviceTokenSunset"),
        (json!({ "loginLockot": true }), "loginLockot"),
    ] {
        let answer = ask(&service, "PATCH", "/settings", &body).await;
        assert_eq!((answer.status.as_u16(), &answer.body["field"]), (400, &json!(field)), "{:?}", answer.body);
    }
    assert_eq!(control(&service, "GET", "/settings", &Value::Null).await, before);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_settings_of_a_get_can_be_sent_back() {
    let service = Service::mock().await;
    for change in [json!({}), json!({ "rotation": "grace", "graceSeconds": 7 }), json!({ "graceSeconds": 8 })] {
        control(&service, "PATCH", "/settings", &change).await;
        let shown = control(&service, "GET", "/settings", &Value::Null).await;
        assert_eq!(control(&service, "PATCH", "/settings", &shown).await, shown);
    }
    assert_eq!(control(&service, "GET", "/settings", &Value::Null).await["graceSeconds"], 8);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_change_to_the_rotation_grace_keeps_the_grace_period() {
    let service = Service::mock().with(json!({ "rotation": "grace", "graceSeconds": 30 })).await;
    let own = OwnInstance::create(&service, &json!({})).await;
    for changed in [
        own.control(&service, "PATCH", "/settings", &json!({ "rotation": "grace" })).await,
        control(&service, "PATCH", "/settings", &json!({ "rotation": "grace" })).await,
    ] {
        assert_eq!(changed["graceSeconds"], 30);
    }
}
