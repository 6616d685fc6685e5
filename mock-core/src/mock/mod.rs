//! The mock: the user service together with its control plane, and the verbs with which a test controls both.

mod clock;
mod controls;
mod start;
mod user_controls;
mod verification;

pub use clock::Clock;
pub use controls::Controls;
pub use start::{InstanceOptions, Mock, MockStart};
pub use verification::{Expectation, FailedVerification, Verification};
