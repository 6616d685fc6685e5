//! The ports of the engine, implemented with the APIs of a browser, and the conversion of values from and to JavaScript.
//!
//! A module uses only the modules above it in this table.
//!
//! | Module | Contents |
//! |---|---|
//! | `property` | the properties of an object |
//! | `abort` | abort signals and controllers |
//! | `storage_area` | the `storage` option |
//! | `fields` | reading an object field by field |
//! | `present` | sessions and errors as JavaScript sees them |
//! | `environment` | the struct that implements the ports, and the callbacks of `client.js` |
//! | `clock` · `codec` · `listener` · `reauthentication` · `storage` · `tabs` · `transport` | the ports |
//! | `arguments` · `options` | the arguments of calls, the options of a client and of a call |
//! | `promise` | a call as a promise |

mod abort;
pub(crate) mod arguments;
mod clock;
mod codec;
mod environment;
mod fields;
mod listener;
pub(crate) mod options;
pub(crate) mod present;
pub(crate) mod promise;
pub(crate) mod property;
mod reauthentication;
mod storage;
mod storage_area;
mod tabs;
mod transport;

pub(crate) use environment::{Browser, Callbacks};
