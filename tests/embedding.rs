//! The Rust handle of the mock server: what it does must agree with the control API over HTTP.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use telematics_contract_tests::{Listener, NEW_YEAR_SECONDS, Service, until};
use telematics_mock::advice::Rule;
use telematics_mock::{
    AccessTokenState, Barrier, FailedVerification, Fault, FaultEffect, FixtureError, Hold, MintOptions,
    MintedSignature, MockServer, Period, RefreshTokenState, RequestMatch, Settings, TestInstance, TextPattern,
    Timestamp, UserChange, UserFixture, UserQuery, UserState, ValueMatch, VerificationError,
};

/// The longest time that a call waits.
const MINUTE: Duration = Duration::from_secs(60);

async fn start() -> MockServer {
    MockServer::start().await.expect("a free port")
}

/// The same instance over HTTP.
fn over_http(server: &MockServer, instance: &TestInstance) -> Service {
    Service::at(&server.uri(), &instance.id, &instance.key)
}

fn path(pattern: &str) -> RequestMatch {
    RequestMatch::path(pattern)
}

async fn control(service: &Service, method: &str, path: &str, body: &Value) -> Value {
    let answer = service.request(method, &format!("/__mock{path}")).json(body).answer().await;
    assert!(answer.status.is_success(), "{method} {path}: {} {:?}", answer.status, answer.body);
    answer.body
}

/// The message of a panic.
fn panic_of(action: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(action)).expect_err("the action panics");
    panic.downcast_ref::<String>().expect("a message with arguments").clone()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_builder_sets_settings_seed_and_clock() {
    let settings = Settings { registration_token: Period::from_seconds(7), ..Settings::default() };
    let start =
        || MockServer::builder().settings(settings).seed(3).clock(Timestamp::from_seconds(NEW_YEAR_SECONDS)).start();
    let (one, two) = (start().await.unwrap(), start().await.unwrap());
    let (mine, same) = (one.create_instance(), two.create_instance());
    assert_eq!((&mine.id, &mine.key, &mine.invite_code), (&same.id, &same.key, &same.invite_code));
    let tokens = over_http(&one, &mine).register(&json!({})).await;
    assert_eq!(tokens.expires_in, 7);
    assert_eq!(tokens, over_http(&two, &same).register(&json!({})).await);
    assert_eq!(one.clock().now(), Timestamp::from_seconds(NEW_YEAR_SECONDS));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_new_instance_has_its_own_invite_code_and_its_own_admin() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    let body = json!({ "InstanceInviteCode": mine.invite_code });
    let user = service.post("/v1/Registration/Create", &body).answer().await.tokens();
    let fields = json!({ "Email": mine.admin_email });
    let login = service.sign_in(None, &fields, mine.admin_password.expose()).answer().await;
    let admin = login.result()["AccessToken"]["Token"].as_str().unwrap().to_owned();
    service.manage(&admin, &user.device_token, &json!({ "City": "Paris" })).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn moving_the_clock_with_the_handle_sends_a_clock_event_to_listeners_over_http() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    let mut of_server = Listener::connect(service.url(), "/events").await;
    let mut of_instance = Listener::connect(service.url(), &format!("/events?instance={}", mine.id)).await;

    let now = mine.clock().set("2027-01-01T00:00:00Z").unwrap();
    mine.clock().freeze();
    assert_eq!(of_server.next("clock").await["now"], now.to_string());
    assert_eq!(of_instance.next("clock").await["now"], now.to_string());
    assert_eq!(of_server.next("clock").await["frozen"], true);
    assert_eq!(of_instance.next("clock").await["frozen"], true);

    let now = server.clock().advance("P1D").unwrap();
    while of_server.next("clock").await["now"] != now.to_string() {}
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_clock_of_the_handle_is_the_clock_of_the_control_api() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    let scope = format!("/clock?instance={}", mine.id);
    mine.clock().freeze();
    let set = mine.clock().set("2027-01-01T00:00:00Z").unwrap();
    assert_eq!(control(&service, "GET", &scope, &Value::Null).await["now"], set.to_string());
    let moved = mine.clock().advance("P1DT2H").unwrap();
    assert_eq!(moved.to_string(), "2027-01-02T02:00:00Z");
    control(&service, "POST", &scope, &json!({ "advance": "1h" })).await;
    assert_eq!(mine.clock().now().to_string(), "2027-01-02T03:00:00Z");
    assert!(mine.clock().advance("soon").is_err());
    assert!(mine.clock().set("yesterday").is_err());
}

