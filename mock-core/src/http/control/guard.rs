//! The guard of the control API: it admits programs on this machine, and pages that were served from it.
//!
//! Any web page can make a browser on this machine send a request to the control API, and the owner of a host name can
//! point it to a loopback address (DNS rebinding). Such requests carry a foreign `Origin` or a foreign `Host`.

use std::net::IpAddr;

use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, Uri};
use telematics_contract::Secret;

use super::error::ControlError;
use crate::http::headers::media_type;
use crate::service::mac::equal_in_constant_time;

/// Admits a request, or tells why not. With a control token, an open call needs no token.
///
/// # Errors
///
/// `401`: the server has a control token, and the request does not send it. `403`: the server has none, and `Host` or
/// `Origin` of the request is foreign.
pub fn admit(token: Option<&Secret>, is_open: bool, uri: &Uri, headers: &HeaderMap) -> Result<(), ControlError> {
    if let Some(token) = token {
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        return if is_open || sent.is_some_and(|sent| equal_in_constant_time(sent, token.expose().as_bytes())) {
            Ok(())
        } else {
            Err(ControlError::unauthorized(
                "The control API needs the header Authorization: Bearer with the control token.",
            ))
        };
    }
    // A request line may carry the authority itself, and then it decides (RFC 9112, section 3.2.2).
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(http::uri::Authority::as_str).or(header);
    if !host.is_some_and(is_loopback) {
        return Err(ControlError::forbidden("The control API answers only to a loopback host name."));
    }
    match headers.get(ORIGIN).map(|origin| origin.to_str()) {
        None => Ok(()),
        Some(Ok(origin)) if is_local_page(origin) => Ok(()),
        Some(_) => Err(ControlError::forbidden("The control API answers only to pages of a loopback origin.")),
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
    origin.split_once("://").is_some_and(|(_, host)| is_loopback(host))
}

/// Whether `host`, with or without a port, is a name of this machine.
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
    use http::HeaderValue;

    use super::*;

    fn admitted(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        admit(None, false, &Uri::from_static("/__mock/clock"), &headers).is_ok()
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
        let token = Secret::from("t0ken");
        let ask = |is_open: bool, authorization: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("mock.example.com"));
            headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
            admit(Some(&token), is_open, &Uri::from_static("/__mock/clock"), &headers).is_ok()
        };
        assert!(ask(false, "Bearer t0ken"));
        for wrong in ["", "Bearer ", "Bearer t0ke", "Bearer t0kens", "Basic t0ken", "t0ken"] {
            assert!(!ask(false, wrong), "{wrong}");
            assert!(ask(true, wrong), "an open call needs no token");
        }
    }

    #[test]
    fn a_foreign_page_is_refused() {
        for origin in
            ["https://example.com", "null", "http://127.0.0.1.example.com", "http://localhost.example.com", ""]
        {
            assert!(!admitted("127.0.0.1:4600", Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_rebound_host_name_is_refused() {
        for host in ["example.com:4600", "127.0.0.1.example.com", "localhost.example.com", "", "[::1", "10.0.0.1"] {
            assert!(!admitted(host, None), "{host}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        assert!(admit(None, false, &Uri::from_static("http://example.com/__mock/clock"), &headers).is_err());
        assert!(admit(None, false, &Uri::from_static("/__mock/clock"), &HeaderMap::new()).is_err(), "no host at all");
    }
}
