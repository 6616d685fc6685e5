//! Several tabs with the same storage.

use serde_json::json;
use telematics_user_client::engine::ports::{ChangeKind, Origin};
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{LOGIN, REFRESH, USERS};
use crate::world::{LIFETIME, World, keyless, success, tokens, two_tabs};

#[test]
fn simultaneous_401s_in_two_tabs_make_one_refresh() {
    let [(a, first), (b, second)] = two_tabs();
    let (one, two) = (a.profile(&first), b.profile(&second));
    a.requests().iter().for_each(|request| request.fail(401));
    a.request(REFRESH).answer(200, &tokens("device", 2));
    for request in a.requests() {
        assert_eq!((request.path().as_str(), request.bearer()), (USERS, Some("jwt-2")));
        request.answer(200, &success(&json!({})));
    }
    assert!(one.done().is_ok() && two.done().is_ok());
    assert_eq!(b.kinds(), [ChangeKind::Refreshed]);
    assert_eq!(b.origins(), [Origin::OtherTab]);
}

#[test]
fn a_tab_adopts_the_sign_out_and_the_sign_in_of_another_tab() {
    let [(a, first), (b, second)] = two_tabs();
    a.start(first.sign_out()).done();
    b.listen(&second);
    assert!(second.session().is_none());
    a.register(&first, &tokens("other", 7));
    b.listen(&second);
    assert_eq!(second.session().unwrap().device_token, "other");
    let user = Some("other".to_owned());
    assert_eq!(b.changes(), [(ChangeKind::SignedOut, None), (ChangeKind::SignedIn, user)]);
}

#[test]
fn a_sign_out_in_another_tab_wins_over_a_pending_refresh() {
    for is_announced in [true, false] {
        let [(a, first), (b, second)] = two_tabs();
        let call = b.refresh(&second);
        let request = b.request(REFRESH);
        a.start(first.sign_out()).done();
        if is_announced {
            b.listen(&second);
        }
        request.answer(200, &tokens("device", 2));
        assert_eq!(call.error().code, ErrorCode::NotSignedIn);
        assert!(second.session().is_none() && a.stored().is_none());
    }
}

