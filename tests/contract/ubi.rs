//! Users of an instance with the product UBI, who log in with a phone number or an e-mail address and a password.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, DEMO, NOBODY, Service, Tokens, UBI};

const CREATE: &str = "/v1/Registration/Create";

async fn register(service: &Service, body: &Value) -> Answer {
    service.post(CREATE, body).with_instance(&UBI).answer().await
}

async fn delivered(service: &Service, to: &str) -> String {
    service.outbox(to).await[0]["password"].as_str().expect("a password").to_owned()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_registration_requires_a_phone_number_or_an_email_address() {
    let service = Service::mock().await;
    for body in [json!({}), json!({ "Password": "p" }), json!({ "Email": "", "Phone": " " })] {
        register(&service, &body).await.assert_invalid("Email");
    }
    register(&service, &json!({ "Phone": "+1" })).await.assert_success();
    register(&service, &json!({ "Email": "ada@example.com" })).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_generated_password_is_sent_by_sms_and_works() {
    let service = Service::mock().await;
    let registered = register(&service, &json!({ "Phone": "+44123" })).await.tokens();
    let [message]: [Value; 1] = service.outbox("+44123").await.try_into().expect("one message");
    assert_eq!((&message["to"], &message["channel"]), (&json!("+44123"), &json!("sms")));
    let password = message["password"].as_str().unwrap();
    assert!(message["text"].as_str().unwrap().contains(password));
    let tokens = service.sign_in(Some(&UBI), &json!({ "Phone": "+44123" }), password).answer().await.tokens();
    assert_eq!(tokens.device_token, registered.device_token);
    assert_eq!(tokens.expires_in, 86_400);
    service.profile(&tokens.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_generated_password_is_sent_by_email_and_works() {
    let service = Service::mock().await;
    register(&service, &json!({ "Email": "ada@example.com" })).await.assert_success();
    let [message]: [Value; 1] = service.outbox("ada@example.com").await.try_into().expect("one message");
    assert_eq!(message["channel"], "email");
    let password = message["password"].as_str().unwrap();
    service.sign_in(Some(&UBI), &json!({ "Email": "ada@example.com" }), password).answer().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn phone_number_and_email_address_are_both_logins_and_both_receive_the_password() {
    let service = Service::mock().await;
    register(&service, &json!({ "Email": "ada@example.com", "Phone": "+1" })).await.assert_success();
    let password = delivered(&service, "+1").await;
    assert_eq!(delivered(&service, "ada@example.com").await, password);
    for fields in [json!({ "Email": "ada@example.com" }), json!({ "Phone": "+1" })] {
        service.sign_in(Some(&UBI), &fields, &password).answer().await.assert_success();
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_given_password_is_set_and_sent() {
    let service = Service::mock().await;
    register(&service, &json!({ "Phone": "+1", "Password": "correct horse" })).await.assert_success();
    assert_eq!(delivered(&service, "+1").await, "correct horse");
    service.sign_in(Some(&UBI), &json!({ "Phone": "+1" }), "correct horse").answer().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn generated_passwords_differ() {
    let service = Service::mock().await;
    register(&service, &json!({ "Phone": "+1" })).await.assert_success();
    register(&service, &json!({ "Phone": "+2" })).await.assert_success();
    assert_ne!(delivered(&service, "+1").await, delivered(&service, "+2").await);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn only_the_outbox_contains_a_password() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    let registered = register(&service, &json!({ "Phone": "+1", "Password": "canary" })).await;
    let record = service.profile(&registered.tokens().access_token).await;
    let found = service.get("/v1/Management/users/find").query(&[("Phone", "+1")]).bearer(&admin).answer().await;
    let exists = service.get("/v1/Check/UserExists").query(&[("Phone", "+1")]).with_instance(&UBI).answer().await;
    for answer in [registered, record, found, exists] {
        assert!(!answer.result().to_string().contains("canary"), "{answer:?}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_login_is_unique_in_an_instance_but_not_across_instances() {
    let service = Service::mock().await;
    let (phone, email) = (json!({ "Phone": "+1" }), json!({ "Email": "ada@example.com" }));
    register(&service, &phone).await.assert_success();
    register(&service, &email).await.assert_success();
    register(&service, &phone).await.assert_invalid("Phone");
    register(&service, &email).await.assert_invalid("Email");
    register(&service, &json!({ "Phone": "+2", "Email": "ada@example.com" })).await.assert_invalid("Email");
    // A refused registration leaves no data behind.
    register(&service, &json!({ "Phone": "+2" })).await.assert_success();
    for _ in 0..2 {
        service.post(CREATE, &email).with_instance(&DEMO).answer().await.assert_success();
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn email_addresses_are_compared_without_letter_case_on_registration_and_login() {
    let service = Service::mock().await;
    register(&service, &json!({ "Email": "Ada@Example.com", "Password": "p" })).await.assert_success();
    register(&service, &json!({ "Email": "ada@example.COM" })).await.assert_invalid("Email");
    for email in ["Ada@Example.com", "ada@example.com", "ADA@EXAMPLE.COM"] {
        for name in ["Email", "email"] {
            service.sign_in(Some(&UBI), &json!({ name: email }), "p").answer().await.assert_success();
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn email_addresses_are_compared_without_letter_case_on_an_update() {
    let service = Service::mock().await;
    register(&service, &json!({ "Email": "ada@example.com" })).await.assert_success();
    let bob = register(&service, &json!({ "Email": "bob@example.com" })).await.tokens();
    service.update(&bob.access_token, &json!({ "Email": "ADA@example.com" })).await.assert_invalid("Email");
    service.update(&bob.access_token, &json!({ "Email": "BOB@example.com" })).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_update_changes_the_login_and_frees_the_old_one() {
    let service = Service::mock().await;
    let ada = register(&service, &json!({ "Email": "ada@example.com", "Password": "p" })).await.tokens();
    service.update(&ada.access_token, &json!({ "Email": "ada@example.org" })).await.assert_success();
    let sign_in = |email: &str| service.sign_in(Some(&UBI), &json!({ "Email": email }), "p").answer();
    sign_in("ada@example.org").await.assert_success();
    sign_in("ada@example.com").await.assert_failure(401);
    register(&service, &json!({ "Email": "ada@example.com" })).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_failed_login_by_password_gets_the_same_answer() {
    let service = Service::mock().await;
    register(&service, &json!({ "Email": "ada@example.com", "Phone": "+1", "Password": "p" })).await.assert_success();
    let (ada, phone) = (json!({ "Email": "ada@example.com" }), json!({ "Phone": "+1" }));
    let mut answers = Vec::new();
    for request in [
        service.sign_in(Some(&UBI), &ada, "wrong"),
        service.sign_in(Some(&UBI), &ada, ""),
        service.sign_in(Some(&UBI), &ada, UBI.key),
        service.sign_in(Some(&UBI), &phone, "wrong"),
        service.sign_in(Some(&UBI), &json!({ "Email": "nobody@example.com" }), "p"),
        service.sign_in(Some(&UBI), &json!({ "Phone": "ada@example.com" }), "p"),
        service.sign_in(Some(&DEMO), &ada, "p"),
        service.sign_in(None, &ada, "p").header("InstanceId", NOBODY),
    ] {
        let answer = request.answer().await;
        answer.assert_failure(401);
        answers.push(answer.body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_login_by_phone_requires_the_instance_id() {
    let service = Service::mock().await;
    service.sign_in(None, &json!({ "Phone": "+1" }), "p").answer().await.assert_invalid("InstanceId");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_email_address_without_an_instance_id_can_only_belong_to_an_admin() {
    let service = Service::mock().await;
    register(&service, &json!({ "Email": "ada@example.com", "Password": "p" })).await.assert_success();
    service.sign_in(None, &json!({ "Email": "ada@example.com" }), "p").answer().await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_with_a_password_also_logs_in_by_device_token() {
    let service = Service::mock().await;
    let user = register(&service, &json!({ "Phone": "+1" })).await.tokens().device_token;
    let fields = json!({ "DeviceToken": user });
    service.sign_in(Some(&UBI), &fields, UBI.key).answer().await.assert_success();
    service.sign_in(Some(&UBI), &fields, &delivered(&service, "+1").await).answer().await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invite_code_of_a_ubi_instance_has_the_same_rules() {
    let service = Service::mock().await;
    let create = |body: Value| service.post(CREATE, &body).answer();
    create(json!({ "InstanceInviteCode": UBI.invite_code })).await.assert_invalid("Email");
    let body = json!({ "InstanceInviteCode": UBI.invite_code, "Phone": "+1", "CreateAccessToken": false });
    create(body).await.assert_success();
    let password = delivered(&service, "+1").await;
    service.sign_in(Some(&UBI), &json!({ "Phone": "+1" }), &password).answer().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_batch_in_a_ubi_instance_is_422() {
    let service = Service::mock().await;
    let request = service.post("/v1/Registration/CreateMultiple", &json!({ "Quantity": 2 })).with_instance(&UBI);
    request.answer().await.assert_failure(422);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_ubi_no_password_is_set_or_sent() {
    let service = Service::mock().await;
    let body = json!({ "Email": "ada@example.com", "Password": "p" });
    let tokens = Tokens::from_result(service.registration(&body).answer().await.result());
    assert!(service.outbox("ada@example.com").await.is_empty());
    service.sign_in(Some(&DEMO), &json!({ "Email": "ada@example.com" }), "p").answer().await.assert_failure(401);
    let body = json!({ "OldPassword": "p", "NewPassword": "q" });
    service.update(&tokens.access_token, &body).await.assert_invalid("OldPassword");
}
