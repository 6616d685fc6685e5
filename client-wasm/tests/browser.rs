//! The face of the client in a browser, with a service that is a JavaScript function.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use js_sys::{Array, Date, Function, Object, Promise, Reflect};
use telematics_user_client::client::Client;
use telematics_user_client::stateless;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const NONE: &JsValue = &JsValue::UNDEFINED;

/// A user service in a few lines: `service.seen` are the requests, `service.next` answers in place of it when it is set.
const SERVICE: &str = r#"
    let pairs = 0;
    const service = async (request) => {
        const { method, headers, redirect, credentials, cache } = request;
        const path = new URL(request.url).pathname;
        const body = method === "GET" ? undefined : await request.json();
        service.seen.push({ method, path, body, redirect, credentials, cache, headers: Object.fromEntries(headers) });
        if (service.next) return service.next(request);
        const answer = (status, Result) =>
            new Response(JSON.stringify({ Result, Status: status, Title: "T", Errors: [] }), { status });
        if (path === "/v1/Management/users") {
            if (headers.get("Authorization") !== `Bearer jwt-${pairs}`) return answer(401);
            return answer(200, method === "PUT" ? undefined : {
                DeviceToken: "device", DateCreated: "2026-06-12T04:51:03.3227368", Status: "Paused",
                UserProfile: { FirstName: "Ada", ChildrenCount: 2 }, UserFields: [{ EnableLogging: true, ClientId: "c" }],
            });
        }
        pairs += 1;
        const user = {
            DeviceToken: "device", AccessToken: { Token: `jwt-${pairs}`, ExpiresIn: 86400 }, RefreshToken: `refresh-${pairs}`,
        };
        return answer(200, path.endsWith("CreateMultiple") ? Array(body.Quantity).fill(user) : user);
    };
    service.seen = [];
    return service;
"#;

#[wasm_bindgen(inline_js = "export const evaluate = (body, ...values) => new Function('a', 'b', body)(...values);")]
extern "C" {
    fn evaluate(body: &str, a: &JsValue, b: &JsValue) -> JsValue;
}

fn js(expression: &str) -> JsValue {
    evaluate(&format!("return {expression};"), NONE, NONE)
}

fn get(object: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(object.clone(), |value, name| Reflect::get(&value, &name.into()).unwrap())
}

fn text(object: &JsValue, path: &str) -> String {
    get(object, path).as_string().unwrap_or_else(|| panic!("{path} is no string in {object:?}"))
}

fn json(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).unwrap().into()
}

/// A client and the service that it calls.
struct World {
    service: JsValue,
    changes: Array,
    client: Client,
}

impl World {
    fn new(more: &str) -> Self {
        let service = evaluate(SERVICE, NONE, NONE);
        let options = options(&service, more);
        let changes = Array::new();
        let on_change = evaluate("return (kind, session) => a.push([kind, session]);", &changes, NONE);
        let on_warning = evaluate("return (code) => a.push(['warning', code]);", &changes, NONE);
        let client = Client::new(&options, on_change.unchecked_into(), on_warning.unchecked_into()).unwrap();
        Self { service, changes, client }
    }

    async fn signed_in() -> Self {
        let world = Self::new("{}");
        resolved(world.client.register(NONE, NONE)).await;
        world
    }

    /// What was sent, the last request first.
    fn seen(&self, back: u32) -> JsValue {
        let seen: Array = get(&self.service, "seen").unchecked_into();
        seen.get(seen.length() - 1 - back)
    }

    fn count(&self) -> u32 {
        get(&self.service, "seen").unchecked_into::<Array>().length()
    }

    /// Answers every request from now on with that function.
    fn answer(&self, function: &str) {
        Reflect::set(&self.service, &"next".into(), &js(function)).unwrap();
    }
}

fn options(service: &JsValue, more: &str) -> JsValue {
    let defaults = js(r#"({
        baseUrl: "https://user.test/", storage: "memory",
        instanceId: "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10", instanceKey: "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11",
    })"#);
    Reflect::set(&defaults, &"fetch".into(), service).unwrap();
    evaluate("return { ...a, ...b };", &defaults, &js(more))
}

async fn resolved(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.unwrap_or_else(|error| panic!("{}", json(&error)))
}

async fn rejected(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.expect_err("it should have failed")
}

/// Lets the page go on.
async fn milliseconds(ms: u32) {
    resolved(js(&format!("new Promise((resolve) => setTimeout(resolve, {ms}))")).unchecked_into()).await;
}

async fn code(promise: Promise) -> String {
    text(&rejected(promise).await, "code")
}

