//! What the program in JavaScript does for this module.

use std::cell::RefCell;
use std::io;

use js_sys::Uint8Array;
use telematics_mock_core::service::random::Seed;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The machine, as an object with these methods. A method throws an `Error` of Node, whose `code` counts.
    pub type Machine;

    /// The content of a file.
    #[wasm_bindgen(method, catch)]
    pub fn read(this: &Machine, path: &str) -> Result<Uint8Array, JsValue>;

    /// Whether a path, or what it links to, is a file.
    #[wasm_bindgen(method, js_name = isFile)]
    pub fn is_file(this: &Machine, path: &str) -> bool;

    /// Whether a path, or what it links to, is a folder.
    #[wasm_bindgen(method, js_name = isFolder)]
    pub fn is_folder(this: &Machine, path: &str) -> bool;

    /// Whether there is anything at a path.
    #[wasm_bindgen(method)]
    pub fn exists(this: &Machine, path: &str) -> bool;

    /// The paths of what is in a folder.
    #[wasm_bindgen(method, catch)]
    pub fn list(this: &Machine, folder: &str) -> Result<Vec<String>, JsValue>;

    /// The path of a name in a folder.
    #[wasm_bindgen(method)]
    pub fn join(this: &Machine, folder: &str, name: &str) -> String;

    /// Creates a folder with those above it.
    #[wasm_bindgen(method, catch, js_name = createFolder)]
    pub fn create_folder(this: &Machine, folder: &str) -> Result<(), JsValue>;

    /// Writes a file; an existing one only if it may be replaced.
    #[wasm_bindgen(method, catch)]
    pub fn write(this: &Machine, path: &str, content: &[u8], replaces: bool) -> Result<(), JsValue>;

    /// Takes a file for this program alone, and returns its path without links. The error has `refused`: `"no-folder"`, `"not-written"`,
    /// `"in-use"`, `"not-locked"` or nothing, and `path`.
    #[wasm_bindgen(method, catch)]
    pub fn take(this: &Machine, path: &str) -> Result<String, JsValue>;

    /// Replaces the content of a file that was taken.
    #[wasm_bindgen(method, catch)]
    pub fn replace(this: &Machine, path: &str, content: &[u8]) -> Result<(), JsValue>;

    /// Releases a file that was taken.
    #[wasm_bindgen(method)]
    pub fn release(this: &Machine, path: &str);

    /// The words of an error that a method has thrown, as the native program has them.
    #[wasm_bindgen(method)]
    pub fn describe(this: &Machine, thrown: &JsValue) -> String;

    /// Writes a line of the log, with its line break.
    #[wasm_bindgen(method)]
    pub fn log(this: &Machine, line: &str);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn fill_randomly(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

thread_local! {
    /// WebAssembly has one thread, whose values never travel; the traits of the machine want some that could.
    static MACHINE: RefCell<Option<Machine>> = const { RefCell::new(None) };
}

/// Uses this machine from now on.
pub fn use_machine(machine: Machine) {
    MACHINE.set(Some(machine));
}

/// Asks the machine; `None` before there is one.
pub fn ask<T>(question: impl FnOnce(&Machine) -> T) -> Option<T> {
    MACHINE.with_borrow(|machine| machine.as_ref().map(question))
}

/// A seed that nobody can guess, from the entropy of JavaScript.
///
/// # Errors
///
/// There is no entropy.
pub fn random_seed() -> io::Result<Seed> {
    let mut bytes = [0; 32];
    fill_randomly(&mut bytes).map_err(|_| io::Error::other("crypto.getRandomValues failed"))?;
    Ok(Seed::from_bytes(bytes))
}
