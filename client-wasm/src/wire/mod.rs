//! HTTP as the client sees it: the configuration, requests and responses as text, the envelope, and the codec for JSON.

mod codec;
mod config;
pub mod envelope;
mod http;

pub use codec::{Codec, Json, Object};
pub use config::Config;
pub use http::{Body, HttpRequest, HttpResponse};
