//! The service answers every request with an envelope, and never with a `5xx`; the control API answers with a sentence.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use telematics_contract_tests::random_calls::{CANARY, Credentials, request};
use telematics_contract_tests::random_control::control_request;
use telematics_contract_tests::{Service, Tokens, UBI, Wire};
use tokio::runtime::Builder;

const CASES: u32 = 1500;

#[test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
fn every_request_is_answered_with_an_envelope_and_the_connection_stays_open() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let service = runtime.block_on(async { Service::mock().await });
    let (admin, users) = runtime.block_on(async {
        let body = json!({ "Quantity": 500 });
        let many = service.post("/v1/Registration/CreateMultiple", &body).with_instance(&service).answer().await;
        let mut users: Vec<_> = many.result().as_array().expect("users").iter().map(Tokens::from_result).collect();
        for number in 0..20 {
            let body = json!({ "Phone": format!("+{number}"), "Password": "p" });
            users.push(service.post("/v1/Registration/Create", &body).with_instance(&UBI).answer().await.tokens());
        }
        (service.admin().await, users)
    });
    let wire = RefCell::new(runtime.block_on(Wire::to(&service)));
    // A request may delete its user, so each request comes from the next user.
    let turn = Cell::new(0);
    let statuses = RefCell::new(HashMap::<u16, usize>::new());

    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&request(), |request| {
        let user = &users[turn.replace(turn.get() + 1) % users.len()];
        let credentials = Credentials {
            device_token: user.device_token.clone(),
            access_token: user.access_token.clone(),
            refresh_token: user.refresh_token.clone(),
            admin: admin.clone(),
        };
        let bytes = request.bytes(&credentials);
        let wrong = |what: String| {
            // The next request gets a new connection.
            *wire.borrow_mut() = runtime.block_on(Wire::to(&service));
            TestCaseError::fail(format!("{what}\n{}", String::from_utf8_lossy(&bytes)))
        };
        let answer = runtime.block_on(wire.borrow_mut().ask(&bytes));
        let answer = answer.ok_or_else(|| wrong("the connection ended without an answer".to_owned()))?;
        *statuses.borrow_mut().entry(answer.status).or_default() += 1;
        answer.check().map_err(&wrong)?;
        if answer.head.contains("connection: close") {
            return Err(wrong("the connection was closed".to_owned()));
        }
        if answer.status != 200 && answer.body.to_string().contains(CANARY) {
            return Err(wrong(format!("the answer repeats the request: {}", answer.body)));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));

    // Random requests prove little if all of them fail alike.
    let statuses = statuses.into_inner();
    for expected in [200, 400, 401, 403, 404, 405, 415, 422] {
        assert!(statuses.contains_key(&expected), "no request was answered with {expected}: {statuses:?}");
    }
    let answer = runtime.block_on(service.get("/v1/Management/users/find?Phone=1").bearer(&admin).answer());
    answer.assert_success();
}

#[test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
fn every_control_request_is_answered_and_a_failure_has_a_sentence() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let service = runtime.block_on(async { Service::mock().await });
    let user = runtime.block_on(service.register(&json!({})));
    let wire = RefCell::new(runtime.block_on(Wire::to(&service)));
    let statuses = RefCell::new(HashMap::<u16, usize>::new());

    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&control_request(), |request| {
        let bytes = request.bytes(&user.device_token);
        let wrong = |what: String| {
            *wire.borrow_mut() = runtime.block_on(Wire::to(&service));
            TestCaseError::fail(format!("{what}\n{}", String::from_utf8_lossy(&bytes)))
        };
        let answer = runtime.block_on(wire.borrow_mut().ask(&bytes));
        let answer = answer.ok_or_else(|| wrong("the connection ended without an answer".to_owned()))?;
        *statuses.borrow_mut().entry(answer.status).or_default() += 1;
        answer.check_control().map_err(wrong)
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));

    let statuses = statuses.into_inner();
    for expected in [200, 201, 400, 404] {
        assert!(statuses.contains_key(&expected), "no control call was answered with {expected}: {statuses:?}");
    }
}
