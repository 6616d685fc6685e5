//! The addresses of this server in its answers: the address by which the client of the request reaches it.

use std::fmt;
use std::str::FromStr;

use http::header::HeaderName;
use http::request::Parts;

use super::authority::{Authority, single};

static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The address of a server as its clients reach it, whatever their requests say: `http` or `https`, a host, and perhaps a port and a
/// path. It has no slash at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl(Box<str>);

/// A text that is not the public address of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a URL like https://mock.example.com, with http or https, and without credentials, query and fragment")]
pub struct InvalidPublicUrl;

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let (scheme, rest) = text.split_once("://").ok_or(InvalidPublicUrl)?;
        let scheme = scheme.to_ascii_lowercase();
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority: Authority = host.parse().map_err(|_| InvalidPublicUrl)?;
        let is_path_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:@".contains(&byte);
        if !matches!(&*scheme, "http" | "https") || authority.host().is_unspecified() || !path.bytes().all(is_path_byte)
        {
            return Err(InvalidPublicUrl);
        }
        Ok(Self(format!("{scheme}://{authority}{}", path.trim_end_matches('/')).into()))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicUrl({self})")
    }
}

/// How the address of the server is found for a request.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The address that the server listens on, for a request that names no host.
    pub fallback: Box<str>,
    /// The address that beats what requests say.
    pub public_url: Option<PublicUrl>,
    /// Whether a trusted proxy sets `X-Forwarded-Host` and `X-Forwarded-Proto`.
    pub trust_forwarded: bool,
}

impl Addresses {
    /// The address of the server for the client of a request, without a slash at the end.
    #[must_use]
    pub fn base(&self, head: &Parts) -> String {
        if let Some(PublicUrl(url)) = &self.public_url {
            return url.to_string();
        }
        let forwarded = |name| if self.trust_forwarded { last(single(&head.headers, name)?) } else { None };
        let host = forwarded(&FORWARDED_HOST).and_then(|host| host.parse().ok());
        let host = host.or_else(|| Authority::of_request(&head.uri, &head.headers));
        let Some(host) = host.filter(|host| !host.host().is_unspecified()) else { return self.fallback.to_string() };
        let is_https = forwarded(&FORWARDED_PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        format!("{}://{host}", if is_https { "https" } else { "http" })
    }
}

/// The last element of a list: that of the proxy that is next to this server.
fn last(list: &str) -> Option<&str> {
    list.rsplit(',').next().map(str::trim).filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn base(addresses: &Addresses, uri: &str, headers: &[(&str, &str)]) -> String {
        let request = headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        addresses.base(&request.body(()).unwrap().into_parts().0)
    }

    fn addresses(trust_forwarded: bool) -> Addresses {
        Addresses { fallback: "http://127.0.0.1:4600".into(), public_url: None, trust_forwarded }
    }

    #[test]
    fn the_host_of_the_request_is_the_address_of_the_server() {
        for (host, expected) in [
            ("localhost:4600", "http://localhost:4600"),
            ("10.0.2.2:4600", "http://10.0.2.2:4600"),
            ("user-service", "http://user-service"),
            ("[::1]:1", "http://[::1]:1"),
        ] {
            assert_eq!(base(&addresses(false), "/", &[("host", host)]), expected);
        }
        assert_eq!(base(&addresses(false), "http://a.example:5/", &[("host", "b.example")]), "http://a.example:5");
    }

    #[test]
    fn a_host_that_cannot_be_used_leads_to_the_listening_address() {
        for host in ["0.0.0.0:4600", "[::]:4600", "", "a\"b", "evil.com/x", "user@evil.com", "javascript:alert(1)"] {
            assert_eq!(base(&addresses(false), "/", &[("host", host)]), "http://127.0.0.1:4600", "{host}");
        }
        assert_eq!(base(&addresses(false), "/", &[]), "http://127.0.0.1:4600");
        assert_eq!(base(&addresses(false), "/", &[("host", "a"), ("host", "b")]), "http://127.0.0.1:4600");
    }

    #[test]
    fn forwarded_headers_count_only_if_they_are_trusted() {
        let headers =
            [("host", "inner:80"), ("x-forwarded-host", "evil.com, app.example"), ("x-forwarded-proto", "HTTPS")];
        assert_eq!(base(&addresses(false), "/", &headers), "http://inner:80");
        assert_eq!(base(&addresses(true), "/", &headers), "https://app.example");
        let malformed = [("host", "inner:80"), ("x-forwarded-host", "a b"), ("x-forwarded-proto", "javascript")];
        assert_eq!(base(&addresses(true), "/", &malformed), "http://inner:80");
    }

    #[test]
    fn the_public_url_beats_the_request() {
        let public_url = Some("https://mock.example/below/".parse().unwrap());
        let addresses = Addresses { public_url, ..addresses(true) };
        let headers = [("host", "inner:80"), ("x-forwarded-host", "app.example")];
        assert_eq!(base(&addresses, "/", &headers), "https://mock.example/below");
    }

    #[test]
    fn a_public_url_has_http_or_https_a_host_and_nothing_that_is_secret_or_changes() {
        for (text, expected) in [
            ("http://mock.example", "http://mock.example"),
            ("HTTPS://Mock.Example:8443/a/", "https://mock.example:8443/a"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().map(|url| url.to_string()).as_deref(), Ok(expected));
        }
        for text in [
            "not a url",
            "javascript:alert(1)//",
            "javascript://a",
            "mock.example",
            "//mock.example",
            "ftp://mock.example",
            "http://",
            "http://user:secret@mock.example",
            "http://mock.example?a=b",
            "http://mock.example/#a",
            "http://mock.example/a?b",
            "http://0.0.0.0:4600",
            "http://[::]",
            "http://mock.example/\"",
            "http://mock.example/a b",
            "",
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(InvalidPublicUrl), "{text}");
        }
    }
}
