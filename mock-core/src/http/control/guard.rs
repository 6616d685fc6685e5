//! The guard of the control API: it admits programs that name this machine as their `Host`, and pages that were served from it.
//!
//! Any web page can make a browser on this machine send a request to the control API, and the owner of a host name can
//! point it to a loopback address (DNS rebinding). Such requests carry a foreign `Origin` or a foreign `Host`.

use http::header::{AUTHORIZATION, ORIGIN};
use http::{HeaderMap, Uri};
use telematics_contract::Secret;

use super::error::ControlError;
use crate::http::authority::{Authority, HostName, host_of_origin, single};
use crate::http::headers::{bearer, media_type};
use crate::service::mac::equal_in_constant_time;

/// Decides which requests may use the control API.
#[derive(Clone, Default)]
pub struct Guard {
    /// The token that requests must send; with one, nothing else counts.
    pub token: Option<Secret>,
    /// The hosts beside the loopback ones that requests may be sent to, and that pages may come from.
    pub allowed_hosts: Vec<HostName>,
    /// Whether only the program that runs the mock can send requests, so that every one is admitted.
    pub is_private: bool,
}

impl Guard {
    /// Admits a request, or tells why not. With a control token, an open call needs no token.
    ///
    /// # Errors
    ///
    /// `401`: the server has a control token, and the request does not send it. `403`: the server has none, and `Host` or
    /// `Origin` of the request is foreign.
    pub fn admit(&self, is_open: bool, uri: &Uri, headers: &HeaderMap) -> Result<(), ControlError> {
        if self.is_private {
            return Ok(());
        }
        if let Some(token) = &self.token {
            let sent = headers.contains_key(AUTHORIZATION).then(|| bearer(headers)).flatten();
            let is_right = sent.is_some_and(|sent| equal_in_constant_time(sent.as_bytes(), token.expose().as_bytes()));
            return if is_open || is_right {
                Ok(())
            } else {
                Err(ControlError::unauthorized(
                    "The control API needs the header Authorization: Bearer with the control token.",
                ))
            };
        }
        self.check_host("The control API", uri, headers)?;
        if !headers.contains_key(ORIGIN) {
            return Ok(());
        }
        match single(headers, &ORIGIN).and_then(host_of_origin) {
            Some(host) if self.allows(&host) => Ok(()),
            Some(host) => Err(ControlError::forbidden(format!(
                "The control API answers only to pages of a loopback origin; start the server with --allow-host {host} to \
                 allow pages of this host."
            ))),
            None => Err(ControlError::forbidden(
                "The control API answers only to pages of a loopback origin, and this origin is not the address of a page.",
            )),
        }
    }

    /// Checks that a request was sent to a name of this machine. `what` is the start of the sentence, such as "The control API".
    ///
    /// # Errors
    ///
    /// `403`.
    pub fn check_host(&self, what: &str, uri: &Uri, headers: &HeaderMap) -> Result<(), ControlError> {
        let sentence = match Authority::of_request(uri, headers) {
            Some(authority) if self.allows(authority.host()) => return Ok(()),
            Some(authority) => format!(
                "{what} answers only to the names of this machine and to those that --allow-host allows; start the server with \
                 --allow-host {0} to allow requests to {0}.",
                authority.host()
            ),
            None => format!(
                "{what} answers only to the names of this machine and to those that --allow-host allows, and the request has no \
                 valid Host."
            ),
        };
        Err(ControlError::forbidden(sentence))
    }

    fn allows(&self, host: &HostName) -> bool {
        host.is_loopback() || self.allowed_hosts.contains(host)
    }
}

/// Checks that the body of a write is declared as JSON, even an empty one: a web page cannot send that to another origin
/// without a preflight.
///
/// # Errors
///
/// `400`.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), ControlError> {
    if media_type(headers).eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        let error = "A control call that changes something needs the header Content-Type: application/json.";
        Err(ControlError::bad_request(error))
    }
}

