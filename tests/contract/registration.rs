//! Registration of one user.

use serde_json::{Value, json};
use telematics_contract_tests::{DEMO, NOBODY, Service, UBI, unused_uuid};

#[tokio::test]
async fn an_empty_object_registers_a_user_with_a_working_access_token() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    assert_eq!(tokens.expires_in, 432_000);
    assert_eq!(service.profile(&tokens.access_token).await.result()["DeviceToken"], tokens.device_token);
}

#[tokio::test]
async fn registering_twice_makes_two_users() {
    let service = Service::any().await;
    let (one, two) = (service.register(&json!({})).await, service.register(&json!({})).await);
    assert_ne!(one.device_token, two.device_token);
    assert_ne!(one.refresh_token, two.refresh_token);
}

#[tokio::test]
async fn the_telematics_parameters_have_the_defaults_of_the_specification() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let profile = service.profile(&tokens.access_token).await;
    let expected = json!([{ "ClientId": null, "EnableLogging": false, "EnableRealTimeLocation": false,
        "EnableTracking": true, "Enabled": true }]);
    assert_eq!(profile.result()["UserFields"], expected);
}

#[tokio::test]
async fn every_field_of_a_registration_is_read_back() {
    let service = Service::any().await;
    let given = json!({
        "FirstName": "Ada", "LastName": "Lovelace", "Nickname": "ada", "Phone": "+44123", "Email": "ada@example.com",
        "Gender": "female", "MaritalStatus": "1", "ChildrenCount": 3, "Country": "GB", "District": "Middlesex",
        "City": "London", "Address": "12 St James's Square", "ImageUrl": "https://example.com/ada.png",
    });
    let mut body = given.clone();
    body["Birthday"] = json!("1815-12-10T06:19:18.837Z");
    body["UserFields"] = json!({ "EnableTracking": false, "EnableLogging": true, "EnableRealtimeLocation": true,
        "Enabled": true, "ClientId": "c-1" });
    let tokens = service.register(&body).await;
    let answer = service.profile(&tokens.access_token).await;
    let record = answer.result();
    for (name, value) in given.as_object().unwrap() {
        let value = if name == "Gender" { &json!("Female") } else { value };
        assert_eq!(&record["UserProfile"][name], value, "{name}");
    }
    assert_eq!(record["UserProfile"]["Birthday"], "1815-12-10T06:19:18.837");
    let fields = json!([{ "ClientId": "c-1", "EnableLogging": true, "EnableRealTimeLocation": true,
        "EnableTracking": false, "Enabled": true }]);
    assert_eq!(record["UserFields"], fields);
}

#[tokio::test]
async fn without_create_access_token_there_are_no_tokens_until_a_login() {
    let service = Service::any().await;
    for name in ["CreateAccessToken", "GenerateAccessToken"] {
        let answer = service.registration(&json!({ name: false })).answer().await;
        let result = answer.result();
        assert_eq!((&result["AccessToken"], &result["RefreshToken"]), (&Value::Null, &Value::Null), "{name}");
        assert!(result.as_object().unwrap().contains_key("AccessToken"), "null, not absent");
        let device_token = result["DeviceToken"].as_str().unwrap();
        assert_eq!(service.login(device_token).await.tokens().device_token, device_token);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invite_code_registers_without_valid_headers() {
    let service = Service::mock().await;
    let body = json!({ "InstanceInviteCode": "DEMO01" });
    let create = || service.post("/v1/Registration/Create", &body);
    create().answer().await.assert_success();
    create().header("InstanceId", "nonsense").answer().await.assert_success();
    let unknown = json!({ "InstanceInviteCode": "NOBODY" });
    service.registration(&unknown).answer().await.assert_failure(404);
}

#[tokio::test]
async fn a_custom_token_becomes_the_device_token_and_cannot_be_used_twice() {
    let service = Service::any().await;
    let token = unused_uuid();
    let body = json!({ "CustomToken": token.to_uppercase() });
    let tokens = service.register(&body).await;
    assert_eq!(tokens.device_token, token);
    service.registration(&body).answer().await.assert_invalid("CustomToken");
    service.registration(&json!({ "CustomToken": "mine" })).answer().await.assert_invalid("CustomToken");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_custom_token_can_be_combined_with_an_invite_code() {
    let service = Service::mock().await;
    let body = json!({ "InstanceInviteCode": DEMO.invite_code, "CustomToken": NOBODY });
    let answer = service.post("/v1/Registration/Create", &body).answer().await;
    assert_eq!(answer.tokens().device_token, NOBODY);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invite_code_takes_precedence_over_the_headers_of_another_instance() {
    let service = Service::mock().await;
    let body = json!({ "InstanceInviteCode": DEMO.invite_code });
    let tokens = service.post("/v1/Registration/Create", &body).with_instance(&UBI).answer().await.tokens();
    let record = service.profile(&tokens.access_token).await;
    assert_eq!(record.result()["AccountInfo"]["InstanceId"], DEMO.id);
}

#[tokio::test]
async fn the_gender_is_one_of_four_names_in_any_letter_case() {
    let service = Service::any().await;
    for (given, read) in [
        (json!(null), "None"),
        (json!("none"), "None"),
        (json!("MALE"), "Male"),
        (json!("Female"), "Female"),
        (json!("oTHER"), "Other"),
    ] {
        let tokens = service.register(&json!({ "Gender": given })).await;
        assert_eq!(service.profile(&tokens.access_token).await.result()["UserProfile"]["Gender"], read);
    }
    for given in [json!("Diverse"), json!(""), json!(1), json!(["Male"])] {
        service.registration(&json!({ "Gender": given })).answer().await.assert_invalid("Gender");
    }
}

#[tokio::test]
async fn the_marital_status_is_free_text_including_the_word_null() {
    let service = Service::any().await;
    for given in ["1", "2", "3", "4", "null", "Married", ""] {
        let tokens = service.register(&json!({ "MaritalStatus": given })).await;
        assert_eq!(service.profile(&tokens.access_token).await.result()["UserProfile"]["MaritalStatus"], given);
    }
}

#[tokio::test]
async fn every_absent_telematics_parameter_has_its_default() {
    let service = Service::any().await;
    for fields in [json!(null), json!({}), json!({ "EnableTracking": true }), json!({ "Shoe": 44 })] {
        let tokens = service.register(&json!({ "UserFields": fields })).await;
        let record = service.profile(&tokens.access_token).await;
        let expected = json!({ "ClientId": null, "EnableLogging": false, "EnableRealTimeLocation": false,
            "EnableTracking": true, "Enabled": true });
        assert_eq!(record.result()["UserFields"][0], expected, "{fields}");
    }
}

#[tokio::test]
async fn a_client_id_outside_user_fields_is_ignored() {
    let service = Service::any().await;
    let tokens = service.register(&json!({ "ClientId": "c-1" })).await;
    assert_eq!(service.profile(&tokens.access_token).await.result()["UserFields"][0]["ClientId"], Value::Null);
}

#[tokio::test]
async fn an_empty_invite_code_means_that_none_is_given() {
    let service = Service::any().await;
    for code in ["", " "] {
        service.registration(&json!({ "InstanceInviteCode": code })).answer().await.assert_success();
        let without = service.post("/v1/Registration/Create", &json!({ "InstanceInviteCode": code })).answer().await;
        without.assert_invalid("InstanceId");
    }
}
