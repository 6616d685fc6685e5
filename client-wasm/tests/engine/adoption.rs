//! What a tab adopts from the storage that all tabs share, and what it does not.

use serde_json::json;
use telematics_user_client::engine::ports::ChangeKind;
use telematics_user_client::engine::shared::Shared;
use telematics_user_client::error::ErrorCode;

use crate::world::paths::{REFRESH, REGISTER};
use crate::world::{LIFETIME, success, tokens, two_tabs};

#[test]
fn a_tab_adopts_another_user_without_a_sign_out() {
    let [(a, first), (b, second)] = two_tabs();
    a.register(&first, &tokens("other", 7));
    b.listen(&second);
    assert_eq!(b.changes(), [(ChangeKind::SignedIn, Some("other".to_owned()))]);
}

#[test]
fn a_tab_adopts_another_user_even_if_neither_has_tokens() {
    let no_tokens = |user| success(&json!({ "DeviceToken": user }));
    let [(a, first), (b, second)] = two_tabs();
    a.register(&first, &no_tokens("device"));
    b.listen(&second);
    a.register(&first, &no_tokens("other"));
    b.listen(&second);
    assert_eq!(second.session().unwrap().device_token, "other");
}

#[test]
fn a_tab_adopts_a_change_of_only_one_of_the_tokens() {
    for (jwt, refresh_token) in [("jwt-1", "refresh-2"), ("jwt-2", "refresh-1")] {
        let [(a, first), (b, second)] = two_tabs();
        let refresh = a.refresh(&first);
        let access_token = json!({ "Token": jwt, "ExpiresIn": LIFETIME });
        let answer = success(&json!({ "AccessToken": access_token, "RefreshToken": refresh_token }));
        a.request(REFRESH).answer(200, &answer);
        refresh.done().unwrap();
        b.listen(&second);
        let _call = b.refresh(&second);
        let pair = json!({ "AccessToken": jwt, "RefreshToken": refresh_token });
        assert_eq!(b.request(REFRESH).body(), pair);
    }
}

#[test]
fn a_call_that_waits_for_a_refresh_ends_as_soon_as_another_tab_signs_out() {
    let [(a, first), (b, second)] = two_tabs();
    let call = b.refresh(&second);
    let _unanswered = b.request(REFRESH);
    a.start(first.sign_out()).done();
    b.listen(&second);
    assert_eq!(call.error().code, ErrorCode::NotSignedIn);
}

#[test]
fn after_a_429_a_tab_may_renew_the_session_of_another_tab_at_once() {
    let [(a, first), (b, second)] = two_tabs();
    let refused = b.refresh(&second);
    b.request(REFRESH).fail(429);
    assert_eq!(refused.error().code, ErrorCode::RateLimited);
    a.register(&first, &tokens("other", 7));
    b.listen(&second);
    let _call = b.refresh(&second);
    assert_eq!(b.request(REFRESH).body()["RefreshToken"], "refresh-7");
}

#[test]
fn a_tab_does_not_adopt_what_its_own_pending_write_will_replace() {
    let [(a, first), _] = two_tabs();
    let gate = Shared::new();
    a.set_storage_gate(Some(&gate));
    let signing_in = a.start_register(&first);
    a.request(REGISTER).answer(200, &tokens("other", 7));
    assert!(signing_in.is_pending());
    a.set_storage_gate(None);
    let synced = a.sync(&first);
    assert!(synced.is_pending());
    gate.settle(());
    synced.done();
    assert_eq!(first.session().unwrap().device_token, "other");
    assert_eq!(a.kinds(), [ChangeKind::Registered]);
}

#[test]
fn a_tab_does_not_adopt_what_it_has_replaced_while_the_storage_was_read() {
    let [(a, first), _] = two_tabs();
    let gate = Shared::new();
    a.set_storage_gate(Some(&gate));
    let synced = a.sync(&first);
    assert!(synced.is_pending());
    a.set_storage_gate(None);
    a.register(&first, &tokens("other", 7));
    gate.settle(());
    synced.done();
    assert_eq!(first.session().unwrap().device_token, "other");
    assert_eq!(a.kinds(), [ChangeKind::Registered]);
}
