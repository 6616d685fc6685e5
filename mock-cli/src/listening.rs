//! Sentences about a port that cannot be taken, and the address of one that was.

use std::net::{IpAddr, SocketAddr};

/// The reason why the server cannot listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenFailure {
    /// Another program has the port.
    PortInUse,
    /// Another reason, in the words of the machine.
    Other(String),
}

impl ListenFailure {
    /// The sentence for the person who wanted the server to listen there.
    #[must_use]
    pub fn sentence(&self, wanted: SocketAddr) -> String {
        match self {
            Self::PortInUse => {
                let (port, host) = (wanted.port(), wanted.ip());
                format!("port {port} of {host} is in use; choose another port with --port, or a free one with --port 0")
            }
            Self::Other(why) => format!("cannot listen on {wanted}: {why}"),
        }
    }
}

/// The address by which this machine reaches a server that listens on an address.
#[must_use]
pub fn reachable(listening: SocketAddr) -> SocketAddr {
    let host = match listening.ip() {
        IpAddr::V4(host) if host.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(host) if host.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        host @ (IpAddr::V4(_) | IpAddr::V6(_)) => host,
    };
    SocketAddr::new(host, listening.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_reached_by_the_loopback_one() {
        for (listening, expected) in
            [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("127.0.0.2:1", "127.0.0.2:1")]
        {
            assert_eq!(reachable(listening.parse().unwrap()).to_string(), expected);
        }
    }
}