#[test]
fn a_tab_that_crashes_during_a_refresh_costs_one_more_refresh_and_one_login() {
    let [(a, first), (b, second)] = two_tabs();
    let _lost = a.refresh(&first);
    let call = b.refresh(&second);
    a.request(REFRESH); // the service has answered, but the tab crashes before it reads the response
    a.crash();
    b.request(REFRESH).fail(401);
    b.request(LOGIN).answer(200, &tokens("device", 3));
    assert_eq!(call.done().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-3");
    assert!(b.requests().is_empty());
}

#[test]
fn a_tab_that_hangs_delays_the_others_by_ten_seconds() {
    let [(a, first), (b, second)] = two_tabs();
    let _hanging = a.refresh(&first);
    let _request = a.request(REFRESH);
    let call = b.refresh(&second);
    b.advance_seconds(9);
    assert!(b.requests().is_empty());
    b.advance_seconds(1);
    b.request(REFRESH).answer(200, &tokens("device", 2));
    assert!(call.done().is_ok());
}

#[test]
fn without_locks_the_loser_of_a_race_adopts_the_newer_session() {
    let [(a, first), (b, second)] = two_tabs();
    a.take_locks_away();
    let (winner, loser) = (a.refresh(&first), b.refresh(&second));
    let [won, lost] = <[_; 2]>::try_from(a.requests()).ok().unwrap();
    // The loser gets its response first.
    lost.fail(401);
    assert!(loser.is_pending());
    won.answer(200, &tokens("device", 2));
    winner.done().unwrap();
    b.advance_seconds(2);
    assert_eq!(loser.done().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-2");
    assert!(b.requests().is_empty());
}

#[test]
fn a_late_refresh_does_not_overwrite_a_newer_session() {
    let [(a, first), (b, second)] = two_tabs();
    let late = a.refresh(&first);
    let request = a.request(REFRESH);
    b.register(&second, &tokens("other", 7));
    request.answer(200, &tokens("device", 2));
    late.done().unwrap();
    assert!(a.stored().unwrap().contains("refresh-7"));
    assert_eq!(first.session().unwrap().device_token, "other");
}

#[test]
fn a_session_that_another_tab_renewed_long_ago_is_renewed_with_the_tokens_of_that_tab() {
    let [(a, first), (b, second)] = two_tabs();
    let refresh = a.refresh(&first);
    a.request(REFRESH).answer(200, &tokens("device", 2));
    refresh.done().unwrap();
    b.advance_seconds(LIFETIME);
    let _call = b.profile(&second);
    let request = b.request(REFRESH);
    assert_eq!(request.body()["RefreshToken"], "refresh-2");
}

#[test]
fn a_rejected_refresh_adopts_a_newer_session_of_another_tab() {
    let first = World::new();
    let second = first.another_tab();
    let engine = first.signed_in_with(keyless());
    let other = second.restored_with(keyless());
    let call = first.refresh(&engine);
    let request = first.request(REFRESH);
    second.register(&other, &tokens("device", 7));
    request.fail(401);
    assert!(call.done().is_ok());
    assert!(first.stored().unwrap().contains("refresh-7"));
}

#[test]
fn a_full_storage_signs_no_tab_out() {
    let [(a, first), (b, second)] = two_tabs();
    a.set_storage_full(true);
    let refresh = a.refresh(&first);
    a.request(REFRESH).answer(200, &tokens("device", 2));
    refresh.done().unwrap();
    b.listen(&second);
    assert!(first.session().is_some() && second.session().is_some());
    let again = a.refresh(&first);
    assert_eq!(a.request(REFRESH).body()["RefreshToken"], "refresh-2");
    assert!(again.is_pending());
}

#[test]
fn a_rejected_fallback_adopts_a_session_that_another_tab_has_stored_meanwhile() {
    let [(a, first), (b, second)] = two_tabs();
    let refresh = a.refresh(&first);
    a.request(REFRESH).fail(401);
    let login = a.request(LOGIN);
    b.register(&second, &tokens("device", 7));
    login.fail(401);
    assert_eq!(refresh.done().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-7");
    assert_eq!((a.kinds(), a.origins()), (vec![ChangeKind::Refreshed], vec![Origin::OtherTab]));
    assert!(a.stored().unwrap().contains("refresh-7"));
}

#[test]
fn a_late_refresh_does_not_overwrite_a_newer_session_of_the_same_user() {
    let [(a, first), (b, second)] = two_tabs();
    let late = a.refresh(&first);
    let request = a.request(REFRESH);
    b.register(&second, &tokens("device", 7));
    request.answer(200, &tokens("device", 2));
    assert_eq!(late.done().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-7");
    assert!(a.stored().unwrap().contains("refresh-7"));
}

#[test]
fn the_tokens_of_a_login_replace_those_that_another_tab_has_stored_for_the_same_user_meanwhile() {
    let [(a, first), (b, second)] = two_tabs();
    let refresh = a.refresh(&first);
    a.request(REFRESH).fail(401);
    let login = a.request(LOGIN);
    b.register(&second, &tokens("device", 7));
    login.answer(200, &tokens("device", 9));
    assert_eq!(refresh.done().unwrap().refresh_token.as_ref().unwrap().expose(), "refresh-9");
    assert!(a.stored().unwrap().contains("refresh-9"));
}

#[test]
fn a_renewal_that_a_sign_in_has_replaced_while_it_waited_for_its_turn_sends_nothing() {
    let [(a, first), (b, second)] = two_tabs();
    let _holds_the_turn = a.refresh(&first);
    let request = a.request(REFRESH);
    let _waits = b.refresh(&second);
    let access_token = json!({ "Token": "jwt-7", "ExpiresIn": 0 });
    let answer = success(&json!({ "DeviceToken": "other", "AccessToken": access_token, "RefreshToken": "refresh-7" }));
    b.register(&second, &answer);
    request.answer(200, &tokens("device", 2));
    assert!(b.requests().is_empty());
}

#[test]
fn a_tab_may_hold_its_turn_for_a_refresh_and_a_login_up_to_their_time_limits() {
    let [(a, first), _] = two_tabs();
    let _call = a.refresh(&first);
    a.request(REFRESH);
    // It also reads the storage and writes it.
    assert_eq!(a.holds_ms(), [first.config().timeout_ms * 2 + 3_000]);
}

#[test]
fn a_rejected_fallback_ends_the_session_in_every_tab() {
    let [(a, first), (b, second)] = two_tabs();
    let refresh = a.refresh(&first);
    a.request(REFRESH).fail(401);
    a.request(LOGIN).fail(401);
    assert_eq!(refresh.error().code, ErrorCode::SessionExpired);
    assert!(first.session().is_none() && a.stored().is_none());
    b.listen(&second);
    assert!(second.session().is_none());
}
