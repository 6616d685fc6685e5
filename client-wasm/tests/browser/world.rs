//! A client, and a user service in a few lines of JavaScript.

use js_sys::{Array, Date, Promise, Reflect};
use telematics_user_client::client::Client;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

pub const NONE: &JsValue = &JsValue::UNDEFINED;

/// The user service. `service.seen` lists the requests; `service.next`, if set, answers them instead.
pub const SERVICE: &str = r#"
    let pairs = 0;
    const service = async (request) => {
        const { method, headers, redirect, credentials, cache } = request;
        const { pathname: path, search: query } = new URL(request.url);
        const body = method === "GET" ? undefined : await request.json().catch(() => undefined);
        service.seen.push({ method, path, query, body, redirect, credentials, cache, headers: Object.fromEntries(headers) });
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
        return answer(200, user);
    };
    service.seen = [];
    return service;
"#;

/// Callbacks that record the events; there are no other tabs.
const CALLBACKS: &str = r#"
    return {
        changed: (kind, session) => a.push([kind, session]),
        warned: (code) => a.push(["warning", code]),
        shared() {},
        announce() {},
        turn: async () => () => {},
    };
"#;

#[wasm_bindgen(inline_js = "export const evaluate = (body, ...values) => new Function('a', 'b', body)(...values);")]
extern "C" {
    pub fn evaluate(body: &str, a: &JsValue, b: &JsValue) -> JsValue;
}

pub fn js(expression: &str) -> JsValue {
    evaluate(&format!("return {expression};"), NONE, NONE)
}

pub fn get(object: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(object.clone(), |value, name| Reflect::get(&value, &name.into()).unwrap())
}

pub fn text(object: &JsValue, path: &str) -> String {
    get(object, path).as_string().unwrap_or_else(|| panic!("{path} is not a string in {object:?}"))
}

pub fn json(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).unwrap().into()
}

/// A client, its service, and its events.
pub struct World {
    pub service: JsValue,
    pub changes: Array,
    pub client: Client,
}

impl World {
    pub fn new(more: &str) -> Self {
        let service = evaluate(SERVICE, NONE, NONE);
        let options = options(&service, more);
        let changes = Array::new();
        let client = Client::new(&options, evaluate(CALLBACKS, &changes, NONE).unchecked_into()).unwrap();
        Self { service, changes, client }
    }

    pub async fn signed_in() -> Self {
        let world = Self::new("{}");
        resolved(world.client.register("{}".into(), false, NONE)).await;
        world
    }

    /// The request that the service received `back` requests before the last one.
    pub fn seen(&self, back: u32) -> JsValue {
        let seen: Array = get(&self.service, "seen").unchecked_into();
        seen.get(seen.length() - 1 - back)
    }

    pub fn count(&self) -> u32 {
        get(&self.service, "seen").unchecked_into::<Array>().length()
    }

    /// Answers every later request with this result.
    pub fn answer_result(&self, json: &str) {
        self.answer(&format!("() => new Response(JSON.stringify({{ Status: 200, Result: {json} }}))"));
    }

    /// Answers every later request with this function.
    pub fn answer(&self, function: &str) {
        Reflect::set(&self.service, &"next".into(), &js(function)).unwrap();
    }
}

pub fn options(service: &JsValue, more: &str) -> JsValue {
    let defaults = js(r#"({
        baseUrl: "https://user.test/", storage: "memory",
        instanceId: "0b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a10", instanceKey: "1b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a11",
    })"#);
    Reflect::set(&defaults, &"fetch".into(), service).unwrap();
    evaluate("return { ...a, ...b };", &defaults, &js(more))
}

pub async fn resolved(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.unwrap_or_else(|error| panic!("{}", json(&error)))
}

pub async fn rejected(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.expect_err("it should have failed")
}

/// Waits until the condition holds, for up to five seconds.
pub async fn until(condition: impl Fn() -> bool) {
    let start = Date::now();
    while !condition() {
        assert!(Date::now() - start < 5_000.0, "the condition never held");
        resolved(js("new Promise((resolve) => setTimeout(resolve, 1))").unchecked_into()).await;
    }
}

pub async fn code(promise: Promise) -> String {
    text(&rejected(promise).await, "code")
}
