//! Whatever is sent, the service answers, in an envelope, and never fails itself.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use telematics_contract_tests::{Service, Tokens, UBI, Wire};
use tokio::runtime::Builder;

use crate::requests::{Asker, CANARY, request};

const CASES: u32 = 1500;

#[test]
fn any_request_is_answered_with_an_envelope_on_a_connection_that_stays() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let service = runtime.block_on(Service::fresh());
    let (admin, users) = runtime.block_on(async {
        let body = json!({ "Quantity": 500 });
        let many = service.post("/v1/Registration/CreateMultiple", &body).instance(&service).answer().await;
        let mut users: Vec<_> = many.result().as_array().expect("users").iter().map(Tokens::of).collect();
        for number in 0..20 {
            let body = json!({ "Phone": format!("+{number}"), "Password": "p" });
            users.push(service.post("/v1/Registration/Create", &body).of(&UBI).answer().await.tokens());
        }
        (service.admin().await, users)
    });
    let wire = RefCell::new(runtime.block_on(Wire::to(&service)));
    // A request may well delete who asks, so each is another's.
    let turn = Cell::new(0);
    let statuses = RefCell::new(HashMap::<u16, usize>::new());

    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&request(), |request| {
        let user = &users[turn.replace(turn.get() + 1) % users.len()];
        let asker = Asker {
            device_token: user.device_token.clone(),
            access_token: user.access_token.clone(),
            refresh_token: user.refresh_token.clone(),
            admin: admin.clone(),
        };
        let bytes = request.bytes(&asker);
        let wrong = |what: String| {
            // What is tried next must not suffer from this one.
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
            return Err(wrong(format!("what was sent came back: {}", answer.body)));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));

    // Random requests prove little where they all fail alike.
    let statuses = statuses.into_inner();
    for expected in [200, 400, 401, 403, 404, 405, 415, 422] {
        assert!(statuses.contains_key(&expected), "no request came to {expected}: {statuses:?}");
    }
    let answer = runtime.block_on(service.get("/v1/Management/users/find?Phone=1").bearer(&admin).answer());
    answer.assert_success();
}
