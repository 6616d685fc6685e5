//! No log line of any crate, at any level, contains a secret. The test makes valid, refused and malformed requests and then
//! searches every line of the log.
//!
//! It is a separate test binary, because a process has only one subscriber.

// A test fails by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use telematics_contract_tests::{ADMIN_EMAIL, ADMIN_PASSWORD, DEMO, Multipart, Request, Service, Tokens, UBI, Wire};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

const CONTROL_TOKEN: &str = "canary-control-token";
const WRONG_CONTROL_TOKEN: &str = "canary-wrong-control-token";
const PASSWORD: &str = "canary-password";
const NEW_PASSWORD: &str = "canary-new-password";
const WRONG_PASSWORD: &str = "canary-wrong-password";
/// A text that is sent in every place except the path, which is public.
const STRAY: &str = "canary-stray";

/// The log of this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Collects every log line from now on.
    fn collect() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The secrets of this test, each with a description.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() > 5, "too short to be found: {what}");
        self.0.push((what, secret.to_owned()));
    }

    fn add_pair(&mut self, tokens: &Tokens) {
        self.add("an access token", &tokens.access_token);
        self.add("a refresh token", &tokens.refresh_token);
    }

    fn assert_in_none(&self, log: &str) {
        for (what, secret) in &self.0 {
            // The text itself, a UUID without its hyphens, and a list of bytes.
            let bytes: Vec<_> = secret.bytes().map(|byte| byte.to_string()).collect();
            for written in [secret.clone(), secret.replace('-', ""), bytes.join(", ")] {
                let line = log.lines().find(|line| line.to_lowercase().contains(&written.to_lowercase()));
                assert!(line.is_none(), "{what} was logged: {}", line.unwrap_or_default());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn no_secret_is_in_any_log_line() {
    let log = Log::collect();
    tracing::trace!("the log collects");
    let mut secrets = Secrets::default();
    for (what, secret) in [
        ("an instance key", DEMO.key),
        ("an instance key with UBI", UBI.key),
        ("the password of an admin", ADMIN_PASSWORD),
        ("the control token", CONTROL_TOKEN),
        ("a wrong control token", WRONG_CONTROL_TOKEN),
        ("a password", PASSWORD),
        ("a new password", NEW_PASSWORD),
        ("a wrong password", WRONG_PASSWORD),
        ("a secret in a wrong place", STRAY),
    ] {
        secrets.add(what, secret);
    }
    let service = Service::mock().with(json!({ "loginLockout": true })).control_token(CONTROL_TOKEN).await;

    let user = normal_calls(&service, &mut secrets).await;
    password_calls(&service, &mut secrets).await;
    admin_calls(&service, &mut secrets, &user).await;
    control_calls(&service, &mut secrets).await;
    invalid_requests(&service, &user).await;
    drop(service);

    let log = log.text();
    assert!(log.contains("the log collects"), "the log is empty");
    assert!(log.contains("telematics_mock"), "the log has no line of the server");
    secrets.assert_in_none(&log);
}

async fn normal_calls(service: &Service, secrets: &mut Secrets) -> Tokens {
    let user = service.register(&json!({ "FirstName": "Ada" })).await;
    secrets.add_pair(&user);
    service.profile(&user.access_token).await.assert_success();
    let fresh = service.refresh(&user).await.tokens();
    secrets.add_pair(&fresh);
    service.refresh(&user).await.assert_failure(401);
    let login = service.login(&user.device_token).await.tokens();
    secrets.add_pair(&login);
    let wrong = json!({ "DeviceToken": user.device_token });
    service.sign_in(Some(&DEMO), &wrong, WRONG_PASSWORD).answer().await.assert_failure(401);
    let legacy = service.get("/v1/Management/users").header("DeviceToken", &user.device_token).with_instance(&DEMO);
    legacy.answer().await.assert_success();
    let many =
        service.post("/v1/Registration/CreateMultiple", &json!({ "Quantity": 3 })).with_instance(&DEMO).answer().await;
    many.result().as_array().unwrap().iter().for_each(|tokens| secrets.add_pair(&Tokens::from_result(tokens)));
    login
}

async fn password_calls(service: &Service, secrets: &mut Secrets) {
    let create = |body: Value| service.post("/v1/Registration/Create", &body).with_instance(&UBI).answer();
    let user = create(json!({ "Phone": "+1", "Password": PASSWORD })).await.tokens();
    secrets.add_pair(&user);
    create(json!({ "Phone": "+1", "Password": PASSWORD })).await.assert_failure(422);
    create(json!({ "Password": PASSWORD })).await.assert_failure(422);
    secrets.add_pair(&create(json!({ "Phone": "+2" })).await.tokens());
    for (old, status) in [(WRONG_PASSWORD, 422), (PASSWORD, 200)] {
        let body = json!({ "OldPassword": old, "NewPassword": NEW_PASSWORD });
        assert_eq!(service.update(&user.access_token, &body).await.status, status);
    }
    for password in [NEW_PASSWORD, WRONG_PASSWORD, PASSWORD] {
        for fields in [json!({ "Phone": "+1" }), json!(json!({ "Phone": "+1" }).to_string())] {
            let answer = service.sign_in(Some(&UBI), &fields, password).answer().await;
            if answer.status == 200 {
                secrets.add_pair(&answer.tokens());
            }
        }
    }
    let locked_out = service.sign_in(Some(&UBI), &json!({ "Phone": "+1" }), NEW_PASSWORD).answer().await;
    locked_out.assert_failure(429);
}

async fn admin_calls(service: &Service, secrets: &mut Secrets, user: &Tokens) {
    let sign_in = |password| service.sign_in(None, &json!({ "Email": ADMIN_EMAIL }), password).answer();
    let answer = sign_in(ADMIN_PASSWORD).await;
    let admin = answer.result()["AccessToken"]["Token"].as_str().unwrap();
    secrets.add("an admin's access token", admin);
    secrets.add("an admin's refresh token", answer.result()["RefreshToken"].as_str().unwrap());
    sign_in(WRONG_PASSWORD).await.assert_failure(401);
    service
        .manage(admin, &user.device_token, &json!({ "City": "Paris", "Email": "a@example.com" }))
        .await
        .assert_success();
    let users = "/v1/Management/users";
    let change = |key: &str| json!({ "DeviceToken": user.device_token, "ToInstanceId": UBI.id, "ToInstanceKey": key });
    for (request, status) in [
        (service.get(&format!("{users}/find?FirstName=Ada")), 200),
        (service.post(&format!("{users}/GetFilteredPage"), &json!({})), 200),
        (service.post(&format!("{users}/instances/change"), &change(DEMO.key)), 401),
        (service.post(&format!("{users}/instances/change"), &change(STRAY)), 422),
        (service.post(&format!("{users}/instances/change"), &change(UBI.key)), 200),
        (service.request("DELETE", &format!("{users}/nobody")), 404),
    ] {
        assert_eq!(request.bearer(admin).answer().await.status, status);
    }
    let join = service.request("POST", &format!("{users}/instances/change/DEMO01")).bearer(&user.access_token);
    join.answer().await.assert_success();
    let picture = Multipart::new("file", format!("GIF89a{STRAY}"));
    let upload = service.request("POST", &format!("{users}/images/upload")).bearer(&user.access_token);
    upload.multipart(&picture).answer().await.assert_success();
}

async fn control_calls(service: &Service, secrets: &mut Secrets) {
    let ask = |request: Request, token| async move { request.bearer(token).answer().await };
    let outbox = ask(service.get("/__mock/outbox"), CONTROL_TOKEN).await;
    for message in outbox.body.as_array().unwrap() {
        secrets.add("a password that was sent", message["password"].as_str().unwrap());
    }
    assert_eq!(ask(service.get("/__mock/outbox"), WRONG_CONTROL_TOKEN).await.status, 401);
    let clock = |body| service.post("/__mock/clock", &body);
    assert_eq!(ask(clock(json!({ "advance": "1s" })), CONTROL_TOKEN).await.status, 200);
    assert_eq!(ask(clock(json!({ "advance": STRAY })), CONTROL_TOKEN).await.status, 400);
    assert_eq!(ask(clock(json!({ STRAY: "1s" })), CONTROL_TOKEN).await.status, 400);

    let instance = ask(service.post("/__mock/instances", &json!({ "products": ["UBI"] })), CONTROL_TOKEN).await;
    secrets.add("the key of a new instance", instance.body["instanceKey"].as_str().unwrap());
    secrets.add("the password of a new admin", instance.body["admin"]["password"].as_str().unwrap());
    let fault = json!({ "match": { "path": "*" }, "times": 1, "then": { "status": 418, "body": { "x": STRAY } } });
    assert_eq!(ask(service.post("/__mock/faults", &fault), CONTROL_TOKEN).await.status, 201);
    assert_eq!(service.registration(&json!({ "Password": PASSWORD })).answer().await.status, 418);
    let state = ask(service.get("/__mock/state"), CONTROL_TOKEN).await;
    assert_eq!(ask(service.put("/__mock/state", &state.body), CONTROL_TOKEN).await.status, 200);
    assert_eq!(ask(service.put("/__mock/state", &json!({ "seed": STRAY })), CONTROL_TOKEN).await.status, 400);
    assert_eq!(ask(service.get("/__mock/requests"), CONTROL_TOKEN).await.status, 200);
}

async fn invalid_requests(service: &Service, user: &Tokens) {
    let create = || service.request("POST", "/v1/Registration/Create").with_instance(&DEMO);
    let secret = json!({ "Password": PASSWORD, "AccessToken": user.access_token });
    let truncated = secret.to_string().replace('}', "");
    create().text("application/json", truncated).answer().await.assert_failure(400);
    create().text("text/plain", secret.to_string()).answer().await.assert_failure(415);
    create().json(&json!({ "Password": [PASSWORD] })).answer().await.assert_failure(422);
    create().json(&json!({ "Gender": STRAY, "CustomToken": STRAY })).answer().await.assert_failure(422);
    create().json(&json!({ "Password": PASSWORD.repeat(100_000) })).answer().await.assert_failure(413);
    service
        .post("/v1/Auth/Login", &json!({ "LoginFields": STRAY, "Password": STRAY }))
        .answer()
        .await
        .assert_failure(422);
    service.post("/v1/Auth/LogIn/Now", &secret).answer().await.assert_failure(404);
    service.get(&format!("/v1/Auth/Login?Password={STRAY}")).answer().await.assert_failure(405);
    service.get(&format!("/v1/Check/UserExists?Phone={STRAY}")).with_instance(&DEMO).answer().await.assert_success();
    service.profile(STRAY).await.assert_failure(401);
    service.profile(&format!("{}x", user.access_token)).await.assert_failure(401);
    let basic = service.get("/v1/Management/users").header("Authorization", format!("Basic {STRAY}"));
    basic.answer().await.assert_failure(401);
    let wrong = service.post("/v1/Registration/Create", &json!({})).header("InstanceId", DEMO.key);
    wrong.header("InstanceKey", STRAY).answer().await.assert_failure(422);

    // Invalid HTTP, and requests that end in the middle.
    let (token, key) = (&user.access_token, DEMO.key);
    for bytes in [
        format!("GET /v1/Management/users HTTP/1.1\r\nHost: x\r\nAuthorization Bearer {token}\r\n\r\n"),
        format!("GET /v1/Check/UserExists?Phone={STRAY}\u{1} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET /v1/Management/users HTTP/1.1\r\nHost: x\r\nInstanceKey: {key}\u{0}\r\n\r\n"),
        format!(
            "POST /v1/Auth/Login HTTP/1.1\r\nTransfer-Encoding: chunked\r\nInstanceKey: {key}\r\n\r\n{STRAY}\r\n\r\n"
        ),
        format!("{STRAY}\r\n\r\n"),
    ] {
        let mut wire = Wire::to(service).await;
        let _ = wire.ask(bytes.as_bytes()).await;
    }
    let wire = Wire::to(service).await;
    wire.leave(format!("POST /v1/Auth/Login HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{secret}").as_bytes())
        .await;
    // After the next request has been answered, the server has logged the closed connections.
    service.register(&json!({})).await;
}
