//! HTTP semantics: from a request to its answer, without a socket.
//!
//! The way of a request: [`Api::route`] finds what its method and path lead to, in the route table of the contract or of the
//! control API, and how large its body may be. The host reads the body. [`Api::answer`] then runs the call: one file in
//! `calls` or `control`, which reads the request, calls one verb of the service or of the control plane, and writes the
//! answer. Each request is routed once.

mod addresses;
mod advice_input;
mod answer;
mod api;
mod authority;
mod body;
mod call_request;
mod calls;
mod context;
mod control;
mod cors;
mod error;
mod exchange;
mod fault_effect;
mod headers;
mod hint_input;
mod host_limits;
mod images;
mod json;
mod multipart;
mod parsed_body;
mod received;
mod request_content;
mod routing;
mod underway;

pub use addresses::{InvalidPublicUrl, PublicUrl};
pub use answer::{Answer, Closed, late_head};
pub use api::{Api, ApiOptions, MAX_CALL_BYTES, MAX_UPLOAD_BYTES, Route};
pub use authority::{HostName, NoHost};
pub use body::{Body, BodyFault, BrokenOff, Response, TimedBody};
pub use control::ControlCall;
pub use host_limits::{DRAIN, HEARTBEAT, MAX_DISCARDED_BYTES, TimeLimits};
pub use routing::Endpoint;
