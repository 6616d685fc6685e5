//! Rounds of random requests to one server.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::json;
use telematics_contract_tests::random_calls::{CANARY, Credentials, Request, request};
use telematics_contract_tests::random_control::{ControlRequest, control_request};
use telematics_contract_tests::{Service, Tokens, Wire};
use tokio::time::timeout;

/// The number of requests in a round.
pub const REQUESTS: u64 = 5_000;
/// The number of requests of a round at the start of which the control API has changed nothing, so that every answer is checked.
const UNDISTURBED: u64 = 3_000;
/// The number of users that the requests of a round come from; a request may delete its user.
const USERS: usize = 500;
/// The time after which a client gives up a request that a fault or a barrier holds.
const PATIENCE: Duration = Duration::from_millis(50);
/// The time in which every server must answer an undisturbed request.
const LIMIT: Duration = Duration::from_secs(30);

/// A client with a server of its own, and the random choices of its requests.
pub struct Client {
    service: Service,
    runner: TestRunner,
    calls: BoxedStrategy<Request>,
    controls: BoxedStrategy<ControlRequest>,
}

/// How often each status was seen.
#[derive(Debug, Default)]
pub struct Statuses {
    /// Of the contract, while no fault could answer.
    pub contract: BTreeMap<u16, u64>,
    /// Of the control API.
    pub control: BTreeMap<u16, u64>,
    /// Requests without an answer, because a fault cut them off or held them longer than the client waits.
    pub unanswered: u64,
}

impl Statuses {
    /// Adds the counts of a round.
    pub fn add(&mut self, other: &Self) {
        for (sum, counts) in [(&mut self.contract, &other.contract), (&mut self.control, &other.control)] {
            for (status, count) in counts {
                *sum.entry(*status).or_default() += count;
            }
        }
        self.unanswered += other.unanswered;
    }

    /// Checks that the requests did not all fail alike: then they would prove little.
    ///
    /// # Panics
    ///
    /// A status is missing.
    pub fn check(&self) {
        for status in [200, 400, 401, 403, 404, 405, 415, 422] {
            assert!(self.contract.contains_key(&status), "no call was answered with {status}");
        }
        for status in [200, 201, 400, 404, 409] {
            assert!(self.control.contains_key(&status), "no control call was answered with {status}");
        }
    }
}

impl Client {
    /// Starts a server.
    pub async fn start(runner: TestRunner) -> Self {
        let service = Service::mock().await;
        Self { service, runner, calls: request().boxed(), controls: control_request().boxed() }
    }

    /// Runs one round, and resets the server.
    ///
    /// # Panics
    ///
    /// A request is answered wrongly.
    pub async fn round(&mut self) -> Statuses {
        let mut statuses = Statuses::default();
        let users = self.users().await;
        let admin = self.service.admin().await;
        let mut wire = Wire::to(&self.service).await;
        for number in 0..REQUESTS {
            let user = &users[usize::try_from(number).expect("a small number") % users.len()];
            if number >= UNDISTURBED && number % 2 == 0 {
                self.control(&mut wire, user, &mut statuses).await;
                continue;
            }
            let credentials = Credentials {
                device_token: user.device_token.clone(),
                access_token: user.access_token.clone(),
                refresh_token: user.refresh_token.clone(),
                admin: admin.clone(),
            };
            let bytes = draw(&self.calls, &mut self.runner).bytes(&credentials);
            if number < UNDISTURBED {
                let status = undisturbed(&mut wire, &bytes).await;
                *statuses.contract.entry(status).or_default() += 1;
            } else if timeout(PATIENCE, wire.ask(&bytes)).await.ok().flatten().is_none() {
                statuses.unanswered += 1;
                wire = Wire::to(&self.service).await;
            }
        }
        self.reset().await;
        statuses
    }

    async fn users(&self) -> Vec<Tokens> {
        let body = json!({ "Quantity": USERS });
        let answer = self.service.post("/v1/Registration/CreateMultiple", &body).with_instance(&self.service).answer();
        answer.await.result().as_array().expect("users").iter().map(Tokens::from_result).collect()
    }

    async fn reset(&self) {
        let answer = self.service.post("/__mock/reset", &json!({})).answer().await;
        assert_eq!(answer.status, 200, "after the round: {:?}", answer.body);
    }

    async fn control(&mut self, wire: &mut Wire, user: &Tokens, statuses: &mut Statuses) {
        let bytes = draw(&self.controls, &mut self.runner).bytes(&user.device_token);
        let Ok(answer) = timeout(LIMIT, wire.ask(&bytes)).await else {
            panic!("a control call was not answered\n{}", String::from_utf8_lossy(&bytes));
        };
        let Some(answer) = answer else {
            panic!("the connection ended without an answer\n{}", String::from_utf8_lossy(&bytes));
        };
        answer.check_control().unwrap_or_else(|wrong| panic!("{wrong}\n{}", String::from_utf8_lossy(&bytes)));
        *statuses.control.entry(answer.status).or_default() += 1;
    }
}

fn draw<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).expect("a random value").current()
}

/// Sends a request that nothing disturbs; returns the status of its answer.
async fn undisturbed(wire: &mut Wire, bytes: &[u8]) -> u16 {
    let shown = || String::from_utf8_lossy(bytes).into_owned();
    let Ok(answer) = timeout(LIMIT, wire.ask(bytes)).await else { panic!("no answer\n{}", shown()) };
    let Some(answer) = answer else { panic!("the connection ended without an answer\n{}", shown()) };
    answer.check().unwrap_or_else(|wrong| panic!("{wrong}\n{}", shown()));
    assert!(!answer.head.contains("connection: close"), "the connection was closed\n{}", shown());
    let repeats = answer.status != 200 && answer.body.to_string().contains(CANARY);
    assert!(!repeats, "the answer repeats the request: {}\n{}", answer.body, shown());
    answer.status
}
