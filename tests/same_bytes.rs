//! With one seed and a frozen clock, the native server and the program that `TELEMATICS_MOCK_PROGRAM` names, such as that of the npm
//! package, give the same bytes for the same requests. Without a program, two native servers are compared.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::json;
use telematics_contract_tests::random_calls::{Credentials, request};
use telematics_contract_tests::random_control::control_request;
use telematics_contract_tests::{Service, Tokens, Wire, WireAnswer};

/// The number of requests to each server.
const REQUESTS: usize = 6_000;

/// Parts of a request line with which the answer depends on real time: on a clock that is no longer frozen, or on a wait.
const DEPEND_ON_TIME: [&str; 5] = ["/__mock/clock", "/__mock/faults", "/__mock/barriers", "/__mock/events", "wait="];

/// The methods that the parser of Node hands over. It refuses a method of any other name with `400`, where hyper lets the mock answer.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// A server, with a connection to it and the credentials that it has given out.
struct Side {
    wire: Wire,
    users: Vec<Tokens>,
    admin: String,
    _service: Service,
}

impl Side {
    async fn new(service: Service) -> Self {
        let body = json!({ "Quantity": 50 });
        let answer = service.post("/v1/Registration/CreateMultiple", &body).with_instance(&service).answer().await;
        let users = answer.result().as_array().expect("users").iter().map(Tokens::from_result).collect();
        let admin = service.admin().await;
        Self { wire: Wire::to(&service).await, users, admin, _service: service }
    }

    async fn ask(&mut self, bytes: &[u8]) -> WireAnswer {
        let answer = self.wire.ask(bytes).await;
        answer.unwrap_or_else(|| panic!("no answer\n{}", String::from_utf8_lossy(bytes)))
    }
}

fn draw<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).expect("a random value").current()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_same_requests_get_the_same_bytes_from_both_servers() {
    let native = Service::mock().in_this_process().frozen().seed(7).await;
    let mut native = Side::new(native).await;
    let mut other = Side::new(Service::mock().frozen().seed(7).await).await;
    assert_eq!((&native.users, &native.admin), (&other.users, &other.admin));

    let mut runner = TestRunner::deterministic();
    let (calls, controls) = (request().boxed(), control_request().boxed());
    let mut statuses = BTreeSet::new();
    for number in 0..REQUESTS {
        let Tokens { device_token, access_token, refresh_token, .. } =
            native.users[number % native.users.len()].clone();
        let bytes = if number % 4 == 0 {
            draw(&controls, &mut runner).bytes(&device_token)
        } else {
            let admin = native.admin.clone();
            draw(&calls, &mut runner).bytes(&Credentials { device_token, access_token, refresh_token, admin })
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let line = text.lines().next().unwrap_or_default();
        let depends_on_time = DEPEND_ON_TIME.iter().any(|part| line.contains(part)) || text.contains("within");
        if depends_on_time || !METHODS.contains(&line.split(' ').next().unwrap_or_default()) {
            continue;
        }
        let (one, two) = (native.ask(&bytes).await, other.ask(&bytes).await);
        let shown = |answer: &WireAnswer| String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(shown(&one), shown(&two), "request {number}:\n{text}");
        statuses.insert(one.status);
    }
    let expected = [200, 201, 400, 401, 403, 404, 405, 409, 415, 422];
    assert!(expected.iter().all(|status| statuses.contains(status)), "{statuses:?}");
}