/// Adds a journal entry, a fault and a barrier that a reset must remove.
async fn add_control_data(server: &MockServer, instance: &TestInstance) {
    let service = over_http(server, instance);
    service.register(&json!({})).await;
    let effect = FaultEffect { status: Some(500), ..FaultEffect::default() };
    instance.add_fault(Fault::new(path("/nothing"), effect)).unwrap();
    let barrier = json!({ "match": { "path": "/nothing" }, "parties": 2 });
    control(&service, "POST", &format!("/barriers?instance={}", instance.id), &barrier).await;
}

/// The journal, the faults and the barriers of an instance.
async fn control_data(server: &MockServer, instance: &TestInstance) -> Vec<usize> {
    let service = over_http(server, instance);
    let mut counts = Vec::new();
    for path in ["/requests", "/faults", "/barriers"] {
        let list = control(&service, "GET", &format!("{path}?instance={}", instance.id), &Value::Null).await;
        counts.push(list.as_array().unwrap().len());
    }
    counts
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_with_the_handle_and_one_over_http_remove_the_same_data() {
    for with_the_handle in [true, false] {
        let server = start().await;
        let (mine, yours) = (server.create_instance(), server.create_instance());
        let service = over_http(&server, &mine);
        let user = service.register(&json!({})).await;
        add_control_data(&server, &mine).await;
        add_control_data(&server, &yours).await;
        if with_the_handle {
            mine.reset().unwrap();
        } else {
            control(&service, "POST", &format!("/reset?instance={}", mine.id), &json!({})).await;
        }
        assert_eq!(control_data(&server, &mine).await, [0, 0, 0], "with the handle: {with_the_handle}");
        assert_eq!(control_data(&server, &yours).await, [1, 1, 1], "with the handle: {with_the_handle}");
        service.profile(&user.access_token).await.assert_failure(401);
        service.register(&json!({})).await;
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_reset_of_an_instance_that_no_longer_exists_is_an_error_with_the_handle_and_404_over_http() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    // A reset of the whole server removes the instances that were created after its start.
    server.reset().unwrap();
    let request = service.post(&format!("/__mock/reset?instance={}", mine.id), &json!({}));
    assert_eq!(request.answer().await.status, 404);
    assert!(mine.reset().is_err());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_verification_that_holds_does_not_panic() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    service.register(&json!({})).await;
    service.register(&json!({})).await;
    let registrations = || mine.verify(path("/v1/Registration/*"));
    assert_eq!(registrations().count(), 2);
    registrations().exactly(2);
    registrations().at_least(1);
    registrations().at_least(2);
    registrations().at_most(2);
    registrations().at_most(3);
    server.verify(path("/v1/Registration/*")).exactly(2);
    server.create_instance().verify(path("/v1/Registration/*")).exactly(0);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_verification_that_fails_panics_with_the_expectation_the_count_and_the_nearest_misses() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    let tokens = service.register(&json!({})).await;
    service.refresh(&tokens).await.assert_success();

    let wanted = path("/v1/Auth/RefreshToken").with_status(401);
    let verification = mine.verify(wanted.clone());
    let end = format!(
        " of {wanted:?}, but there were 0\n  \
         #2 POST /v1/Auth/RefreshToken: status is 200 and not 401\n  \
         #1 POST /v1/Registration/Create: path is /v1/Registration/Create and not /v1/Auth/RefreshToken, \
         status is 200 and not 401"
    );
    assert_eq!(panic_of(|| verification.exactly(1)), format!("expected exactly 1{end}"));
    assert_eq!(panic_of(|| verification.at_least(1)), format!("expected at least 1{end}"));

    let refreshes = mine.verify(path("/v1/Auth/RefreshToken"));
    let message = panic_of(|| refreshes.at_most(0));
    let start = format!("expected at most 0 of {:?}, but there were 1", path("/v1/Auth/RefreshToken"));
    assert!(message.starts_with(&start), "{message}");
    assert_eq!(
        panic_of(|| refreshes.exactly(2)).lines().next(),
        Some(start.replace("at most 0", "exactly 2").as_str())
    );
    assert!(catch_unwind(AssertUnwindSafe(|| refreshes.exactly(1))).is_ok());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_panic_of_a_verification_contains_no_secret() {
    let server = start().await;
    let mine = server.create_instance();
    let tokens = over_http(&server, &mine).register(&json!({ "Password": "canary" })).await;
    let message = panic_of(|| mine.verify(path("/nothing")).exactly(1));
    for secret in ["canary", &tokens.access_token, &tokens.refresh_token, &mine.key] {
        assert!(!message.contains(secret), "{message}");
    }
}

#[test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
fn a_test_that_is_not_async_can_use_every_verb() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(start());
    let mine = server.create_instance();
    mine.clock().advance("P5D").unwrap();
    mine.add_fault(Fault::new(path("/nothing"), FaultEffect { status: Some(500), ..FaultEffect::default() })).unwrap();
    let snapshot = server.snapshot().unwrap();
    server.reset().unwrap();
    server.restore(snapshot).unwrap();
    mine.reset().unwrap();
    assert_eq!(mine.faults(), []);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_handle_refuses_the_faults_and_barriers_that_the_control_api_refuses() {
    let server = start().await;
    let unavailable = || Fault::new(path("/nothing"), FaultEffect { status: Some(503), ..FaultEffect::default() });
    for (fault, field) in [
        (Fault { probability: 7.0, ..unavailable() }, "probability"),
        (unavailable().times(0), "times"),
        (Fault { matching: path("/nothing").with_status(401), ..unavailable() }, "match.status"),
        (Fault::new(path("/nothing"), FaultEffect::default()), "then"),
    ] {
        assert_eq!(server.add_fault(fault).unwrap_err().field, field);
    }
    assert_eq!(server.add_barrier(Barrier::new(path("/nothing"), 0)).unwrap_err().field, "parties");
    assert_eq!((server.faults().len(), server.barriers().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_handle_waits_for_requests_and_for_their_order() {
    let server = start().await;
    let mine = server.create_instance();
    let service = Arc::new(over_http(&server, &mine));
    let tokens = service.register(&json!({})).await;
    let refreshing = {
        let service = Arc::clone(&service);
        tokio::spawn(async move { service.refresh(&tokens).await.tokens() })
    };
    let entry = mine.wait_for_request(path("*RefreshToken"), MINUTE).await.unwrap();
    assert_eq!((&*entry.path, entry.status), ("/v1/Auth/RefreshToken", Some(200)));
    mine.verify(path("*RefreshToken")).within(MINUTE).exactly(1).await;
    mine.verify(path("*RefreshToken")).since(entry.number).exactly(0);

    let tokens = refreshing.await.unwrap();
    let reading = tokio::spawn(async move { service.profile(&tokens.access_token).await.assert_success() });
    mine.verify_sequence([path("*Create"), path("*users")]).within(MINUTE).holds().await;
    reading.await.unwrap();
    assert_eq!(mine.verify_sequence([path("*Create"), path("*users")]).check().unwrap(), [1, 3]);
    let message = panic_of(|| mine.verify_sequence([path("*users"), path("*RefreshToken")]).holds());
    assert!(message.starts_with("expected sequence[1], but no request after #3 meets it"), "{message}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_wait_that_is_in_vain_ends_after_its_time_with_the_nearest_misses() {
    let server = start().await;
    let mine = server.create_instance();
    over_http(&server, &mine).register(&json!({})).await;
    tokio::time::pause();
    let failed = mine.wait_for_request(path("*Create").with_status(401), MINUTE).await.unwrap_err();
    let VerificationError::Failed(FailedVerification { count, nearest, .. }) = failed else { panic!("{failed:?}") };
    assert_eq!((count, nearest[0].differences[0].criterion.as_ref()), (0, "status"));
    let invalid = mine.wait_for_request(path("Create"), MINUTE).await.unwrap_err();
    assert!(matches!(&invalid, VerificationError::Invalid(error) if error.field == "match.path"), "{invalid:?}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_misspelt_path_does_not_pass_a_verification() {
    let server = start().await;
    let message = panic_of(|| server.verify(path("/v1/Auth/Refresh")).exactly(0));
    assert!(message.starts_with("match.path is neither a path of the contract"), "{message}");
    server.verify(path("/v1/Auth/RefreshToken")).exactly(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_handle_holds_and_releases_requests_that_match_by_header_and_body() {
    let server = start().await;
    let mine = server.create_instance();
    let service = Arc::new(over_http(&server, &mine));
    let matching = path("*Create")
        .with_header("InstanceId", ValueMatch::Text(TextPattern::new(&*mine.id)))
        .with_body("/FirstName", "A*");
    let effect = FaultEffect { hold: Some(Hold::Response), ..FaultEffect::default() };
    let id = mine.add_fault(Fault::new(matching, effect)).unwrap();
    service.register(&json!({ "FirstName": "Bob" })).await;
    let held = {
        let service = Arc::clone(&service);
        tokio::spawn(async move { service.register(&json!({ "FirstName": "Ada" })).await })
    };
    until("the fault holds the request", async || mine.faults()[0].held == 1).await;
    assert_eq!((mine.release_fault(id), mine.release_fault(77)), (Some(1), None));
    held.await.unwrap();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_handle_adds_finds_changes_and_removes_users_like_the_control_api() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    let fixture = UserFixture {
        access_token: AccessTokenState::ExpiresIn(Period::from_seconds(60)),
        refresh_token: RefreshTokenState::Superseded,
        client_id: Some("c-1".to_owned()),
        ..UserFixture::default()
    };
    let ada = mine.add_user(fixture).unwrap();
    assert_eq!(ada.expires_in, Some(60));
    let access_token = ada.access_token.unwrap();
    service.profile(access_token.expose()).await.assert_success();
    let id = ada.device_token.parse().unwrap();

    assert_eq!(mine.add_users(UserFixture { count: Some(3), ..UserFixture::default() }).unwrap().len(), 3);
    assert_eq!(mine.users(&UserQuery::default()).unwrap().total, 4);
    let found = mine.users(&UserQuery { search: Some("C-1".to_owned()), ..UserQuery::default() }).unwrap();
    assert_eq!(found.users, [mine.user(id).unwrap()]);
    let over_http = control(&service, "GET", &format!("/users/{}", ada.device_token), &Value::Null).await;
    assert_eq!(over_http["clientId"], "c-1");

    let change = UserChange { state: Some(UserState::Deactivated), ..UserChange::default() };
    assert_eq!(mine.change_user(id, change), Ok(None));
    service.profile(access_token.expose()).await.assert_failure(403);
    mine.remove_user(id).unwrap();
    assert_eq!(mine.remove_user(id), Err(FixtureError::NoSuchUser));
    let invalid = UserFixture { count: Some(0), ..UserFixture::default() };
    assert!(matches!(mine.add_users(invalid), Err(FixtureError::Invalid { field, .. }) if field == "count"));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_handle_mints_tokens_and_has_the_key_of_the_control_api() {
    let server = start().await;
    let mine = server.create_instance();
    let service = over_http(&server, &mine);
    let id = mine.add_user(UserFixture::default()).unwrap().device_token.parse().unwrap();
    let good = mine.mint(&MintOptions::new(id)).unwrap();
    service.profile(good.expose()).await.assert_success();
    let forged = MintOptions { signature: MintedSignature::WrongKey, ..MintOptions::new(id) };
    service.profile(mine.mint(&forged).unwrap().expose()).await.assert_failure(401);
    let keys = control(&service, "GET", "/keys", &Value::Null).await;
    assert_eq!(keys["keys"][0]["k"], server.keys()[0].k.expose());
    assert!(!format!("{:?} {good:?}", server.keys()).contains(server.keys()[0].k.expose()));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_handle_gives_the_advice_of_the_control_api_and_clears_it() {
    let server = start().await;
    let instance = server.create_instance();
    let service = over_http(&server, &instance);
    service.register(&json!({ "ClientId": "c-1" })).await;
    let [finding] = &*instance.advice() else { panic!("one finding") };
    assert_eq!((finding.rule, finding.count), (Rule::MisplacedField, 1));
    let over_http = control(&service, "GET", &format!("/advice?instance={}", instance.id), &Value::Null).await;
    assert_eq!(over_http["advice"][0]["message"], *finding.message);
    instance.clear_advice();
    assert!(server.advice().is_empty());
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_handle_lists_and_removes_instances() {
    let server = start().await;
    let (mine, yours) = (server.create_instance(), server.create_instance());
    let id = mine.id.parse().unwrap();
    assert_eq!(server.instances().len(), 4);
    assert_eq!(mine.instances().first().map(|instance| instance.id), Some(id));
    assert!(yours.remove_instance(id).is_err(), "it is not in that scope");
    server.remove_instance(id).unwrap();
    assert!(server.remove_instance(id).is_err() && mine.reset().is_err());
    over_http(&server, &yours).register(&json!({})).await;
}
