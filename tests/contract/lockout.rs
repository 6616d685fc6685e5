//! The lockout after too many logins.

use serde_json::{Value, json};
use telematics_contract_tests::{ADMIN_EMAIL, Answer, DEMO, Instance, NOBODY, Service, UBI};

fn lockout() -> Value {
    json!({ "loginLockout": true })
}

async fn try_to_log_in(service: &Service, instance: &Instance) -> Answer {
    service.sign_in(Some(instance), &json!({ "DeviceToken": NOBODY }), instance.key).answer().await
}

async fn lock_out(service: &Service) {
    for _ in 0..5 {
        try_to_log_in(service, &DEMO).await.assert_failure(401);
    }
    try_to_log_in(service, &DEMO).await.assert_failure(429);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_sixth_login_within_a_minute_is_429_with_retry_after() {
    let service = Service::mock().frozen().with(lockout()).await;
    lock_out(&service).await;
    let answer = try_to_log_in(&service, &DEMO).await;
    answer.assert_failure(429);
    assert_eq!(answer.header("retry-after"), "3600");
    service.advance("PT20M").await;
    let answer = try_to_log_in(&service, &DEMO).await;
    answer.assert_failure(429);
    assert_eq!(answer.header("retry-after"), "2400");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_address_is_blocked_for_an_hour_even_for_a_correct_login() {
    let service = Service::mock().frozen().with(lockout()).await;
    let user = service.register(&json!({})).await;
    lock_out(&service).await;
    service.advance("PT59M59S").await;
    service.login(&user.device_token).await.assert_failure(429);
    service.advance("1s").await;
    service.login(&user.device_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn correct_logins_count_too() {
    let service = Service::mock().frozen().with(lockout()).await;
    let user = service.register(&json!({})).await;
    for _ in 0..5 {
        service.login(&user.device_token).await.assert_success();
    }
    service.login(&user.device_token).await.assert_failure(429);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn five_logins_per_minute_are_allowed() {
    let service = Service::mock().frozen().with(lockout()).await;
    for _ in 0..3 {
        for _ in 0..5 {
            try_to_log_in(&service, &DEMO).await.assert_failure(401);
        }
        service.advance("60s").await;
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn logins_are_counted_separately_for_each_instance() {
    let service = Service::mock().frozen().with(lockout()).await;
    lock_out(&service).await;
    try_to_log_in(&service, &UBI).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn logins_are_counted_separately_for_each_address() {
    let service = Service::mock().with(lockout()).trust_forwarded_for().await;
    let from = |address: &str| {
        let request = service.sign_in(Some(&DEMO), &json!({ "DeviceToken": NOBODY }), DEMO.key);
        request.header("X-Forwarded-For", address).answer()
    };
    for _ in 0..5 {
        from("192.0.2.1").await.assert_failure(401);
    }
    from("198.51.100.7, 192.0.2.1").await.assert_failure(429);
    from("192.0.2.2").await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn x_forwarded_for_is_ignored_by_default() {
    let service = Service::mock().frozen().with(lockout()).await;
    lock_out(&service).await;
    let request = service.sign_in(Some(&DEMO), &json!({ "DeviceToken": NOBODY }), DEMO.key);
    request.header("X-Forwarded-For", "192.0.2.1").answer().await.assert_failure(429);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn only_logins_are_locked_out() {
    let service = Service::mock().frozen().with(lockout()).await;
    let user = service.register(&json!({})).await;
    lock_out(&service).await;
    service.register(&json!({})).await;
    service.refresh(&user).await.assert_success();
    service.profile(&user.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_lockout_is_off_by_default() {
    let service = Service::mock().await;
    for _ in 0..20 {
        try_to_log_in(&service, &DEMO).await.assert_failure(401);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_limits_of_the_lockout_are_a_setting() {
    let limits = json!({ "loginLockout": true, "lockout": { "logins": 2, "perSeconds": 3600, "forSeconds": 30 } });
    let service = Service::mock().frozen().with(limits).await;
    for _ in 0..2 {
        try_to_log_in(&service, &DEMO).await.assert_failure(401);
        service.advance("10m").await;
    }
    let refused = try_to_log_in(&service, &DEMO).await;
    refused.assert_failure(429);
    assert_eq!(refused.header("retry-after"), "30");
    service.advance("30s").await;
    try_to_log_in(&service, &DEMO).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn logins_with_unknown_instances_count_together() {
    let service = Service::mock().frozen().with(lockout()).await;
    let guess = async |number: u8| {
        let request = service.sign_in(None, &json!({ "Email": ADMIN_EMAIL }), "wrong");
        request.header("InstanceId", format!("00000000-0000-4000-8000-0000000000{number:02}")).answer().await
    };
    for number in 10..15 {
        guess(number).await.assert_failure(401);
    }
    guess(15).await.assert_failure(429);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_clock_that_is_set_back_does_not_prolong_a_block() {
    let service = Service::mock().frozen().with(lockout()).await;
    service.advance("100d").await;
    lock_out(&service).await;
    let back = service.request("DELETE", "/__mock/clock").header("Content-Type", "application/json").answer().await;
    assert_eq!(back.status, 200, "{:?}", back.body);
    try_to_log_in(&service, &DEMO).await.assert_failure(401);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_last_address_of_x_forwarded_for_is_that_of_the_client() {
    let service = Service::mock().with(lockout()).trust_forwarded_for().await;
    for number in 0..6 {
        let request = service.sign_in(Some(&DEMO), &json!({ "DeviceToken": NOBODY }), DEMO.key);
        let answer = request.header("X-Forwarded-For", format!("6.6.6.{number}, 192.0.2.1")).answer().await;
        answer.assert_failure(if number < 5 { 401 } else { 429 });
    }
}
