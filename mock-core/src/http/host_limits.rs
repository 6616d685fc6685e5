//! The limits of time and size that every host of the core keeps, so that a client meets the same ones whatever the platform.

use std::time::Duration;

/// The times that a client may keep the server waiting.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimits {
    /// From the first byte of the head of a request to its last one.
    pub head: Duration,
    /// Without a byte of a body that is not complete.
    pub body_pause: Duration,
    /// From the head of a request to the end of its body. A body of 5 MiB fits at 9 kB a second.
    pub body: Duration,
    /// Without a request on a connection that is kept alive, or without reading a byte of an answer.
    pub idle: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            body_pause: Duration::from_secs(30),
            body: Duration::from_secs(600),
            idle: Duration::from_secs(120),
        }
    }
}

/// The time that open connections have to finish after the server was told to stop.
pub const DRAIN: Duration = Duration::from_secs(5);

/// The interval at which a listener of events receives something even if nothing happens.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// The number of bytes that are discarded after the limit of a body, before the connection is closed.
pub const MAX_DISCARDED_BYTES: usize = 64 << 20;
