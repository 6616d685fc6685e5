//! Advice: each test plays an app that makes one mistake, or one that behaves well.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, MachineTime, Mock, Service, Tokens, page};
use telematics_mock_core::control::advice::Rule;

use crate::api::OwnInstance;

const REFRESH: &str = "/v1/Auth/RefreshToken";

/// A service with an instance of its own. The machine's time stands still, so that no request comes late on a busy machine.
async fn setting() -> (Service, OwnInstance) {
    setting_with(&json!({})).await
}

async fn setting_with(settings: &Value) -> (Service, OwnInstance) {
    started(Service::mock().machine_time_stands_still(), settings).await
}

/// A service with an instance of its own and a machine whose time moves when the test moves it.
async fn setting_with_time(settings: &Value) -> (Service, OwnInstance, MachineTime) {
    let time = MachineTime::default();
    let (service, own) = started(Service::mock().machine_time(&time), settings).await;
    (service, own, time)
}

async fn started(mock: Mock, settings: &Value) -> (Service, OwnInstance) {
    let service = mock.await;
    let own = OwnInstance::create(&service, &json!({ "settings": settings })).await;
    (service, own)
}

impl OwnInstance {
    async fn advice(&self, service: &Service) -> Vec<Value> {
        let answer = self.control(service, "GET", "/advice", &Value::Null).await;
        answer["advice"].as_array().unwrap().clone()
    }

    /// The rules of the findings, in their order.
    async fn rules(&self, service: &Service) -> Vec<String> {
        self.advice(service).await.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    }

    async fn log_in(&self, service: &Service, device_token: &str) -> Answer {
        let body = json!({ "LoginFields": { "Devicetoken": device_token }, "Password": self.key });
        service.post("/v1/Auth/Login", &body).header("InstanceId", &self.id).answer().await
    }

    async fn add_fault(&self, service: &Service, path: &str, then: Value) {
        let fault = json!({ "match": { "path": path }, "times": 1, "then": then });
        self.control(service, "POST", "/faults", &fault).await;
    }

    async fn expire(&self, service: &Service, tokens: &Tokens, which: &str) {
        let body = json!({ "deviceToken": tokens.device_token, "which": which });
        self.control(service, "POST", "/tokens/expire", &body).await;
    }