/// Whether a page with this origin was served from this machine.
pub fn is_local_page(origin: &str) -> bool {
    host_of_origin(origin).is_some_and(|host| host.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::HOST;

    use super::*;

    fn clock() -> Uri {
        Uri::from_static("/__mock/clock")
    }

    fn admitted(host: &str, origin: Option<&str>) -> bool {
        admitted_by(&Guard::default(), host, origin)
    }

    fn admitted_by(guard: &Guard, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        guard.admit(false, &clock(), &headers).is_ok()
    }

    #[test]
    fn programs_and_pages_of_this_machine_are_admitted() {
        for host in ["127.0.0.1:4600", "localhost", "LOCALHOST:1", "[::1]:4600", "127.8.9.1", "app.localhost:80"] {
            assert!(admitted(host, None), "{host}");
        }
        assert!(admitted("127.0.0.1:4600", Some("http://localhost:5173")));
        assert!(admitted("127.0.0.1:4600", Some("http://[::1]:5173")));
    }

    #[test]
    fn with_a_token_the_token_alone_decides() {
        let guard = Guard { token: Some(Secret::from("t0ken")), ..Guard::default() };
        let ask = |is_open: bool, authorization: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("mock.example.com"));
            headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
            guard.admit(is_open, &clock(), &headers).is_ok()
        };
        assert!(ask(false, "Bearer t0ken"));
        assert!(ask(false, "bearer t0ken"), "RFC 9110, section 11.1: the scheme is in any letter case");
        for wrong in ["", "Bearer ", "Bearer t0ke", "Bearer t0kens", "Basic t0ken", "t0ken"] {
            assert!(!ask(false, wrong), "{wrong}");
            assert!(ask(true, wrong), "an open call needs no token");
        }
    }

    #[test]
    fn a_foreign_page_is_refused() {
        for origin in [
            "https://example.com",
            "null",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "javascript://localhost",
            "://localhost",
            "http://localhost:80@example.com",
            "",
        ] {
            assert!(!admitted("127.0.0.1:4600", Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_rebound_host_name_is_refused() {
        for host in [
            "example.com:4600",
            "127.0.0.1.example.com",
            "localhost.example.com",
            "",
            "[::1",
            "10.0.0.1",
            "localhost:80@example.com",
            "[::1].example.com",
            "127.0.0.1:example.com",
        ] {
            assert!(!admitted(host, None), "{host}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        let guard = Guard::default();
        assert!(guard.admit(false, &Uri::from_static("http://example.com/__mock/clock"), &headers).is_err());
        assert!(guard.admit(false, &clock(), &HeaderMap::new()).is_err(), "no host at all");
    }

    #[test]
    fn two_hosts_or_two_origins_are_refused() {
        for name in [HOST, ORIGIN] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("localhost"));
            headers.insert(ORIGIN, HeaderValue::from_static("http://localhost"));
            assert!(Guard::default().admit(false, &clock(), &headers).is_ok());
            let same = headers[&name].clone();
            headers.append(&name, same);
            assert!(Guard::default().admit(false, &clock(), &headers).is_err(), "{name}");
        }
    }

    #[test]
    fn an_allowed_host_is_admitted_with_any_port_as_host_and_as_origin_and_no_other_one_is() {
        let allowed_hosts = vec!["user-service".parse().unwrap(), "10.0.2.2".parse().unwrap()];
        let guard = Guard { allowed_hosts, ..Guard::default() };
        for host in ["user-service", "USER-SERVICE:4600", "10.0.2.2:4600", "localhost"] {
            assert!(admitted_by(&guard, host, None), "{host}");
        }
        assert!(admitted_by(&guard, "user-service:4600", Some("http://user-service:3000")));
        for host in ["user-service.example.com", "my-user-service", "10.0.2.3", "10.0.2.2.example.com"] {
            assert!(!admitted_by(&guard, host, None), "{host}");
            assert!(!admitted_by(&guard, "localhost", Some(&format!("http://{host}"))), "{host}");
        }
    }
}