#[wasm_bindgen_test]
async fn a_registration_gives_a_session() {
    let world = World::new("{}");
    let user =
        js(r#"({ firstName: "Ada", gender: "Female", email: undefined, userFields: { enableTracking: false } })"#);
    let session = resolved(world.client.register(&user, NONE)).await;
    assert_eq!(text(&session, "deviceToken"), "device");
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    assert_eq!(text(&session, "refreshToken"), "refresh-1");
    let expires_at: Date = get(&session, "expiresAt").dyn_into().unwrap();
    assert!((expires_at.get_time() - Date::now() - 86_400_000.0).abs() < 10_000.0);

    let seen = world.seen(0);
    assert_eq!(
        json(&get(&seen, "body")),
        r#"{"FirstName":"Ada","Gender":"Female","UserFields":{"EnableTracking":false}}"#
    );
    assert_eq!(text(&seen, "headers.instanceid"), "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10");
    assert_eq!(text(&seen, "headers.content-type"), "application/json");
    assert_eq!(text(&seen, "redirect"), "error");
    assert_eq!(text(&seen, "credentials"), "omit");
    assert_eq!(text(&seen, "cache"), "no-store");
    assert_eq!(text(&world.changes.get(0), "0"), "registered");
    assert_eq!(text(&world.changes.get(0), "1.accessToken"), "jwt-1");
}

#[wasm_bindgen_test]
async fn a_batch_gives_a_session_for_every_user() {
    let world = World::new("{}");
    let batch = js("({ quantity: 3, customFields: { clientId: 'c' } })");
    let sessions: Array = resolved(world.client.register_many(&batch, NONE)).await.unchecked_into();
    assert_eq!(sessions.length(), 3);
    assert_eq!(text(&sessions.get(2), "deviceToken"), "device");
    assert_eq!(world.changes.length(), 0);
}

#[wasm_bindgen_test]
async fn a_profile_has_every_field_in_camel_case() {
    let world = World::signed_in().await;
    let user = resolved(world.client.profile(NONE)).await;
    assert_eq!(text(&user, "deviceToken"), "device");
    assert_eq!(text(&user, "status"), "Unknown");
    assert_eq!(text(&user, "userProfile.firstName"), "Ada");
    assert_eq!(get(&user, "userProfile.childrenCount"), 2);
    assert_eq!(get(&user, "userProfile.externalImageUrl"), JsValue::NULL);
    assert_eq!(text(&user, "mobileDevice.virtualImei"), "000000000000000");
    assert_eq!(
        json(&get(&user, "userFields")),
        r#"{"clientId":"c","enableLogging":true,"enableRealTimeLocation":false,"enableTracking":true,"enabled":true}"#
    );
    assert_eq!(json(&get(&user, "userWallets")), "[]");
}

#[wasm_bindgen_test]
async fn a_rejected_access_token_is_renewed() {
    let world = World::signed_in().await;
    resolved(world.client.login(&js("({ deviceToken: 'device' })"), NONE)).await;
    let stale = world.client.renew("jwt-1".to_owned(), "device".to_owned(), NONE);
    assert_eq!(text(&resolved(stale).await, "accessToken"), "jwt-2");
    assert_eq!(world.count(), 2);
    let current = world.client.renew("jwt-2".to_owned(), "device".to_owned(), NONE);
    assert_eq!(text(&resolved(current).await, "accessToken"), "jwt-3");
    assert_eq!(json(&get(&world.seen(0), "body")), r#"{"AccessToken":"jwt-2","RefreshToken":"refresh-2"}"#);
    assert_eq!(text(&resolved(world.client.bearer(NONE)).await, "accessToken"), "jwt-3");
}

#[wasm_bindgen_test]
async fn an_update_sends_what_is_given() {
    let world = World::signed_in().await;
    let changes = js("({ status: 'Deactivated', childrenCount: 0, newPassword: 'p', lastName: null })");
    assert!(resolved(world.client.update(&changes, NONE)).await.is_undefined());
    let seen = world.seen(0);
    assert_eq!(text(&seen, "method"), "PUT");
    assert_eq!(text(&seen, "headers.authorization"), "Bearer jwt-1");
    assert_eq!(json(&get(&seen, "body")), r#"{"ChildrenCount":0,"Status":"Deactivated","NewPassword":"p"}"#);
}

#[wasm_bindgen_test]
async fn an_argument_that_does_not_fit_is_named_and_its_value_never_shown() {
    let world = World::signed_in().await;
    for (user, field) in [
        ("'canary'", "user"),
        ("({ firstName: 7 })", "firstName"),
        ("({ gender: 'canary' })", "gender"),
        ("({ childrenCount: 1.5 })", "childrenCount"),
        ("({ childrenCount: -1 })", "childrenCount"),
        ("({ childrenCount: NaN })", "childrenCount"),
        ("({ clientId: 'canary' })", "clientId"),
        ("({ userFields: [] , city: { toString: 1 } })", "city"),
        ("({ userFields: { enabled: 'canary' } })", "userFields.enabled"),
        ("({ userFields: { clientID: 'canary' } })", "userFields.clientID"),
        ("({ birthday: new Date() })", "birthday"),
        ("new MouseEvent('click')", "isTrusted"),
    ] {
        let error = rejected(world.client.register(&js(user), NONE)).await;
        assert_eq!(text(&error, "code"), "invalid-argument");
        let message = text(&error, "message");
        assert!(message.starts_with(&format!("{field} ")), "{user}: {message}");
        assert!(!message.contains("canary"), "{message}");
    }
    for batch in ["({})", "({ quantity: 0 })", "({ quantity: 10001 })", "({ quantity: '3' })"] {
        let error = rejected(world.client.register_many(&js(batch), NONE)).await;
        assert!(text(&error, "message").starts_with("quantity "), "{batch}");
    }
    for credentials in
        ["undefined", "({})", "({ email: 'a' })", "({ email: 'a', phone: 'b', password: 'c' })", "({ phone: 1 })"]
    {
        assert_eq!(code(world.client.login(&js(credentials), NONE)).await, "invalid-argument", "{credentials}");
    }
    for call in ["'canary'", "({ timeoutMs: 0 })", "({ timeoutMs: '1' })", "({ signal: {} })"] {
        assert_eq!(code(world.client.profile(&js(call))).await, "invalid-argument", "{call}");
    }
    assert_eq!(world.count(), 1);
}

#[wasm_bindgen_test]
fn options_that_do_not_fit_are_named() {
    for (more, field) in [
        ("({ baseUrl: undefined })", "baseUrl"),
        ("({ baseUrl: 'user.test' })", "baseUrl"),
        ("({ instanceId: 'canary' })", "instanceId"),
        ("({ instanceKey: 'canary' })", "instanceKey"),
        ("({ storage: 'cookie' })", "storage"),
        ("({ timeoutMs: -1 })", "timeoutMs"),
        ("({ refreshMarginSeconds: '60' })", "refreshMarginSeconds"),
        ("({ fetch: 'canary' })", "fetch"),
    ] {
        let options = options(NONE, more);
        let nobody = Function::new_no_args("");
        let error = Client::new(&options, nobody.clone(), nobody).err().unwrap();
        assert_eq!(text(&error, "code"), "invalid-argument");
        assert!(text(&error, "message").starts_with(&format!("{field} ")), "{more}: {}", text(&error, "message"));
    }
}

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

#[wasm_bindgen_test]
async fn a_session_survives_in_the_local_storage() {
    let first = World::new("({ storage: 'local', storageKey: 'kept' })");
    resolved(first.client.register(NONE, NONE)).await;
    let second = World::new("({ storage: 'local', storageKey: 'kept' })");
    resolved(second.client.restore()).await;
    assert_eq!(text(&second.changes.get(0), "0"), "restored");
    assert_eq!(text(&second.changes.get(0), "1.refreshToken"), "refresh-1");
    resolved(second.client.sign_out()).await;
    assert_eq!(text(&second.changes.get(1), "0"), "signed-out");
    assert_eq!(get(&second.changes.get(1), "1"), JsValue::NULL);
    assert_eq!(js("localStorage.getItem('kept')"), JsValue::NULL);
}

#[wasm_bindgen_test]
async fn a_stored_value_that_cannot_be_read_is_dropped() {
    for text_stored in ["{", "null", "[]", "{\\\"Tokens\\\":{}}"] {
        js(&format!("localStorage.setItem('broken', \"{text_stored}\")"));
        let world = World::new("({ storage: 'local', storageKey: 'broken' })");
        resolved(world.client.restore()).await;
        assert_eq!(json(&world.changes), r#"[["warning","storage"]]"#, "{text_stored}");
        assert_eq!(js("localStorage.getItem('broken')"), JsValue::NULL);
    }
}

#[wasm_bindgen_test]
async fn a_storage_that_is_full_or_forbidden_degrades_to_memory() {
    let world = World::new("({ storage: 'session', storageKey: 'full' })");
    js(
        "Storage.prototype.setItem_ = Storage.prototype.setItem, Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
    );
    let session = resolved(world.client.register(NONE, NONE)).await;
    js("Storage.prototype.setItem = Storage.prototype.setItem_");
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    assert_eq!(text(&world.changes.get(0), "0"), "warning");
    assert_eq!(text(&world.changes.get(1), "0"), "registered");
    resolved(world.client.profile(NONE)).await;
}

#[wasm_bindgen_test]
async fn calls_without_a_client_make_one_request() {
    let service = evaluate(SERVICE, NONE, NONE);
    let at = options(&service, "{}");
    let session = resolved(stateless::register(&at, NONE, NONE)).await;
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    let next = resolved(stateless::refresh(&at, &session, NONE)).await;
    assert_eq!(text(&next, "accessToken"), "jwt-2");
    resolved(stateless::update(&at, &"jwt-2".into(), &js("({ city: 'Paris' })"), NONE)).await;
    assert_eq!(code(stateless::update(&at, &"jwt-1".into(), &js("({})"), NONE)).await, "unauthorized");
    assert_eq!(code(stateless::update(&at, &"a\nb".into(), &js("({})"), NONE)).await, "invalid-argument");
    assert_eq!(code(stateless::update(&at, NONE, &js("({})"), NONE)).await, "invalid-argument");
    assert_eq!(code(stateless::refresh(&at, &js("({ accessToken: 'a' })"), NONE)).await, "invalid-argument");
    assert_eq!(code(stateless::register(&Object::new(), NONE, NONE)).await, "invalid-argument");
    assert_eq!(get(&service, "seen").unchecked_into::<Array>().length(), 4);
}
