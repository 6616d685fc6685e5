//! HTTP/1.1 as the load needs it: requests as bytes, answers found in a buffer. The only file that knows httparse.

use anyhow::{Context, Result, anyhow, bail};

/// The most header lines that an answer may have.
const MAX_HEADERS: usize = 32;

/// Appends a request without a body to `out`; each of `headers` ends with `\r\n`.
pub(crate) fn write_get(out: &mut Vec<u8>, path: &str, headers: &str) {
    for part in ["GET ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Appends a request with a JSON body to `out`; each of `headers` ends with `\r\n`.
pub(crate) fn write_post(out: &mut Vec<u8>, path: &str, headers: &str, body: &str) {
    let length = body.len().to_string();
    let content = "Content-Type: application/json\r\nContent-Length: ";
    let parts =
        ["POST ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers, content, length.as_str(), "\r\n\r\n", body];
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Where an answer lies at the start of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The status code.
    pub(crate) status: u16,
    /// Bytes of the status line and the headers, with the empty line after them.
    pub(crate) head: usize,
    /// Bytes of the body.
    pub(crate) body: usize,
}

impl Frame {
    /// Finds the answer at the start of `buffer`; `None` while its head is incomplete.
    ///
    /// # Errors
    /// If the bytes are not HTTP/1.1 or the head has no `Content-Length`.
    pub(crate) fn find(buffer: &[u8]) -> Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let head = match response.parse(buffer).context("the answer is not valid HTTP/1.1")? {
            httparse::Status::Complete(head) => head,
            httparse::Status::Partial => return Ok(None),
        };
        let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
        let body = length.ok_or_else(|| anyhow!("the answer has no Content-Length"))?;
        Ok(Some(Self { status: response.code.unwrap_or_default(), head, body }))
    }

    /// Bytes of the whole answer.
    pub(crate) fn len(self) -> usize {
        self.head + self.body
    }

    /// The body of the answer, which must be a `200` or `201`.
    ///
    /// # Errors
    /// If the status is another one.
    pub(crate) fn body_of(self, buffer: &[u8]) -> Result<&str> {
        let body = buffer.get(self.head..self.len()).context("the answer is incomplete")?;
        let body = std::str::from_utf8(body).context("the body is not valid UTF-8")?;
        if !matches!(self.status, 200 | 201) {
            bail!("the server answered {}: {body}", self.status);
        }
        Ok(body)
    }
}

/// The header lines of the answer at the start of `buffer`.
///
/// # Errors
/// If the head is incomplete or not valid.
pub(crate) fn headers(buffer: &[u8]) -> Result<Vec<(String, String)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(buffer).context("the answer is not valid HTTP/1.1")?;
    let text =
        |header: &httparse::Header<'_>| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned());
    Ok(response.headers.iter().map(text).collect())
}

/// The text between the quotes after `"name":` in a JSON body.
pub(crate) fn text_field<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = body;
    loop {
        let (_, after) = rest.split_once(name)?;
        if let Some(value) = after.strip_prefix("\":\"") {
            return value.split('"').next();
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    #[test]
    fn an_answer_is_found_with_its_status_and_lengths() {
        let frame = Frame::find(ANSWER).unwrap().unwrap();
        assert_eq!((frame.status, frame.body, frame.len()), (200, 2, ANSWER.len()));
        assert_eq!(frame.body_of(ANSWER).unwrap(), "{}");
    }

    #[test]
    fn an_incomplete_head_is_not_an_answer_yet() {
        assert_eq!(Frame::find(&ANSWER[..30]).unwrap(), None);
    }

    #[test]
    fn an_answer_without_a_length_is_an_error() {
        assert!(Frame::find(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn a_failure_never_counts_as_an_answer() {
        let answer = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno";
        let frame = Frame::find(answer).unwrap().unwrap();
        assert_eq!(frame.body_of(answer).unwrap_err().to_string(), "the server answered 401: no");
    }

    #[test]
    fn a_text_field_is_found_by_its_whole_name() {
        let body = r#"{"RefreshTokenX":"no","AccessToken":{"Token":"jwt"},"RefreshToken":"next"}"#;
        assert_eq!(text_field(body, "\"Token"), Some("jwt"));
        assert_eq!(text_field(body, "\"RefreshToken"), Some("next"));
        assert_eq!(text_field(body, "\"DeviceToken"), None);
    }

    #[test]
    fn a_request_names_the_length_of_its_body() {
        let mut out = Vec::new();
        write_post(&mut out, "/v1/x", "A: b\r\n", "{}");
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("POST /v1/x HTTP/1.1\r\nHost: localhost\r\nA: b\r\n"), "{text}");
        assert!(text.ends_with("Content-Length: 2\r\n\r\n{}"), "{text}");
    }
}
