//! The name of a host and its port, as `Host`, `Origin` and `X-Forwarded-Host` contain them. Anything that a browser would not send
//! there is refused.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use http::header::HeaderName;
use http::{HeaderMap, Uri};

/// A host and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    host: HostName,
    port: Option<u16>,
}

/// The name or the address of a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostName {
    /// A name in lower case.
    Name(Box<str>),
    /// An address.
    Address(IpAddr),
}

/// A text that is not a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the name or the address of a host")]
pub struct NoHost;

impl Authority {
    /// The host that a request names: in its request line, otherwise in the header `Host` (RFC 9112, section 3.2.2). `None` if it
    /// names none, more than one, or one that is malformed.
    #[must_use]
    pub fn of_request(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let header = single(headers, &http::header::HOST);
        match uri.authority() {
            Some(authority) => authority.as_str().parse().ok(),
            None => header?.parse().ok(),
        }
    }

    /// The host.
    #[must_use]
    pub const fn host(&self) -> &HostName {
        &self.host
    }
}

/// The value of a header that a request has exactly once.
pub fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// The host of an origin such as `http://localhost:5173`; `None` if it is not the origin of a page of the web.
#[must_use]
pub fn host_of_origin(origin: &str) -> Option<HostName> {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))?;
    authority.parse().ok().map(|Authority { host, .. }| host)
}

impl HostName {
    /// Whether it always means this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => &**name == "localhost" || name.ends_with(".localhost"),
            Self::Address(address) => address.is_loopback(),
        }
    }

    /// Whether it means every address of a machine, so that nobody can send a request to it.
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        matches!(self, Self::Address(address) if address.is_unspecified())
    }
}

impl FromStr for HostName {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return address.parse::<Ipv6Addr>().map(|address| Self::Address(address.into())).map_err(|_| NoHost);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            // Without brackets the address ends at its first colon.
            return if address.is_ipv4() { Ok(Self::Address(address)) } else { Err(NoHost) };
        }
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        // A name may end with the dot of the root.
        let name = text.strip_suffix('.').unwrap_or(text);
        // A browser takes a name whose last label is a number for an address in another notation.
        let ends_with_number =
            name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if name.len() <= 253 && name.split('.').all(is_label) && !ends_with_number {
            Ok(Self::Name(name.to_ascii_lowercase().into()))
        } else {
            Err(NoHost)
        }
    }
}

impl FromStr for Authority {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<Self, NoHost> {
        let end_of_host = if text.starts_with('[') { text.find(']').map(|end| end + 1) } else { text.find(':') };
        let (host, port) = text.split_at(end_of_host.unwrap_or(text.len()));
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return Err(NoHost),
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().map_err(|_| NoHost)?)
            }
            Some(_) => return Err(NoHost),
        };
        Ok(Self { host: host.parse()?, port })
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_with_or_without_a_port_is_read_and_written_in_one_form() {
        for (text, expected) in [
            ("localhost", "localhost"),
            ("LOCALHOST:1", "localhost:1"),
            ("127.0.0.1:4600", "127.0.0.1:4600"),
            ("[::1]:4600", "[::1]:4600"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("user-service:80", "user-service:80"),
            ("user_service.local.", "user_service.local"),
        ] {
            assert_eq!(text.parse::<Authority>().map(|authority| authority.to_string()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn anything_else_is_no_host() {
        for text in [
            "",
            ":80",
            "a:",
            "a:x",
            "a:+1",
            "a:65536",
            "a:1:2",
            "a b",
            "a/b",
            "a@b",
            "localhost:80@evil.com",
            "[::1].evil.com",
            "127.0.0.1:evil.com",
            "::1",
            "[::1",
            "::1]",
            "[localhost]",
            "a..b",
            ".a",
            "a\"b",
            "<a>",
            "a%00",
            "127.1",
            "1",
            "0177.0.0.1",
            "ä",
            "a?b",
            "a#b",
            "[fe80::1%25eth0]",
        ] {
            assert_eq!(text.parse::<Authority>(), Err(NoHost), "{text}");
        }
    }

    #[test]
    fn an_origin_is_a_page_of_the_web() {
        assert_eq!(host_of_origin("http://localhost:5173"), Some(HostName::Name("localhost".into())));
        assert!(host_of_origin("https://[::1]").is_some_and(|host| host.is_loopback()));
        for other in ["null", "", "javascript://localhost", "://localhost", "http://", "http://localhost/", "file://"] {
            assert_eq!(host_of_origin(other), None, "{other}");
        }
    }

    #[test]
    fn a_request_that_names_two_hosts_names_none() {
        let mut headers = HeaderMap::new();
        headers.append(http::header::HOST, "localhost".parse().unwrap());
        assert!(Authority::of_request(&Uri::from_static("/"), &headers).is_some());
        headers.append(http::header::HOST, "localhost".parse().unwrap());
        assert_eq!(Authority::of_request(&Uri::from_static("/"), &headers), None);
    }
}
