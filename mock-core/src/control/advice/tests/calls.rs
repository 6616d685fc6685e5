//! Mistakes in single calls, and calls that are repeated.

use bytes::Bytes;
use telematics_contract::Call;

use super::app::*;
use crate::control::advice::*;
use crate::service::ids::InstanceId;
use crate::service::time::Period;

#[test]
fn a_hint_is_counted_with_its_first_example() {
    let mut app = App::new();
    for path in ["/v1/registration", "/v1/regstration"] {
        let arrival = app.arrival(None);
        app.end(&arrival, path, End { hint: Some((Rule::UnknownPath, path)), ..status(404) });
    }
    let [finding] = &*app.advice.findings(HERE) else { panic!("one finding") };
    assert_eq!((finding.count, finding.first(), finding.last), (2, 1, 2));
    assert_eq!((&*finding.message, &*finding.example.path), ("/v1/registration", "/v1/registration"));
    assert_eq!(finding.example.status, Some(404));
}

#[test]
fn advice_about_a_scope_is_separate_and_can_be_cleared() {
    let mut app = App::new();
    let arrival = Arrival { has_secret_in_url: true, ..app.arrival(None) };
    app.end(&arrival, "/v1", status(404));
    let elsewhere = Scope::Instance(InstanceId::from_u128(2));
    assert!(app.advice.findings(elsewhere).is_empty());
    assert_eq!(app.advice.findings(Scope::Server).len(), 1);
    app.advice.clear(elsewhere);
    assert_eq!(app.found(), [(Rule::SecretInUrl, 1)]);
    app.advice.clear(HERE);
    assert!(app.found().is_empty() && !app.advice.is_watching_at(app.now));
}

#[test]
fn a_reset_begins_anew_and_the_findings_stay_those_of_the_run() {
    let mut app = App::new();
    for _ in 0..2 {
        let arrival = Arrival { has_secret_in_url: true, ..app.arrival(None) };
        app.end(&arrival, "/v1", status(404));
        app.advice.reset(HERE);
        assert!(app.found().is_empty());
    }
    let [finding] = &*app.advice.of_run() else { panic!("one finding") };
    assert_eq!((finding.rule, finding.count), (Rule::SecretInUrl, 2));
    app.advice.clear(HERE);
    assert_eq!(app.advice.of_run().len(), 1, "only what was not reset can be cleared");
}

#[test]
fn a_secret_in_the_url_is_found_and_not_shown() {
    let mut app = App::new();
    let arrival = Arrival { has_secret_in_url: true, ..app.arrival(None) };
    app.end(&arrival, "/v1/Auth/eyJ0.canary.x", OK);
    assert_eq!(app.found(), [(Rule::SecretInUrl, 1)], "also if the call succeeds");
    assert!(!format!("{:?}", app.advice.findings(HERE)).contains("canary"));
}

#[test]
fn five_equal_failures_at_once_are_a_loop_whoever_made_them_up() {
    for failure in [made_up(503), status(422), LOST] {
        let mut app = App::new();
        for _ in 0..12 {
            app.call(failure);
            app.wait(20);
        }
        assert_eq!(app.found(), [(Rule::RetryWithoutPause, 1)], "a loop counts once");
    }
}