    async fn with_device_token(&self, service: &Service, tokens: &Tokens) -> Answer {
        let request = service.get("/v1/Management/users").header("DeviceToken", &tokens.device_token);
        request.header("InstanceId", &self.id).header("InstanceKey", &self.key).answer().await
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_finding_has_a_count_an_example_and_the_way_out() {
    let (service, own) = setting().await;
    assert_eq!(own.control(&service, "GET", "/advice", &Value::Null).await, json!({ "advice": [] }));
    for query in ["", "?page=2"] {
        let request = service.post(&format!("/v1/registration{query}"), &json!({})).header("InstanceId", &own.id);
        request.answer().await.assert_failure(404);
    }
    let journal = own.control(&service, "GET", "/requests", &Value::Null).await;
    let [finding] = &*own.advice(&service).await else { panic!("one finding") };
    let expected = json!({
        "rule": "unknown-path", "title": "The path does not exist", "level": "error", "count": 2,
        "message": "POST /v1/registration does not exist; did you mean POST /v1/Registration/Create?",
        "wayOut": "Call the path that the message names.",
        "example": {
            "request": journal[0]["number"], "method": "POST", "path": "/v1/registration", "status": 404,
            "at": journal[0]["at"],
        },
        "first": journal[0]["number"], "last": journal[1]["number"],
    });
    assert_eq!(*finding, expected);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn each_instance_has_its_own_advice_until_it_is_cleared_or_reset() {
    let (service, own) = setting().await;
    let other = OwnInstance::create(&service, &json!({})).await;
    let mistake = async || {
        let body = json!({ "ClientId": "c-1" });
        own.register_with(&service, &body).await.assert_success();
        other.register_with(&service, &body).await.assert_success();
    };
    mistake().await;
    own.control(&service, "DELETE", "/advice", &json!({})).await;
    assert!(own.rules(&service).await.is_empty());
    assert_eq!(other.rules(&service).await, ["misplaced-field"]);
    mistake().await;
    let all = crate::api::control(&service, "GET", "/advice", &Value::Null).await;
    assert_eq!(all["advice"][0]["count"], 3, "the server has the advice of every instance");
    own.control(&service, "POST", "/reset", &json!({})).await;
    assert!(own.rules(&service).await.is_empty());
    assert_eq!(other.rules(&service).await, ["misplaced-field"]);
    crate::api::control(&service, "DELETE", &format!("/instances/{}", other.id), &json!({})).await;
    let all = crate::api::control(&service, "GET", "/advice", &Value::Null).await;
    assert_eq!(all, json!({ "advice": [] }));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn advice_needs_no_journal_and_no_snapshot_contains_it() {
    let service = Service::mock().journal_size(0).await;
    let own = OwnInstance::create(&service, &json!({})).await;
    own.register_with(&service, &json!({ "ClientId": "c-1" })).await.assert_success();
    assert_eq!(own.rules(&service).await, ["misplaced-field"]);
    let state = own.control(&service, "GET", "/state", &Value::Null).await;
    assert!(!state.to_string().contains("misplaced-field"));
    own.control(&service, "PUT", "/state", &state).await;
    assert_eq!(own.rules(&service).await, ["misplaced-field"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_retries_a_lost_refresh_makes_no_mistake_in_a_restored_state() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    let state = own.control(&service, "GET", "/state", &Value::Null).await;
    let newer = service.refresh(&tokens).await.tokens();
    service.profile(&newer.access_token).await.assert_success();
    own.control(&service, "PUT", "/state", &state).await;
    own.add_fault(&service, REFRESH, json!({ "commitThenDrop": true })).await;
    let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
    assert!(!service.post(REFRESH, &body).is_answered().await);
    service.refresh(&tokens).await.assert_failure(401);
    assert!(own.rules(&service).await.is_empty(), "{:?}", own.advice(&service).await);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_mistake_of_one_request_gets_the_rule_of_its_hint() {
    let (service, own) = setting().await;
    let (admin, user) = (service.admin().await, own.register(&service).await);
    let login = json!({ "LoginFields": { "deviceToken": user.device_token }, "Password": "x" });
    let (page, users) = ("/v1/Management/users/GetFilteredPage", "/v1/Management/users");
    let named = format!("{users}/{}", user.device_token);
    let instance = format!("/v1/Instances/{}", own.id);
    let create = "/v1/Registration/Create";
    let (agent, origin) = (("User-Agent", "okhttp/4.12.0"), ("Origin", "https://app.example"));
    for (method, path, body, header, rule) in [
        ("POST", users, json!({}), None, "update-sent-as-post"),
        ("GET", users, Value::Null, Some(("Authorization", "Bearer undefined")), "text-for-access-token"),
        ("POST", create, json!({ "ClientId": "c" }), None, "misplaced-field"),
        ("POST", "/v1/Auth/Login", login, None, "login-field-spelling"),
        ("POST", page, json!({ "Pagination": { "Page": 1 } }), None, "nested-filters"),
        ("PUT", users, json!({ "UserFields": [{}] }), None, "user-fields-as-array"),
        ("PUT", users, json!({ "UserProfile": {} }), None, "nested-user-profile"),
        ("PUT", &named, json!({}), None, "user-named-in-path"),
        ("PATCH", &instance, json!({ "Name": "x" }), None, "changes-in-body"),
        ("POST", create, json!({}), Some(agent), "key-from-phone"),
        ("POST", create, json!({}), Some(origin), "key-from-page"),
    ] {
        crate::api::control(&service, "DELETE", "/advice", &json!({})).await;
        let mut request = service.request(method, path).json(&body).header("InstanceId", &own.id);
        request = request.header("InstanceKey", &own.key).header("UserDeviceToken", &user.device_token);
        request = match header {
            Some((name, value)) => request.header(name, value),
            None => request,
        };
        if header.is_none_or(|(name, _)| name != "Authorization") {
            request = request.bearer(&admin);
        }
        let answer = request.answer().await;
        let all = crate::api::control(&service, "GET", "/advice", &Value::Null).await;
        assert_eq!(all["advice"][0]["rule"], rule, "{answer:?}");
        assert_eq!(all["advice"][0]["message"], answer.header("x-mock-hint"));
        assert_eq!(all["advice"].as_array().unwrap().len(), 1, "{all}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_mistake_is_found_beside_another_one_whose_hint_is_shown() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    let body = json!({ "LoginFields": { "Devicetoken": tokens.device_token }, "Password": own.key });
    let login = service.post("/v1/Auth/Login", &body).header("InstanceId", &own.id).header("InstanceKey", &own.key);
    let answer = login.header("Origin", "https://app.example").answer().await;
    assert!(answer.header("x-mock-hint").contains("refresh first"), "{answer:?}");
    assert_eq!(own.rules(&service).await, ["key-from-page"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_failure_under_http_200_that_a_fault_made_is_no_mistake_of_the_app() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    own.add_fault(&service, "*", json!({ "status": 200, "body": { "Status": 500, "Title": "Oops", "Errors": [] } }))
        .await;
    assert!(service.profile(&tokens.access_token).await.header("x-mock-hint").contains("the body decides"));
    assert!(own.rules(&service).await.is_empty());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_keeps_its_first_refresh_token_is_told_about_the_reuse_and_the_revoked_family() {
    let (service, own) = setting().await;
    let first = own.register(&service).await;
    service.profile(&first.access_token).await.assert_success();
    let second = service.refresh(&first).await.tokens();
    service.profile(&second.access_token).await.assert_success();
    service.refresh(&first).await.assert_failure(401);
    service.refresh(&second).await.assert_failure(401);
    assert_eq!(own.rules(&service).await, ["refresh-token-reused", "refresh-token-family-revoked"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_keeps_its_refresh_token_over_a_login_is_told_to_store_the_new_one() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    let newer = own.log_in(&service, &tokens.device_token).await.tokens();
    service.profile(&newer.access_token).await.assert_success();
    service.refresh(&tokens).await.assert_failure(401);
    assert_eq!(own.rules(&service).await, ["refresh-token-superseded"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_gets_a_used_token_from_a_fixture_makes_no_mistake() {
    let (service, own) = setting().await;
    for state in ["used", "superseded", "revoked", "expired"] {
        let user = own.control(&service, "POST", "/users", &json!({ "refreshToken": state })).await;
        let body = json!({ "AccessToken": user["accessToken"], "RefreshToken": user["refreshToken"] });
        service.post(REFRESH, &body).answer().await.assert_failure(401);
        own.log_in(&service, user["deviceToken"].as_str().unwrap()).await.assert_success();
    }
    assert!(own.rules(&service).await.is_empty());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_logs_in_at_every_start_is_told_to_keep_its_tokens() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    for expected in [0, 1, 1] {
        own.log_in(&service, &tokens.device_token).await.assert_success();
        assert_eq!(own.rules(&service).await.len(), expected);
    }
    let [finding] = &*own.advice(&service).await else { panic!("one finding") };
    assert_eq!((&finding["rule"], &finding["count"]), (&json!("login-instead-of-refresh"), &json!(2)));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_secret_in_the_query_or_the_path_is_found_and_not_shown() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    let refresh = &tokens.refresh_token;
    let urls = [
        format!("{REFRESH}?refreshToken=canary"),
        format!("{REFRESH}?x={refresh}"),
        format!("{REFRESH}/{refresh}"),
        format!("/v1/Management/users?access_token={}", tokens.access_token),
        format!("/v1/Management/users/{}", tokens.access_token),
    ];
    for url in &urls {
        service.post(url, &json!({})).header("InstanceId", &own.id).answer().await;
    }
    // A device token identifies a user and opens nothing.
    service.get(&format!("/v1/Check/UserExists?DeviceToken={}", tokens.device_token)).answer().await;
    let advice = own.advice(&service).await;
    let secret = advice.iter().find(|finding| finding["rule"] == "secret-in-url").unwrap();
    assert_eq!(secret["count"], urls.len());
    let text = json!(advice).to_string();
    assert!(!text.contains("canary") && !text.contains(refresh) && !text.contains(&tokens.access_token), "{text}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn two_refreshes_at_the_same_time_are_found() {
    let (service, own) = setting_with(&json!({ "rotation": "off" })).await;
    let tokens = own.register(&service).await;
    let barrier = json!({ "match": { "path": REFRESH }, "parties": 2 });
    own.control(&service, "POST", "/barriers", &barrier).await;
    let (one, other) = tokio::join!(service.refresh(&tokens), service.refresh(&tokens));
    one.assert_success();
    other.assert_success();
    let [finding, ..] = &*own.advice(&service).await else { panic!("a finding") };
    assert_eq!(finding["rule"], "parallel-refreshes");
    assert_eq!(finding["count"], 1);
    assert_eq!(finding["example"]["path"], REFRESH);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn refreshes_that_send_one_token_side_by_side_are_found_whichever_the_server_answers_first() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    own.expire(&service, &tokens, "access").await;
    service.profile(&tokens.access_token).await.assert_failure(401);
    let refresh = || service.refresh(&tokens);
    tokio::join!(refresh(), refresh(), refresh(), refresh(), refresh());
    let [finding] = &*own.advice(&service).await else { panic!("one finding") };
    assert_eq!((&finding["rule"], &finding["count"]), (&json!("parallel-refreshes"), &json!(4)));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn failed_calls_that_are_sent_side_by_side_are_no_mistake() {
    let (service, own) = setting().await;
    let tokens = own.register(&service).await;
    for then in [json!({ "status": 500 }), json!({ "preset": "rate-limited" })] {
        let fault = json!({ "match": { "path": "/v1/Management/users" }, "times": 6, "then": then });
        own.control(&service, "POST", "/faults", &fault).await;
        let call = || service.profile(&tokens.access_token);
        tokio::join!(call(), call(), call(), call(), call(), call());
    }
    assert!(own.rules(&service).await.is_empty(), "{:?}", own.advice(&service).await);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_loop_of_failed_calls_without_a_pause_is_found() {
    let (service, own, time) = setting_with_time(&json!({})).await;
    let tokens = own.register(&service).await;
    let fault = json!({ "match": { "path": "/v1/Management/users" }, "then": { "status": 503 } });
    own.control(&service, "POST", "/faults", &fault).await;
    for _ in 0..4 {
        service.profile(&tokens.access_token).await.assert_failure(503);
        time.advance_ms(20);
    }
    assert!(own.rules(&service).await.is_empty(), "four failures may be retries");
    service.profile(&tokens.access_token).await.assert_failure(503);
    assert_eq!(own.rules(&service).await, ["retry-without-pause"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_call_before_the_time_of_retry_after_is_found_and_one_after_it_is_not() {
    let (service, own, time) = setting_with_time(&json!({})).await;
    let tokens = own.register(&service).await;
    let limited = async || {
        own.add_fault(&service, "/v1/Management/users", json!({ "preset": "rate-limited" })).await;
        assert_eq!(service.profile(&tokens.access_token).await.status, 429);
        time.advance_ms(20);
    };
    limited().await;
    own.control(&service, "POST", "/clock", &json!({ "advance": "2s" })).await;
    service.profile(&tokens.access_token).await.assert_success();
    assert!(own.rules(&service).await.is_empty());
    limited().await;
    service.profile(&tokens.access_token).await.assert_success();
    assert_eq!(own.rules(&service).await, ["retry-after-ignored"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_lockout_of_the_service_counts_and_a_date_is_compared_with_the_clock_of_the_server() {
    let (service, own, time) = setting_with_time(&json!({})).await;
    let tokens = own.register(&service).await;
    let date = |answer: &Answer| answer.header("date").to_owned();
    let now = date(&service.profile(&tokens.access_token).await);
    // The fault names the present second, which has begun: the wait is over at once.
    let then = json!({ "status": 503, "headers": { "Retry-After": now } });
    own.add_fault(&service, "/v1/Management/users", then).await;
    service.profile(&tokens.access_token).await.assert_failure(503);
    time.advance_ms(20);
    service.profile(&tokens.access_token).await.assert_success();
    assert!(own.rules(&service).await.is_empty());

    let lockout = json!({ "loginLockout": true, "lockout": { "logins": 1, "perSeconds": 60, "forSeconds": 60 } });
    own.control(&service, "PATCH", "/settings", &lockout).await;
    let body = json!({ "LoginFields": { "Devicetoken": tokens.device_token }, "Password": "wrong" });
    for status in [401, 429, 429] {
        service.post("/v1/Auth/Login", &body).header("InstanceId", &own.id).answer().await.assert_failure(status);
        time.advance_ms(20);
    }
    assert_eq!(own.rules(&service).await, ["retry-after-ignored"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_refreshes_at_every_start_is_told_to_use_its_access_token() {
    let (service, own) = setting().await;
    let first = own.register(&service).await;
    let second = service.refresh(&first).await.tokens();
    assert!(own.rules(&service).await.is_empty());
    service.refresh(&second).await.assert_success();
    assert_eq!(own.rules(&service).await, ["refresh-too-early"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_never_refreshes_is_told_how() {
    let (service, own, time) = setting_with_time(&json!({})).await;
    let tokens = own.register(&service).await;
    own.expire(&service, &tokens, "access").await;
    for _ in 0..2 {
        service.profile(&tokens.access_token).await.assert_failure(401);
        time.advance_ms(20);
    }
    assert_eq!(own.rules(&service).await, ["never-refreshes"], "while nobody has logged in");
    own.log_in(&service, &tokens.device_token).await.assert_success();
    assert_eq!(own.rules(&service).await, ["never-refreshes"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_goes_on_with_a_device_token_in_the_headers_is_told_of_the_sunset() {
    let sunset = json!({ "deviceTokenSunset": "2099-01-01T00:00:00Z" });
    let (service, own, time) = setting_with_time(&sunset).await;
    let tokens = own.register(&service).await;
    let answer = own.with_device_token(&service, &tokens).await;
    assert!(!answer.header("sunset").is_empty() && own.rules(&service).await.is_empty());
    time.advance_ms(20);
    own.with_device_token(&service, &tokens).await.assert_success();
    assert_eq!(own.rules(&service).await, ["sunset-ignored"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_app_that_behaves_well_gets_no_advice_whatever_the_faults_do() {
    let (service, own) = setting().await;
    let mut tokens = own.register(&service).await;
    // A 401 that a fault made, one refresh, and the call again.
    own.add_fault(&service, "/v1/Management/users", json!({ "status": 401 })).await;
    service.profile(&tokens.access_token).await.assert_failure(401);
    tokens = service.refresh(&tokens).await.tokens();
    service.profile(&tokens.access_token).await.assert_success();
    // A refresh whose answer is lost in each way: the same pair again, and then a login.
    for lost in [
        json!({ "commitThenDrop": true }),
        json!({ "commitThen": { "status": 502, "body": "Bad Gateway" } }),
        json!({ "preset": "gateway-timeout" }),
        json!({ "truncateBody": 20 }),
        json!({ "patch": { "Result": null } }),
    ] {
        own.expire(&service, &tokens, "access").await;
        service.profile(&tokens.access_token).await.assert_failure(401);
        own.add_fault(&service, REFRESH, lost).await;
        let body = json!({ "AccessToken": tokens.access_token, "RefreshToken": tokens.refresh_token });
        service.post(REFRESH, &body).is_answered().await;
        service.refresh(&tokens).await.assert_failure(401);
        tokens = own.log_in(&service, &tokens.device_token).await.tokens();
        service.profile(&tokens.access_token).await.assert_success();
    }
    // A refresh that is refused, and the login after it.
    own.expire(&service, &tokens, "all").await;
    service.profile(&tokens.access_token).await.assert_failure(401);
    service.refresh(&tokens).await.assert_failure(401);
    tokens = own.log_in(&service, &tokens.device_token).await.tokens();
    // A refresh shortly before the expiry.
    own.control(&service, "POST", "/clock", &json!({ "advance": "86399s" })).await;
    tokens = service.refresh(&tokens).await.tokens();
    service.profile(&tokens.access_token).await.assert_success();
    assert!(own.rules(&service).await.is_empty(), "{:?}", own.advice(&service).await);
}

#[test]
fn the_page_lists_every_rule_with_its_level() {
    let page = page("docs/control-api.md");
    let (_, section) = page.split_once("\n## Rules of advice\n").unwrap();
    let rows = section.split("\n## ").next().unwrap().lines().filter_map(|line| line.strip_prefix("| `"));
    let listed: Vec<_> = rows.map(|row| row.split(" | ").take(2).collect::<Vec<_>>().join(" ")).collect();
    let known: Vec<_> = Rule::ALL.iter().map(|rule| format!("{}` {}", rule.id(), rule.level().name())).collect();
    assert_eq!(listed, known);
}
