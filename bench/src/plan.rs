//! The extent of a run.

use std::path::PathBuf;
use std::time::Duration;

use crate::cores::Cores;

/// How much is measured, and of which binary.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The mock server's binary.
    pub(crate) binary: PathBuf,
    /// Where servers and load run.
    pub(crate) cores: Cores,
    /// Connections of the load.
    pub(crate) connections: usize,
    /// Rounds of each side of a comparison.
    pub(crate) rounds: usize,
    /// The length of a round.
    pub(crate) round: Duration,
    /// The largest number of users.
    pub(crate) users: usize,
}
