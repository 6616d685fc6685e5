//! Simultaneous requests of which exactly one succeeds.

use std::sync::Arc;

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, Service, UBI, unused_uuid};

/// Sends simultaneous requests and separates the successful answers from the others.
async fn at_once<Asking: Future<Output = Answer> + Send + 'static>(
    times: usize,
    ask: impl Fn(usize) -> Asking,
) -> (Vec<Answer>, Vec<Answer>) {
    let asking: Vec<_> = (0..times).map(|index| tokio::spawn(ask(index))).collect();
    let mut answers = Vec::new();
    for answer in asking {
        answers.push(answer.await.expect("an answer"));
    }
    answers.into_iter().partition(|answer| answer.status == 200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_simultaneous_registrations_with_one_custom_token_exactly_one_wins() {
    let service = Arc::new(Service::any().await);
    let body = json!({ "CustomToken": unused_uuid() });
    let (won, lost) = at_once(32, |_| service.registration(&body).answer()).await;
    assert_eq!(won.len(), 1);
    lost.iter().for_each(|answer| answer.assert_invalid("CustomToken"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn of_simultaneous_registrations_with_one_login_exactly_one_wins() {
    let service = Arc::new(Service::mock().await);
    let body = json!({ "Phone": "+1" });
    let create = |_| service.post("/v1/Registration/Create", &body).with_instance(&UBI).answer();
    let (won, lost) = at_once(16, create).await;
    assert_eq!(won.len(), 1);
    lost.iter().for_each(|answer| answer.assert_invalid("Phone"));
    assert_eq!(service.outbox("+1").await.len(), 1, "only the registered user gets a password");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn of_simultaneous_deletions_of_one_user_exactly_one_wins() {
    let service = Arc::new(Service::mock().await);
    let admin = service.admin().await;
    let path = format!("/v1/Management/users/{}", service.register(&json!({})).await.device_token);
    let (won, lost) = at_once(16, |_| service.request("DELETE", &path).bearer(&admin).answer()).await;
    assert_eq!(won.len(), 1);
    lost.iter().for_each(|answer| answer.assert_failure(404));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn of_simultaneous_changes_of_one_password_exactly_one_wins() {
    let service = Arc::new(Service::mock().await);
    let body = json!({ "Phone": "+1", "Password": "old" });
    let user = service.post("/v1/Registration/Create", &body).with_instance(&UBI).answer().await.tokens();
    let change = |index: usize| {
        let body = json!({ "OldPassword": "old", "NewPassword": format!("new-{index}") });
        service.put("/v1/Management/users", &body).bearer(&user.access_token).answer()
    };
    let (won, lost) = at_once(16, change).await;
    assert_eq!(won.len(), 1);
    lost.iter().for_each(|answer| answer.assert_invalid("OldPassword"));
    let mut good = 0;
    for index in 0..16 {
        let fields: Value = json!({ "Phone": "+1" });
        let answer = service.sign_in(Some(&UBI), &fields, &format!("new-{index}")).answer().await;
        good += usize::from(answer.status == 200);
    }
    assert_eq!(good, 1);
}
