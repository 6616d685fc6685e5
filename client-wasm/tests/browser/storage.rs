//! The session in the web storage.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::world::{NONE, World, get, js, json, resolved, text};

#[wasm_bindgen_test]
async fn a_session_is_restored_from_local_storage() {
    let first = World::new("({ storage: 'local', storageKey: 'kept' })");
    resolved(first.client.register("{}".into(), false, NONE)).await;
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
async fn an_unreadable_stored_value_is_removed() {
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
    let session = resolved(world.client.register("{}".into(), false, NONE)).await;
    js("Storage.prototype.setItem = Storage.prototype.setItem_");
    assert_eq!(text(&session, "accessToken"), "jwt-1");
    assert_eq!(text(&world.changes.get(0), "0"), "warning");
    assert_eq!(text(&world.changes.get(1), "0"), "registered");
    resolved(world.client.profile(NONE)).await;
}
