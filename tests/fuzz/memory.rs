//! The memory of this process, in which the servers run.

use std::fmt;
use std::fs;

/// The growth between an early and the last measurement that is taken for noise, in bytes.
const NOISE: u64 = 48 << 20;

/// The number of rounds below which the memory is not judged, because the tables of the servers are still filling.
const FEW_ROUNDS: usize = 30;

/// Measurements of the resident memory, one after each round, in bytes. Each round ends with a reset of the servers, so that users
/// of earlier rounds do not count.
#[derive(Debug, Default)]
pub struct Memory(Vec<u64>);

impl Memory {
    /// Measures; does nothing on a system that does not tell.
    pub fn measure(&mut self) {
        let Ok(status) = fs::read_to_string("/proc/self/status") else { return };
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the resident memory");
        let kibibytes: u64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
        self.0.push(kibibytes << 10);
    }

    /// Whether the run was long enough for [`Self::check`].
    pub const fn is_judged(&self) -> bool {
        self.0.len() >= FEW_ROUNDS
    }

    /// Checks that the memory has stayed the same since the first fifth of the run, in which the tables fill. A short run passes.
    ///
    /// # Panics
    ///
    /// It has grown.
    pub fn check(&self) {
        if !self.is_judged() {
            return;
        }
        let Some((last, early)) = self.0.last().zip(self.0.get(self.0.len() / 5)) else { return };
        assert!(*last < early + NOISE, "the memory grows: {self}");
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |bytes: Option<&u64>| bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{} MiB", bytes >> 20));
        write!(f, "{} early, {} now", shown(self.0.get(self.0.len() / 5)), shown(self.0.last()))
    }
}
