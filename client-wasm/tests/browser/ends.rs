//! Calls that fail, are aborted, or outlive their client.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{NONE, World, code, evaluate, js, json, rejected, text, until};

#[wasm_bindgen_test]
async fn an_aborted_call_rejects_with_the_reason_and_aborts_its_request() {
    let world = World::signed_in().await;
    world.answer("(request) => new Promise(() => { globalThis.hanging = request.signal; })");
    let controller = js("new AbortController()");
    let call = evaluate("return { signal: a.signal };", &controller, NONE);
    let profile = world.client.profile(&call);
    until(|| js("globalThis.hanging").is_object()).await;
    evaluate("a.abort('because');", &controller, NONE);
    let error = rejected(profile).await;
    assert_eq!((text(&error, "code"), text(&error, "cause")), ("aborted".to_owned(), "because".to_owned()));
    assert_eq!(js("globalThis.hanging.aborted"), true);
    // A call whose signal has aborted already sends no request.
    let count = world.count();
    assert_eq!(code(world.client.profile(&call)).await, "aborted");
    assert_eq!(world.count(), count);
}

#[wasm_bindgen_test]
async fn a_call_rejects_with_timeout_at_its_time_limit() {
    let world = World::signed_in().await;
    world.answer("() => new Promise(() => {})");
    assert_eq!(code(world.client.profile(&js("({ timeoutMs: 20 })"))).await, "timeout");
}

#[wasm_bindgen_test]
async fn every_rejection_of_fetch_becomes_a_network_error() {
    let world = World::signed_in().await;
    for answer in [
        "() => Promise.reject('reason')",
        "() => Promise.reject(undefined)",
        "() => { throw new TypeError('reason'); }",
        "() => 'no response'",
        "() => undefined",
        "() => new Response(new ReadableStream({ start(c) { c.error('reason'); } }))",
    ] {
        world.answer(answer);
        assert_eq!(code(world.client.profile(NONE)).await, "network", "{answer}");
    }
}

#[wasm_bindgen_test]
async fn an_error_contains_the_status_the_title_and_the_fields_of_the_response() {
    let world = World::signed_in().await;
    world.answer(
        r#"() => new Response(
        '{"Status":422,"Title":"T","Errors":[{"Key":"Gender","Message":"M"}]}',
        { status: 422, headers: { "Retry-After": "9" } },
    )"#,
    );
    let error = rejected(world.client.update("{}".into(), false, NONE)).await;
    assert_eq!(
        json(&error),
        r#"{"code":"validation","message":"The service answered 422: T","status":422,"title":"T","fields":[{"key":"Gender","message":"M"}],"retryAfterSeconds":9}"#
    );
    for body in ["'{'", "'{}'", "'null'", "'7'", r#"'{"Status":"200"}'"#, r#"'{"Status":200,"Title":7}'"#] {
        world.answer(&format!("() => new Response({body})"));
        assert_eq!(code(world.client.profile(NONE)).await, "decode", "{body}");
    }
}

#[wasm_bindgen_test]
async fn a_client_may_be_freed_while_calls_are_pending() {
    let world = World::signed_in().await;
    world.answer(
        r#"() => new Promise((resolve) => { globalThis.answerFirst ??= () => resolve(new Response(
            '{"Status":200,"Result":{"AccessToken":{"Token":"late","ExpiresIn":60}}}',
        )); })"#,
    );
    let sent = world.count();
    let refresh = world.client.refresh(NONE);
    until(|| world.count() == sent + 1).await;
    let profile = world.client.profile(NONE);
    until(|| world.count() == sent + 2).await;
    let World { client, changes, .. } = world;
    client.dispose();
    drop(client);
    assert_eq!(code(profile).await, "disposed");
    assert_eq!(code(refresh).await, "disposed");
    // The refresh goes on, because its response is the only copy of the next pair of tokens.
    js("globalThis.answerFirst()");
    until(|| changes.length() == 2).await;
    assert_eq!(text(&changes.get(1), "0"), "refreshed");
    assert_eq!(text(&changes.get(1), "1.accessToken"), "late");
}
