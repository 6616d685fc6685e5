//! How calls end that do not succeed.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{NONE, World, code, evaluate, js, json, milliseconds, rejected, text};

#[wasm_bindgen_test]
async fn an_aborted_call_rejects_with_the_reason_and_aborts_its_request() {
    let world = World::signed_in().await;
    world.answer("(request) => new Promise(() => { globalThis.hanging = request.signal; })");
    let controller = js("new AbortController()");
    let call = evaluate("return { signal: a.signal };", &controller, NONE);
    let profile = world.client.profile(&call);
    milliseconds(10).await;
    evaluate("a.abort('because');", &controller, NONE);
    let error = rejected(profile).await;
    assert_eq!((text(&error, "code"), text(&error, "cause")), ("aborted".to_owned(), "because".to_owned()));
    assert_eq!(js("globalThis.hanging.aborted"), true);
    // A signal that has already aborted sends nothing.
    let count = world.count();
    assert_eq!(code(world.client.profile(&call)).await, "aborted");
    assert_eq!(world.count(), count);
}

#[wasm_bindgen_test]
async fn a_call_that_takes_too_long_times_out() {
    let world = World::signed_in().await;
    world.answer("() => new Promise(() => {})");
    assert_eq!(code(world.client.profile(&js("({ timeoutMs: 20 })"))).await, "timeout");
}

#[wasm_bindgen_test]
async fn whatever_a_fetch_rejects_with_becomes_a_network_error() {
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
async fn a_failure_of_the_service_keeps_what_it_says() {
    let world = World::signed_in().await;
    world.answer(
        r#"() => new Response(
        '{"Status":422,"Title":"T","Errors":[{"Key":"Gender","Message":"M"}]}',
        { status: 422, headers: { "Retry-After": "9" } },
    )"#,
    );
    let error = rejected(world.client.update(&js("({})"), NONE)).await;
    assert_eq!(
        json(&error),
        r#"{"code":"validation","message":"The service answered 422: T","status":422,"title":"T","fields":[{"key":"Gender","message":"M"}],"retryAfterSeconds":9}"#
    );
    for body in ["'{'", "'{}'", "'null'", "'7'", r#"'{"Status":200,"Result":[]}'"#, r#"'{"Status":200}'"#] {
        world.answer(&format!("() => new Response({body})"));
        assert_eq!(code(world.client.profile(NONE)).await, "decode", "{body}");
    }
}

#[wasm_bindgen_test]
async fn a_client_that_is_freed_while_a_call_is_under_way_harms_nothing() {
    let world = World::signed_in().await;
    world.answer(
        r#"() => new Promise((resolve) => setTimeout(resolve, 30, new Response(
            '{"Status":200,"Result":{"AccessToken":{"Token":"late","ExpiresIn":60}}}',
        )))"#,
    );
    let World { client, changes, .. } = world;
    let (profile, refresh) = (client.profile(NONE), client.refresh(NONE));
    milliseconds(10).await;
    client.dispose();
    drop(client);
    assert_eq!(code(profile).await, "disposed");
    assert_eq!(code(refresh).await, "disposed");
    // The refresh goes on, because its answer is the only copy of the next pair.
    milliseconds(50).await;
    assert_eq!(text(&changes.get(1), "0"), "refreshed");
    assert_eq!(text(&changes.get(1), "1.accessToken"), "late");
}
