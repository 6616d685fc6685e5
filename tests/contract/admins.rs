//! Admins: their login, their tokens and their permissions.

use serde_json::{Value, json};
use telematics_contract::{Access, Call};
use telematics_contract_tests::{ADMIN_EMAIL, ADMIN_PASSWORD, Answer, DEMO, NOBODY, Service, UBI, path_with};

async fn sign_in(service: &Service) -> Value {
    let answer = service.sign_in(None, &json!({ "Email": ADMIN_EMAIL }), ADMIN_PASSWORD).answer().await;
    answer.result().clone()
}

async fn refresh(service: &Service, result: &Value) -> Answer {
    let body = json!({ "AccessToken": result["AccessToken"]["Token"], "RefreshToken": result["RefreshToken"] });
    service.post("/v1/Auth/RefreshToken", &body).answer().await
}

async fn may_manage(service: &Service, access_token: &str) -> Answer {
    service.post("/v1/Management/users/GetFilteredPage", &json!({})).bearer(access_token).answer().await
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_logs_in_by_email_address_and_has_no_device_token() {
    let service = Service::mock().await;
    let result = sign_in(&service).await;
    assert!(result.get("DeviceToken").is_none(), "{result}");
    assert_eq!(result["AccessToken"]["ExpiresIn"], 86_400);
    may_manage(&service, result["AccessToken"]["Token"].as_str().unwrap()).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_logs_in_with_or_without_an_instance_id() {
    let service = Service::mock().await;
    for instance in [None, Some(&DEMO), Some(&UBI)] {
        for fields in [json!({ "Email": ADMIN_EMAIL }), json!({ "email": "Admin@Example.COM" })] {
            service.sign_in(instance, &fields, ADMIN_PASSWORD).answer().await.assert_success();
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_unknown_admin_and_a_wrong_password_get_the_same_answer() {
    let service = Service::mock().await;
    let wrong = |email: &str, password: &str| service.sign_in(None, &json!({ "Email": email }), password).answer();
    let (password, email) = (wrong(ADMIN_EMAIL, "wrong").await, wrong("nobody@example.com", ADMIN_PASSWORD).await);
    password.assert_failure(401);
    assert_eq!(password.body, email.body);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_refreshes_like_a_user() {
    let service = Service::mock().frozen().await;
    let first = sign_in(&service).await;
    service.advance("P1D").await;
    may_manage(&service, first["AccessToken"]["Token"].as_str().unwrap()).await.assert_failure(401);
    let answer = refresh(&service, &first).await;
    let second = answer.result();
    assert!(second.get("DeviceToken").is_none(), "{second}");
    assert_eq!(second["AccessToken"]["ExpiresIn"], 86_400);
    assert_ne!(second["RefreshToken"], first["RefreshToken"]);
    may_manage(&service, second["AccessToken"]["Token"].as_str().unwrap()).await.assert_success();
    // The used token revokes the family, like the used token of a user.
    refresh(&service, &first).await.assert_failure(401);
    refresh(&service, second).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_login_of_an_admin_supersedes_the_earlier_refresh_token() {
    let service = Service::mock().await;
    let (first, second) = (sign_in(&service).await, sign_in(&service).await);
    refresh(&service, &first).await.assert_failure(401);
    refresh(&service, &second).await.assert_success();
}

#[tokio::test]
async fn every_admin_call_is_403_for_a_user() {
    let service = Service::any().await;
    let tokens = service.register(&json!({})).await;
    let mut asked = 0;
    for call in Call::ALL.into_iter().filter(|call| call.endpoint().access == Access::Admin) {
        let endpoint = call.endpoint();
        let path = path_with(endpoint.path, &tokens.device_token);
        let request = service.request(endpoint.method.as_str(), &path).json(&json!({})).bearer(&tokens.access_token);
        request.answer().await.assert_failure(403);
        asked += 1;
    }
    assert_eq!(asked, 17);
    service.profile(&tokens.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_call_about_the_callers_own_record_is_403_for_an_admin() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    for call in Call::ALL.into_iter().filter(|call| call.endpoint().access == Access::User) {
        let endpoint = call.endpoint();
        let path = path_with(endpoint.path, "DEMO01");
        let request = service.request(endpoint.method.as_str(), &path).json(&json!({})).bearer(&admin);
        request.answer().await.assert_failure(403);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_call_about_an_unknown_user_is_404() {
    let service = Service::mock().await;
    let admin = service.admin().await;
    for nobody in [NOBODY, "nonsense", ADMIN_EMAIL] {
        service.manage(&admin, nobody, &json!({ "City": "Paris" })).await.assert_failure(404);
        let path = format!("/v1/Management/users/{nobody}");
        service.request("DELETE", &path).bearer(&admin).answer().await.assert_failure(404);
        let change = json!({ "DeviceToken": nobody, "ToInstanceId": UBI.id, "ToInstanceKey": UBI.key });
        let request = service.post("/v1/Management/users/instances/change", &change).bearer(&admin);
        request.answer().await.assert_failure(404);
    }
}
