//! The app against the mock server. The server runs in the process of the test and stops at its end.

use telematics_mock::{Fault, FaultEffect, MockServer, RequestMatch, TestInstance};
use telematics_user_example_rust::{Failure, UserService};

fn app(server: &MockServer, mine: &TestInstance) -> UserService {
    UserService::new(server.uri(), mine.id.clone(), mine.key.clone())
}

#[tokio::test]
async fn after_six_days_the_session_is_renewed_once() {
    let server = MockServer::start().await.unwrap();
    let mine = server.create_instance();
    let mut session = app(&server, &mine).register("Ada").await.unwrap();

    mine.clock().advance("P6D").unwrap();

    assert_eq!(app(&server, &mine).first_name(&mut session).await.unwrap(), "Ada");
    assert_eq!(app(&server, &mine).first_name(&mut session).await.unwrap(), "Ada");
    mine.verify(RequestMatch::path("/v1/Auth/RefreshToken")).exactly(1);
    // The first call was repeated after its 401.
    mine.verify(RequestMatch::path("/v1/Management/users")).at_least(3);
    mine.verify(RequestMatch::path("/v1/Auth/Login")).at_most(0);
}

#[tokio::test]
async fn after_half_a_year_the_user_is_signed_in_with_the_device_token() {
    let server = MockServer::start().await.unwrap();
    let mine = server.create_instance();
    let mut session = app(&server, &mine).register("Ada").await.unwrap();

    mine.clock().advance("P180D").unwrap();

    assert_eq!(app(&server, &mine).first_name(&mut session).await.unwrap(), "Ada");
    mine.verify(RequestMatch::path("/v1/Auth/RefreshToken").with_status(401)).exactly(1);
    mine.verify(RequestMatch::path("/v1/Auth/Login").with_status(200)).exactly(1);
}

#[tokio::test]
async fn after_a_lost_refresh_one_call_fails_and_the_session_goes_on() {
    let server = MockServer::start().await.unwrap();
    let mine = server.create_instance();
    let mut session = app(&server, &mine).register("Ada").await.unwrap();
    mine.clock().advance("P6D").unwrap();

    let lost = FaultEffect { commit_then_drop: true, ..FaultEffect::default() };
    mine.add_fault(Fault::new(RequestMatch::path("/v1/Auth/RefreshToken"), lost).times(1)).unwrap();

    let failed = app(&server, &mine).first_name(&mut session).await;
    assert!(matches!(failed, Err(Failure::Network(_))), "{failed:?}");
    assert_eq!(app(&server, &mine).first_name(&mut session).await.unwrap(), "Ada");
    // The new tokens were lost, and the old refresh token counts as used: the app has logged in.
    mine.verify(RequestMatch::path("/v1/Auth/Login").with_status(200)).exactly(1);
}

#[tokio::test]
async fn the_clock_and_the_faults_of_an_instance_affect_no_other_instance() {
    let server = MockServer::start().await.unwrap();
    let (mine, yours) = (server.create_instance(), server.create_instance());
    let mut session = app(&server, &yours).register("Bob").await.unwrap();

    mine.clock().advance("P180D").unwrap();
    let failing = FaultEffect { status: Some(500), ..FaultEffect::default() };
    mine.add_fault(Fault::new(RequestMatch::any(), failing)).unwrap();

    assert_eq!(app(&server, &yours).first_name(&mut session).await.unwrap(), "Bob");
    yours.verify(RequestMatch::path("/v1/Auth/RefreshToken")).exactly(0);
    mine.verify(RequestMatch::any()).exactly(0);
}
