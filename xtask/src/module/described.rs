//! The WebAssembly modules of this repository: what each is compiled from, and how it ships.

use super::sections::{self, Parts};
use super::snip::Removed;

/// A WebAssembly module that an npm package ships.
pub(crate) struct Module {
    /// What people call it.
    pub(super) title: &'static str,
    /// The package that cargo compiles.
    pub(super) package: &'static str,
    /// The folder of that package.
    pub(super) sources: &'static str,
    /// The features of the package that are on.
    pub(super) features: &'static [&'static str],
    /// The profile of cargo.
    pub(super) profile: &'static str,
    /// What the names of the generated files begin with.
    pub(super) name: &'static str,
    /// The folder of the generated files.
    pub(super) shipped: &'static str,
    /// Whether the imports and exports get names of one or two letters. The import object is then the file `imports.js`.
    pub(super) has_short_names: bool,
    /// Whether `bytes.js` holds the module inside JavaScript, for those that cannot load the file.
    pub(super) has_bytes: bool,
    /// The functions that are removed, if the size matters; a module that is read from the disk stays whole.
    pub(super) removed: Option<&'static Removed>,
    /// The passes of the optimiser.
    pub(super) passes: &'static [&'static str],
    /// The parts of which the report of sizes tells.
    pub(super) parts: Parts,
}

/// The engine of the client.
pub(crate) const CLIENT: Module = Module {
    title: "the client",
    package: "telematics-user-client",
    sources: "client-wasm",
    features: &[],
    profile: "wasm",
    name: "client",
    shipped: "client-wasm/npm/wasm",
    has_short_names: true,
    has_bytes: true,
    removed: Some(&Removed { formatting: &["core::fmt::", " as core::fmt::"], kept: &[] }),
    passes: SMALLEST,
    parts: sections::CLIENT,
};

/// The mock for programs in JavaScript.
pub(crate) const MOCK: Module = Module {
    title: "the mock",
    package: "telematics-mock-wasm",
    sources: "mock-wasm",
    features: &[],
    profile: "mock-wasm",
    name: "mock",
    shipped: "mock-wasm/npm/wasm",
    has_short_names: false,
    has_bytes: true,
    // Nothing shows the errors of jiff: `mock-core/src/service/time` has sentences of its own.
    removed: Some(&Removed {
        formatting: &["<*jiff*as core::fmt::Debug>", "<*jiff*as core::fmt::Display>"],
        kept: &["jiff::civil::datetime::DateTime as core::fmt::Display>"],
    }),
    passes: SMALLEST,
    parts: sections::MOCK,
};

/// The mock with the command line, for the command `telematics-mock` in Node, which reads it from the disk.
pub(crate) const MOCK_CLI: Module = Module {
    title: "the command line of the mock",
    features: &["cli"],
    name: "cli",
    has_bytes: false,
    removed: None,
    passes: &["-O1"],
    ..MOCK
};

/// The passes for the smallest module. The second one saves half a percent; `--converge` would double the time and save a tenth of a
/// percent.
const SMALLEST: &[&str] = &[
    "-Oz",
    "-Oz",
    // A function with a single caller stays a function: merged into large ones, code compresses a tenth worse, although it is shorter.
    "--one-caller-inline-max-function-size=30",
];

impl Module {
    /// The name of the module that `wasm-bindgen` generates.
    pub(super) fn file(&self) -> String {
        format!("{}_bg.wasm", self.name)
    }

    /// The name of the JavaScript that `wasm-bindgen` generates.
    pub(super) fn bindings(&self) -> String {
        format!("{}_bg.js", self.name)
    }

    /// The name of the module that the compiler writes, without its extension.
    pub(super) fn library(&self) -> String {
        self.package.replace('-', "_")
    }
}
