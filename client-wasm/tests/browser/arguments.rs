//! Invalid arguments and options.

use telematics_user_client::client::Client;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{NONE, World, code, js, options, rejected, text};

#[wasm_bindgen_test]
async fn an_error_about_an_argument_contains_its_name_and_not_its_value() {
    let world = World::signed_in().await;
    for credentials in
        ["undefined", "({})", "({ email: 'a' })", "({ email: 'a', phone: 'b', password: 'c' })", "({ phone: 1 })"]
    {
        assert_eq!(code(world.client.login(&js(credentials), NONE)).await, "invalid-argument", "{credentials}");
    }
    for credentials in ["'canary'", "({ deviceToken: {} })", "({ email: 'canary' })"] {
        let error = rejected(world.client.login(&js(credentials), NONE)).await;
        assert!(!text(&error, "message").contains("canary"), "{credentials}");
    }
    for call in ["'canary'", "({ timeoutMs: 0 })", "({ timeoutMs: '1' })", "({ signal: {} })"] {
        assert_eq!(code(world.client.profile(&js(call))).await, "invalid-argument", "{call}");
    }
    assert_eq!(world.count(), 1);
}

#[wasm_bindgen_test]
fn an_error_about_an_option_names_the_option() {
    for (more, field) in [
        ("({ baseUrl: undefined })", "baseUrl"),
        ("({ baseUrl: 'user.test' })", "baseUrl"),
        ("({ instanceId: 'canary' })", "instanceId"),
        ("({ instanceKey: 'canary' })", "instanceKey"),
        ("({ storage: 'cookie' })", "storage"),
        ("({ storage: { load() {}, save() {} } })", "storage"),
        ("({ maxRetries: -1 })", "maxRetries"),
        ("({ deviceTokenHeader: 1 })", "deviceTokenHeader"),
        ("({ reauthenticate: {} })", "reauthenticate"),
        ("({ timeoutMs: -1 })", "timeoutMs"),
        ("({ refreshMarginSeconds: '60' })", "refreshMarginSeconds"),
        ("({ fetch: 'canary' })", "fetch"),
    ] {
        let options = options(NONE, more);
        let error = Client::new(&options, js("({})").unchecked_into()).err().unwrap();
        assert_eq!(text(&error, "code"), "invalid-argument");
        assert!(text(&error, "message").starts_with(&format!("{field} ")), "{more}: {}", text(&error, "message"));
    }
}
