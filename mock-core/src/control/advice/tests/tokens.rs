//! Mistakes with tokens.

use super::app::*;
use crate::control::advice::*;

#[test]
fn of_two_overlapping_refreshes_the_last_to_end_is_found() {
    let mut app = App::new();
    let (first, second) = (app.start_refresh(), app.start_refresh());
    app.end_refresh(&second, EXPIRED);
    assert!(app.found().is_empty(), "the other one may have been given up");
    app.end_refresh(&first, OK);
    assert_eq!(app.found(), [(Rule::ParallelRefreshes, 1)]);
    assert!(app.advice.findings(HERE)[0].message.contains("the same refresh token"));
}

#[test]
fn refreshes_that_send_the_same_token_at_once_are_found_although_the_first_was_answered_before() {
    let mut app = App::new();
    let (pair, issued) = ((app.token, app.access), app.issued);
    for end in [OK, REUSED, REVOKED] {
        app.wait(10);
        ((app.token, app.access), app.issued) = (pair, issued);
        app.refresh(end);
    }
    assert_eq!(app.found(), [(Rule::ParallelRefreshes, 2)]);
    assert!(app.advice.findings(HERE)[0].message.contains("the same refresh token"));
}

#[test]
fn a_token_that_is_sent_again_a_while_after_an_answer_that_was_lost_is_no_parallel_refresh() {
    let mut app = App::new();
    let pair = (app.token, app.access);
    app.refresh(OK);
    app.wait(1000);
    (app.token, app.access) = pair;
    app.refresh(REUSED);
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_refresh_after_one_that_the_client_gave_up_is_not_parallel() {
    let mut app = App::new();
    let (first, second) = (app.start_refresh(), app.start_refresh());
    app.end_refresh(&first, End { answer: Answer::GaveUp, ..LOST });
    app.end_refresh(&second, OK);
    let first = app.start_refresh();
    app.wait(10_000);
    let second = app.start_refresh();
    app.end_refresh(&second, made_up(503));
    app.end_refresh(&first, made_up(503));
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_token_that_is_sent_again_after_its_refresh_was_answered_is_found_with_its_consequence() {
    let mut app = App::new();
    app.wait(900_000);
    app.refresh(OK);
    app.call(OK);
    app.token -= 1;
    app.refresh(REUSED);
    app.refresh(REVOKED);
    assert_eq!(app.found(), [(Rule::RefreshTokenReused, 1), (Rule::FamilyRevoked, 1)]);
    assert!(!app.advice.awaited.is_any_at(app.now));
}

#[test]
fn an_old_pair_is_no_mistake_while_no_newer_access_token_has_come_back() {
    for is_login in [false, true] {
        let mut app = App::new();
        app.call(OK);
        // The answer is lost behind the server.
        let kept = (app.token, app.access, app.issued);
        if is_login {
            app.login(OK)
        } else {
            app.refresh(OK)
        };
        assert!(app.advice.awaited.is_any_at(app.now));
        (app.token, app.access, app.issued) = kept;
        app.call(OK);
        app.wait(1000);
        app.refresh(if is_login { SUPERSEDED } else { REUSED });
        app.refresh(REVOKED);
        app.login(NEEDLESS);
        app.call(OK);
        assert!(app.found().is_empty(), "{:?}", app.found());
        app.advice.clear(HERE);
        assert!(!app.advice.awaited.is_any_at(app.now));
    }
}

#[test]
fn tokens_that_the_app_never_uses_are_not_waited_for_for_ever() {
    let mut app = App::new();
    app.refresh(OK);
    app.wait(599_999);
    assert!(app.advice.awaited.is_any_at(app.now));
    app.wait(1);
    assert!(!app.advice.awaited.is_any_at(app.now));
}

#[test]
fn a_token_that_the_app_never_used_is_not_its_mistake() {
    for refusal in [REUSED, SUPERSEDED, REVOKED] {
        let mut app = App::new();
        app.refresh(refusal);
        app.login(OK);
        assert!(app.found().is_empty(), "{:?}", app.found());
    }
}

#[test]
fn a_token_that_is_sent_again_after_a_lost_answer_is_no_mistake() {
    let mut app = App::new();
    app.refresh(LOST);
    app.refresh(REUSED);
    app.refresh(REVOKED);
    app.login(NEEDLESS);
    app.login(LOST);
    app.refresh(SUPERSEDED);
    app.login(NEEDLESS);
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_token_from_before_a_login_is_found() {
    let mut app = App::new();
    let old = (app.token, app.access);
    app.login(OK);
    app.call(OK);
    (app.token, app.access) = old;
    app.refresh(SUPERSEDED);
    assert_eq!(app.found(), [(Rule::RefreshTokenSuperseded, 1)]);
}

#[test]
fn a_second_login_with_a_good_refresh_token_is_found() {
    let mut app = App::new();
    app.login(NEEDLESS);
    assert!(app.found().is_empty(), "a test may have given the app nothing but the device token");
    app.login(NEEDLESS);
    assert_eq!(app.found(), [(Rule::LoginInsteadOfRefresh, 1)]);
}

#[test]
fn a_second_early_refresh_in_a_row_is_found_unless_a_401_came_before() {
    let mut app = App::new();
    app.refresh(OK);
    app.call(made_up(401));
    app.refresh(OK);
    app.wait(600_000);
    app.refresh(OK);
    app.refresh(OK);
    assert!(app.found().is_empty(), "{:?}", app.found());
    app.wait(400_000);
    app.refresh(OK);
    assert_eq!(app.found(), [(Rule::RefreshTooEarly, 1)]);
    assert!(app.advice.findings(HERE)[0].message.contains("600 of 1000 seconds"));
}

#[test]
fn an_early_refresh_after_one_that_failed_is_no_mistake() {
    let mut app = App::new();
    for _ in 0..3 {
        app.refresh(made_up(503));
        app.wait(1000);
        app.refresh(OK);
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn expired_calls_without_a_refresh_are_found_when_somebody_asks_and_when_the_user_logs_in() {
    let mut app = App::new();
    app.call(EXPIRED);
    assert!(app.found().is_empty());
    app.wait(20);
    app.call(EXPIRED);
    assert_eq!(app.found(), [(Rule::NeverRefreshes, 1)]);
    app.login(OK);
    app.call(EXPIRED);
    assert_eq!(app.found(), [(Rule::NeverRefreshes, 1)]);
}

#[test]
fn late_calls_with_an_expired_token_after_a_refresh_are_no_mistake() {
    for is_lost in [false, true] {
        let mut app = App::new();
        app.call(EXPIRED);
        let old = app.access;
        app.refresh(if is_lost { LOST } else { OK });
        let new = std::mem::replace(&mut app.access, old);
        for _ in 0..3 {
            app.wait(20);
            app.call(EXPIRED);
        }
        app.access = new;
        if is_lost {
            app.login(NEEDLESS);
        }
        app.call(OK);
        assert!(app.found().is_empty(), "{:?}", app.found());
    }
}

#[test]
fn users_who_are_forgotten_start_anew_and_their_findings_stay() {
    let mut app = App::new();
    let kept = (app.token, app.access, app.issued);
    app.refresh(OK);
    app.call(OK);
    for _ in 0..2 {
        app.wait(20);
        app.call(EXPIRED);
    }
    app.advice.forget_users(HERE);
    (app.token, app.access, app.issued) = kept;
    app.refresh(LOST);
    app.refresh(REUSED);
    assert_eq!(app.found(), [(Rule::NeverRefreshes, 1)]);
}

#[test]
fn calls_that_expire_side_by_side_before_a_refresh_are_no_mistake() {
    let mut app = App::new();
    for _ in 0..3 {
        app.call(EXPIRED);
    }
    app.refresh(REUSED);
    app.login(OK);
    let waiting: Vec<_> = (0..6).map(|_| app.arrival(Some(Call::ReadUser))).collect();
    for arrival in &waiting {
        app.wait(1);
        app.end(arrival, USERS, EXPIRED);
    }
    app.login(OK);
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_user_without_a_good_refresh_token_cannot_refresh() {
    let mut app = App::new();
    for _ in 0..3 {
        app.call(End { refused: Some(Refused::Expired { can_refresh: false }), ..EXPIRED });
    }
    assert!(app.found().is_empty());
}
