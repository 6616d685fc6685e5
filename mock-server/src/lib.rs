//! A telematics user service to test against, as a server in a Rust test and as the binary `telematics-mock`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use telematics_mock::{Fault, FaultEffect, MockServer, RequestMatch};
//!
//! let server = MockServer::start().await?;
//! let instance = server.create_instance();
//!
//! // The next refresh happens, but its answer is lost.
//! let lost = FaultEffect { commit_then_drop: true, ..FaultEffect::default() };
//! instance.add_fault(Fault::new(RequestMatch::path("/v1/Auth/RefreshToken"), lost).times(1))?;
//!
//! // … the app under test talks to server.uri() with instance.id and instance.key …
//!
//! instance.verify(RequestMatch::path("/v1/Auth/RefreshToken")).at_most(2);
//! # Ok(())
//! # }
//! ```
//!
//! A test can start with a user in the state that it needs:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use telematics_mock::{MintOptions, MockServer, RefreshTokenState, UserFixture};
//!
//! let instance = MockServer::start().await?.create_instance();
//! let ada = UserFixture { refresh_token: RefreshTokenState::Used, ..UserFixture::default() };
//! let ada = instance.add_user(ada)?;
//! // … a refresh with ada.refresh_token revokes its family …
//!
//! // A token that has expired, for a test of another back end; instance.keys() verifies its signature.
//! let expired = MintOptions { expires_in: Some(-60), ..MintOptions::new(ada.device_token.parse()?) };
//! let token = instance.mint(&expired)?;
//! # Ok(())
//! # }
//! ```
//!
//! The service itself is the crate [`telematics_mock_core`], which opens no socket. This crate adds sockets ([`server`]),
//! hyper and warp ([`http`]), and the machine's clock and entropy ([`runtime`]).
//!
//! A test needs no command line: with `default-features = false` the binary and what only it needs are not built.

mod activity;
mod embedding;
pub mod http;
mod page;
pub mod runtime;
pub mod server;
mod socket;

pub use embedding::{MockServer, MockServerBuilder, TestInstance};
pub use socket::listen;
pub use telematics_mock_core::control::advice;
pub use telematics_mock_core::control::barriers::{Barrier, BarrierView};
pub use telematics_mock_core::control::events::{Listener, Notice};
pub use telematics_mock_core::control::faults::{CommitThen, Fault, FaultEffect, FaultView, Hold, Preset};
pub use telematics_mock_core::control::invalid::InvalidField;
pub use telematics_mock_core::control::journal::{Entry, NearMiss, Page, RedactedBody};
pub use telematics_mock_core::control::matching::{PathPattern, RequestMatch, TextPattern, ValueMatch};
pub use telematics_mock_core::http::{HostName, TimeLimits};
pub use telematics_mock_core::mock::{
    Clock, Controls, Expectation, FailedSequence, FailedVerification, InstanceOptions, SequenceVerification,
    Verification, VerificationError, WaitingSequence, WaitingVerification,
};
pub use telematics_mock_core::service::clock::{FixedTime, TimeSource};
pub use telematics_mock_core::service::ids::{DeviceToken, InstanceId};
pub use telematics_mock_core::service::outbox::Message;
pub use telematics_mock_core::service::time::{Period, Timestamp};
pub use telematics_mock_core::service::{
    AccessTokenKey, AccessTokenState, ClockChange, CreateInstanceError, FixtureError, GenerationState, InstanceView,
    MintOptions, MintedSignature, Overrides, RefreshTokenState, Scope, Settings, TokenKind, UserChange,
    UserCredentials, UserFixture, UserPage, UserProfileFixture, UserQuery, UserState, UserView,
};
