//! A client, and a user service in a few lines of JavaScript.

use js_sys::{Array, Promise, Reflect};
use telematics_user_client::client::Client;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

pub const NONE: &JsValue = &JsValue::UNDEFINED;

/// A user service in a few lines: `service.seen` are the requests, `service.next` answers in place of it when it is set.
pub const SERVICE: &str = r#"
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

/// What is around a client: it writes down what it hears, and there are no other tabs.
const HOST: &str = r#"
    return {
        changed: (kind, session) => a.push([kind, session]),
        warned: (code) => a.push(["warning", code]),
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
    get(object, path).as_string().unwrap_or_else(|| panic!("{path} is no string in {object:?}"))
}

pub fn json(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).unwrap().into()
}

/// A client and the service that it calls.
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
        let client = Client::new(&options, evaluate(HOST, &changes, NONE).unchecked_into()).unwrap();
        Self { service, changes, client }
    }

    pub async fn signed_in() -> Self {
        let world = Self::new("{}");
        resolved(world.client.register(NONE, NONE)).await;
        world
    }

    /// What was sent, the last request first.
    pub fn seen(&self, back: u32) -> JsValue {
        let seen: Array = get(&self.service, "seen").unchecked_into();
        seen.get(seen.length() - 1 - back)
    }

    pub fn count(&self) -> u32 {
        get(&self.service, "seen").unchecked_into::<Array>().length()
    }

    /// Answers every request from now on with that function.
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

/// Lets the page go on.
pub async fn milliseconds(ms: u32) {
    resolved(js(&format!("new Promise((resolve) => setTimeout(resolve, {ms}))")).unchecked_into()).await;
}

pub async fn code(promise: Promise) -> String {
    text(&rejected(promise).await, "code")
}
