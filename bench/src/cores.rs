//! Which core a process runs on. The only file that knows the system's call for it.

use anyhow::Result;

/// The cores of servers and load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cores {
    /// Every server on one core, the load on another.
    Apart {
        /// The core of the servers.
        server: usize,
        /// The core of the load.
        load: usize,
    },
    /// The system chooses.
    Shared,
}

impl Cores {
    /// Puts this thread, which sends the load, on a core of its own.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn claim() -> Result<Self> {
        let cores = system::allowed()?;
        if let [server, load, ..] = cores[..] {
            system::pin(&[load])?;
            return Ok(Self::Apart { server, load });
        }
        Ok(Self::Shared)
    }

    /// Runs `spawn` on the core of the servers, which a process started there inherits.
    ///
    /// # Errors
    /// If the system refuses, or as `spawn` fails.
    pub(crate) fn on_server<T>(self, spawn: impl FnOnce() -> Result<T>) -> Result<T> {
        let Self::Apart { server, load } = self else { return spawn() };
        system::pin(&[server])?;
        let spawned = spawn();
        system::pin(&[load])?;
        spawned
    }

    /// Runs `spawn` on both cores, which a process started there inherits.
    ///
    /// # Errors
    /// If the system refuses, or as `spawn` fails.
    pub(crate) fn on_both<T>(self, spawn: impl FnOnce() -> Result<T>) -> Result<T> {
        let Self::Apart { server, load } = self else { return spawn() };
        system::pin(&[server, load])?;
        let spawned = spawn();
        system::pin(&[load])?;
        spawned
    }

    /// A sentence for the person who reads the figures.
    pub(crate) fn sentence(self) -> String {
        match self {
            Self::Apart { server, load } => format!("every server runs on core {server}, the load on core {load}"),
            Self::Shared => "servers and load are not pinned to cores: the system chooses".to_owned(),
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use anyhow::Result;
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The cores this process may use.
    pub(super) fn allowed() -> Result<Vec<usize>> {
        let set = sched_getaffinity(None)?;
        Ok((0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect())
    }

    /// Puts this thread on these cores.
    pub(super) fn pin(cores: &[usize]) -> Result<()> {
        let mut set = CpuSet::new();
        cores.iter().for_each(|core| set.set(*core));
        Ok(sched_setaffinity(None, &set)?)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use anyhow::Result;

    pub(super) fn allowed() -> Result<Vec<usize>> {
        Ok(Vec::new())
    }

    pub(super) fn pin(_: &[usize]) -> Result<()> {
        Ok(())
    }
}
