//! `telematics-mock healthcheck`: whether a server is ready, for images that have no curl.

use std::fmt;
use std::time::Duration;

/// The longest time for each step of the check.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The largest answer that is read, in bytes.
pub const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// The port of a URL that names none.
const HTTP_PORT: u16 = 80;

/// The question to a server whether it is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    url: String,
    /// The host of the URL, with the port that it names.
    authority: String,
}

impl Healthcheck {
    /// A question to the server at a URL.
    ///
    /// # Errors
    ///
    /// The URL does not begin with `http://`: a sentence.
    pub fn new(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(format!("'{url}' does not start with http://"));
        }
        Ok(Self { url: url.to_owned(), authority: rest.split('/').next().unwrap_or_default().to_owned() })
    }

    /// The host to connect to, without the brackets of an IPv6 address, and the port.
    #[must_use]
    pub fn address(&self) -> (&str, u16) {
        let has_brackets_only = self.authority.ends_with(']');
        let split = self.authority.rsplit_once(':').filter(|_| !has_brackets_only);
        let split = split.and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = split.unwrap_or((&self.authority, HTTP_PORT));
        (host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host), port)
    }

    /// The request, to send as it is. The server closes the connection after its answer.
    #[must_use]
    pub fn request(&self) -> String {
        format!("GET /__mock/health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.authority)
    }

    /// Judges the answer.
    ///
    /// # Errors
    ///
    /// A sentence that tells why the server is not ready.
    pub fn judge(&self, answer: Result<&str, impl fmt::Display>) -> Result<(), String> {
        let url = &self.url;
        let answer = answer.map_err(|error| format!("{url} does not answer: {error}"))?;
        if answer.starts_with("HTTP/1.1 200 ") {
            Ok(())
        } else {
            Err(format!("{url} answers, but is not ready: {}", answer.lines().next().unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_host_and_the_port_to_connect_to() {
        for (url, expected) in [
            ("http://localhost:4600", ("localhost", 4600)),
            ("HTTP://mock.example/path:1", ("mock.example", 80)),
            ("http://[::1]:4600/", ("::1", 4600)),
            ("http://[::1]", ("::1", 80)),
        ] {
            assert_eq!(Healthcheck::new(url).unwrap().address(), expected, "{url}");
        }
        assert_eq!(Healthcheck::new("localhost:4600"), Err("'localhost:4600' does not start with http://".to_owned()));
    }

    #[test]
    fn only_a_server_that_answers_200_is_ready() {
        let check = Healthcheck::new("http://mock:1").unwrap();
        assert_eq!(check.judge(Ok::<_, &str>("HTTP/1.1 200 OK\r\n\r\n")), Ok(()));
        let busy = check.judge(Ok::<_, &str>("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
        assert_eq!(busy, Err("http://mock:1 answers, but is not ready: HTTP/1.1 503 Service Unavailable".to_owned()));
        assert_eq!(check.judge(Err("refused")), Err("http://mock:1 does not answer: refused".to_owned()));
    }
}
