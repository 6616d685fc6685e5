//! How JSON bodies, headers and dates are read, and how dates are written.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service, Tokens};

const CREATE: &str = "/v1/Registration/Create";

async fn profile_of(service: &Service, registration: &Answer) -> Value {
    let tokens = Tokens::from_result(registration.result());
    service.profile(&tokens.access_token).await.result().clone()
}

#[tokio::test]
async fn null_means_not_given_in_every_field() {
    let service = Service::any().await;
    let body = json!({
        "CreateAccessToken": null, "FirstName": null, "LastName": null, "Nickname": null, "Phone": null, "Email": null,
        "MaritalStatus": null, "Country": null, "District": null, "City": null, "Address": null, "Gender": null,
        "Birthday": null, "ChildrenCount": null, "ImageUrl": null, "InstanceInviteCode": null, "UserFields": null,
        "CustomToken": null, "Password": null,
    });
    let nulls = profile_of(&service, &service.registration(&body).answer().await).await;
    let nothing = profile_of(&service, &service.registration(&json!({})).answer().await).await;
    assert_eq!(nulls["UserProfile"], nothing["UserProfile"]);
    assert_eq!(nulls["UserFields"], nothing["UserFields"]);
}

#[tokio::test]
async fn null_in_an_update_leaves_a_field_as_it_is() {
    let service = Service::any().await;
    let tokens = service.register(&json!({ "City": "London", "UserFields": { "ClientId": "c-1" } })).await;
    let body = json!({ "City": null, "Status": null, "UserFields": { "ClientId": null, "EnableTracking": null } });
    service.update(&tokens.access_token, &body).await.assert_success();
    let answer = service.profile(&tokens.access_token).await;
    assert_eq!(answer.result()["UserProfile"]["City"], "London");
    assert_eq!(answer.result()["UserFields"][0]["ClientId"], "c-1");
}

#[tokio::test]
async fn the_last_of_two_equal_properties_counts() {
    let service = Service::any().await;
    for (body, city) in [
        (r#"{"City":"A","City":"B"}"#, json!("B")),
        (r#"{"City":"A","city":"B","CITY":"C"}"#, json!("C")),
        (r#"{"City":"A","city":null}"#, Value::Null),
        (r#"{"City":7,"city":"B"}"#, json!("B")),
    ] {
        let request = service.request("POST", CREATE).with_instance(&service).text("application/json", body);
        let record = profile_of(&service, &request.answer().await).await;
        assert_eq!(record["UserProfile"]["City"], city, "{body}");
    }
}

#[tokio::test]
async fn a_boolean_may_be_a_word_in_any_letter_case_and_nothing_else() {
    let service = Service::any().await;
    for (given, read) in
        [(json!(false), false), (json!("false"), false), (json!("FALSE"), false), (json!("True"), true)]
    {
        let body = json!({ "UserFields": { "EnableTracking": given } });
        let record = profile_of(&service, &service.registration(&body).answer().await).await;
        assert_eq!(record["UserFields"][0]["EnableTracking"], read, "{given}");
    }
    for given in [json!("yes"), json!(""), json!(1), json!("0"), json!([true]), json!({})] {
        let body = json!({ "UserFields": { "EnableTracking": given } });
        service.registration(&body).answer().await.assert_invalid("UserFields.EnableTracking");
    }
}

#[tokio::test]
async fn an_integer_may_be_a_string_of_digits_and_nothing_else() {
    let service = Service::any().await;
    for given in [json!(0), json!("0"), json!(" 0 ")] {
        let record =
            profile_of(&service, &service.registration(&json!({ "ChildrenCount": given })).answer().await).await;
        assert_eq!(record["UserProfile"]["ChildrenCount"], 0, "{given}");
    }
    for given in [json!("three"), json!(""), json!(1.5), json!("-1"), json!(true), json!(4_294_967_296_u64)] {
        service.registration(&json!({ "ChildrenCount": given })).answer().await.assert_invalid("ChildrenCount");
    }
}

#[tokio::test]
async fn dates_are_read_with_or_without_a_time_and_written_without_a_zone() {
    let service = Service::any().await;
    for (given, written) in [
        ("1990-05-06", "1990-05-06T00:00:00"),
        ("1990-05-06T07:08:09", "1990-05-06T07:08:09"),
        ("1990-05-06T07:08:09Z", "1990-05-06T07:08:09"),
        ("1990-05-06T07:08:09.25Z", "1990-05-06T07:08:09.25"),
        ("1990-05-06T01:08:09+02:00", "1990-05-05T23:08:09"),
        ("1912-02-29", "1912-02-29T00:00:00"),
    ] {
        let record = profile_of(&service, &service.registration(&json!({ "Birthday": given })).answer().await).await;
        assert_eq!(record["UserProfile"]["Birthday"], written, "{given}");
    }
    for given in [json!("06.05.1990"), json!("1990-02-30"), json!("1990"), json!(""), json!(19_900_506)] {
        service.registration(&json!({ "Birthday": given })).answer().await.assert_invalid("Birthday");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn date_created_is_the_time_of_the_registration_without_a_zone() {
    let service = Service::mock().frozen().await;
    let record = profile_of(&service, &service.registration(&json!({})).answer().await).await;
    assert_eq!(record["DateCreated"], "2026-01-01T00:00:00");
    service.advance("PT1H0.25S").await;
    let record = profile_of(&service, &service.registration(&json!({})).answer().await).await;
    assert_eq!(record["DateCreated"], "2026-01-01T01:00:00.25");
}

#[tokio::test]
async fn every_application_type_that_ends_in_plus_json_is_json() {
    let service = Service::any().await;
    for content_type in ["Application/JSON", "application/vnd.api+json", "application/json-patch+json;charset=UTF-8"] {
        let request = service.request("POST", CREATE).with_instance(&service).text(content_type, "{}");
        request.answer().await.assert_success();
    }
    for content_type in ["application/+json", "text/x+json", "application/jsonp", "json"] {
        let request = service.request("POST", CREATE).with_instance(&service).text(content_type, "{}");
        request.answer().await.assert_failure(415);
    }
}

#[tokio::test]
async fn an_empty_header_counts_as_absent() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    // A present `Authorization` header would take precedence and be refused.
    let request = service.get("/v1/Management/users").header("Authorization", "");
    let request = request.header("DeviceToken", &tokens.device_token).with_instance(&service);
    request.answer().await.assert_success();
    let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
    let request = service.post("/v1/Auth/RefreshToken", &body).header("InstanceId", "").header("InstanceKey", " ");
    request.answer().await.assert_success();
}

#[tokio::test]
async fn a_failure_never_repeats_the_request() {
    let service = Service::any().await;
    for body in [
        json!({ "Gender": "canary", "Password": "canary" }),
        json!({ "UserFields": { "Enabled": "canary" } }),
        json!({ "Birthday": "canary" }),
        json!({ "CustomToken": "canary" }),
        json!("canary"),
    ] {
        let answer = service.registration(&body).answer().await;
        answer.assert_failure(422);
        assert!(!answer.body.to_string().contains("canary"), "{:?}", answer.body);
    }
    for body in [
        json!({ "LoginFields": "canary", "Password": "p" }),
        json!({ "LoginFields": { "DeviceToken": "canary" }, "Password": "canary" }),
        json!({ "LoginFields": { "DeviceToken": {} }, "Password": ["canary"] }),
    ] {
        let answer = service.post("/v1/Auth/Login", &body).header("InstanceId", &service.instance_id).answer().await;
        assert!(answer.status.is_client_error());
        assert!(!answer.body.to_string().contains("canary"), "{:?}", answer.body);
    }
}