#[test]
fn a_pause_a_success_another_failure_and_new_tokens_end_a_loop() {
    let mut app = App::new();
    for pause in [10, 100, 200, 400, 800, 0, 0, 0] {
        app.call(made_up(503));
        app.wait(pause);
    }
    for _ in 0..3 {
        app.call(OK);
        app.call(made_up(500));
        app.call(made_up(502));
    }
    for _ in 0..8 {
        app.call(made_up(401));
        app.refresh(OK);
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn calls_with_another_body_are_no_loop() {
    let mut app = App::new();
    for body in ["a", "b", "c", "d", "e", "f"] {
        let arrival = Arrival { body: Bytes::from(body), ..app.arrival(Some(Call::UpdateUser)) };
        app.end(&arrival, USERS, status(422));
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn calls_that_are_sent_side_by_side_are_no_loop() {
    let mut app = App::new();
    let mut waiting: Vec<_> = (0..6).map(|_| app.arrival(Some(Call::ReadUser))).collect();
    for _ in 0..30 {
        app.wait(1);
        let ended = waiting.remove(0);
        app.end(&ended, USERS, End { retry_after: RetryAfter::parse("10"), ..made_up(429) });
        waiting.push(app.arrival(Some(Call::ReadUser)));
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn calls_that_are_sent_side_by_side_and_handled_one_after_the_other_are_no_mistake() {
    let asks_to_wait = End { retry_after: RetryAfter::parse("10"), ..made_up(429) };
    for end in [made_up(500), asks_to_wait, EXPIRED, End { announces_end: true, ..OK }] {
        let mut app = App::new();
        for _ in 0..20 {
            app.wait_micros(100);
            let arrival = Arrival { uses_device_token: end.announces_end, ..app.arrival(Some(Call::ReadUser)) };
            app.wait_micros(100);
            app.end(&arrival, USERS, end);
        }
        assert!(app.found().is_empty(), "{:?}", app.found());
    }
}

#[test]
fn a_loop_that_takes_a_millisecond_for_each_call_is_found_after_a_while() {
    let mut app = App::new();
    for _ in 0..200 {
        app.call(made_up(500));
        app.wait(1);
    }
    assert_eq!(app.found(), [(Rule::RetryWithoutPause, 1)]);
}

#[test]
fn successes_count_only_while_a_failed_call_can_be_repeated() {
    for (end, wait) in [(made_up(500), 100), (End { retry_after: RetryAfter::parse("2"), ..made_up(429) }, 2000)] {
        let mut app = App::new();
        assert!(!app.advice.is_watching_at(app.now));
        app.call(end);
        app.wait(wait - 1);
        assert!(app.advice.is_watching_at(app.now));
        app.wait(1);
        assert!(!app.advice.is_watching_at(app.now));
    }
}

#[test]
fn a_call_before_the_time_of_retry_after_is_found() {
    let until = RetryAfter::Until(START.plus(Period::from_seconds(2)));
    for wait in [RetryAfter::Wait(Period::from_seconds(2)), until] {
        let mut app = App::new();
        app.call(End { retry_after: Some(wait), ..made_up(429) });
        app.wait(1000);
        app.call(OK);
        assert_eq!(app.found(), [(Rule::RetryAfterIgnored, 1)]);
        assert!(app.advice.findings(HERE)[0].message.contains("1 seconds before"));
        app.call(OK);
        assert_eq!(app.found(), [(Rule::RetryAfterIgnored, 1)], "a wait is ignored once");
    }
}

#[test]
fn a_call_after_the_time_of_retry_after_by_either_clock_is_no_mistake() {
    let mut app = App::new();
    let wait = End { retry_after: RetryAfter::parse("2"), ..made_up(503) };
    app.call(wait);
    app.wait(1950);
    app.call(wait);
    // The test moves the virtual clock instead of waiting.
    let arrival = app.arrival(Some(Call::ReadUser));
    app.now = app.now.plus(Period::from_seconds(2));
    app.end(&arrival, USERS, OK);
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_device_token_in_the_headers_after_the_announcement_of_its_end_is_found() {
    let mut app = App::new();
    let announced = End { announces_end: true, ..OK };
    for (end, count) in
        [(OK, 0), (announced, 0), (announced, 1), (End { refused: Some(Refused::DeviceTokenSunset), ..status(401) }, 2)]
    {
        let arrival = Arrival { uses_device_token: true, ..app.arrival(Some(Call::ReadUser)) };
        app.end(&arrival, USERS, end);
        app.wait(20);
        let found = app.found();
        assert_eq!(found.iter().map(|(_, count)| *count).sum::<u64>(), count, "{found:?}");
        assert!(found.iter().all(|(rule, _)| *rule == Rule::SunsetIgnored));
    }
}
