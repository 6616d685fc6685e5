//! The mock: the user service together with its control plane, and the verbs with which a test controls both.

mod clock;
mod controls;
mod identities;
mod sequence;
mod start;
mod user_controls;
mod verification;
mod waiting;

pub use clock::Clock;
pub use controls::Controls;
pub use identities::{AdminCredentials, Identities, InstanceCredentials};
pub use sequence::{FailedSequence, MAX_SEQUENCE, SequenceVerification, WaitingSequence};
pub use start::{InstanceOptions, Mock, MockStart};
pub use verification::{Expectation, FailedVerification, Verification, VerificationError, WaitingVerification};
