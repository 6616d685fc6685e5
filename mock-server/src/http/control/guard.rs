//! Who may use the control API: programs on this machine, and pages that were served from it.
//!
//! Any page on the web could make a browser on this machine send a request here, and a name on the web can be rebound to
//! a loopback address. Such requests carry a foreign `Origin` or a foreign `Host`.

use std::net::IpAddr;

use telematics_contract::Secret;
use warp::http::header::{AUTHORIZATION, HOST, ORIGIN};
use warp::http::{HeaderMap, Uri};

use super::ControlError;
use crate::service::mac::same;

/// Lets a request in, or says why not. The health check needs no token.
///
/// # Errors
///
/// `401`: there is a control token, and the request does not send it. `403`: there is none, and the request came from
/// elsewhere, by its `Host` or by its `Origin`.
pub fn admit(token: Option<&Secret>, uri: &Uri, headers: &HeaderMap) -> Result<(), ControlError> {
    if let Some(token) = token {
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        let is_health = uri.path().trim_end_matches('/') == "/__mock/health";
        return if is_health || sent.is_some_and(|sent| same(sent, token.expose().as_bytes())) {
            Ok(())
        } else {
            Err(ControlError::unauthorized("The control API needs Authorization: Bearer with the control token."))
        };
    }
    // A request line may carry the authority itself (RFC 9112, section 3.2.2); it then decides.
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(warp::http::uri::Authority::as_str).or(header);
    if !host.is_some_and(is_loopback) {
        return Err(ControlError::forbidden("The control API answers only to a loopback host name."));
    }
    match headers.get(ORIGIN).map(|origin| origin.to_str()) {
        None => Ok(()),
        Some(Ok(origin)) if is_local_page(origin) => Ok(()),
        Some(_) => Err(ControlError::forbidden("The control API answers only to pages of a loopback origin.")),
    }
}

/// Whether a page of that origin was served from this machine.
pub fn is_local_page(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, host)| is_loopback(host))
}

/// Whether `host`, with or without a port, is this machine by its very name.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    fn admitted(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        admit(None, &Uri::from_static("/__mock/clock"), &headers).is_ok()
    }

    #[test]
    fn programs_and_pages_of_this_machine_are_let_in() {
        for host in ["127.0.0.1:4600", "localhost", "LOCALHOST:1", "[::1]:4600", "127.8.9.1", "app.localhost:80"] {
            assert!(admitted(host, None), "{host}");
        }
        assert!(admitted("127.0.0.1:4600", Some("http://localhost:5173")));
        assert!(admitted("127.0.0.1:4600", Some("http://[::1]:5173")));
    }

    #[test]
    fn with_a_token_the_token_alone_decides() {
        let token = Secret::from("t0ken");
        let ask = |path: &'static str, authorization: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("mock.example.com"));
            headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
            admit(Some(&token), &Uri::from_static(path), &headers).is_ok()
        };
        assert!(ask("/__mock/clock", "Bearer t0ken"));
        for wrong in ["", "Bearer ", "Bearer t0ke", "Bearer t0kens", "Basic t0ken", "t0ken"] {
            assert!(!ask("/__mock/clock", wrong), "{wrong}");
            assert!(ask("/__mock/health", wrong), "readiness needs no token");
        }
    }

    #[test]
    fn a_foreign_page_is_turned_away() {
        for origin in
            ["https://example.com", "null", "http://127.0.0.1.example.com", "http://localhost.example.com", ""]
        {
            assert!(!admitted("127.0.0.1:4600", Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_rebound_name_is_turned_away() {
        for host in ["example.com:4600", "127.0.0.1.example.com", "localhost.example.com", "", "[::1", "10.0.0.1"] {
            assert!(!admitted(host, None), "{host}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        assert!(admit(None, &Uri::from_static("http://example.com/__mock/clock"), &headers).is_err());
        assert!(admit(None, &Uri::from_static("/__mock/clock"), &HeaderMap::new()).is_err(), "no host at all");
    }
}
