//! The answers of the static page: the same as those of the native server for the same file.

use std::ops::Bound;
use std::path::Path;
use std::time::{Duration, SystemTime};

use headers::{
    AcceptRanges, ContentLength, ContentRange, ContentType, HeaderMapExt as _, IfModifiedSince, IfRange,
    IfUnmodifiedSince, LastModified, Range,
};
use http::{HeaderMap, StatusCode};
use telematics_mock_core::http::{Body, Response};
use wasm_bindgen::prelude::*;

use crate::answer::{answer_object, set};
use crate::exchange::Exchange;

/// A file of the page.
struct File {
    bytes: u64,
    modified: LastModified,
}

#[wasm_bindgen]
impl Exchange {
    /// Whether a file of the page may answer the request, because the path is not the mock's.
    #[must_use]
    #[wasm_bindgen(getter, js_name = isForPage)]
    pub fn is_for_page(&self) -> bool {
        self.request().is_some_and(|(route, head)| self.api().is_for_page(route, head))
    }

    /// The path of the request, as it was sent.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn path(&self) -> String {
        self.request().map(|(_, head)| head.uri.path().to_owned()).unwrap_or_default()
    }

    /// The answer that refuses the page to the host of the request; `undefined` if the host is admitted.
    ///
    /// # Errors
    ///
    /// The object cannot be written, which does not happen.
    #[wasm_bindgen(js_name = refusePage)]
    pub fn refuse_page(&self) -> Result<JsValue, JsValue> {
        let refusal = self.request().and_then(|(_, head)| self.api().refuse_page(head));
        refusal.map_or(Ok(JsValue::UNDEFINED), |refusal| answer_object(self.api(), Ok(refusal)))
    }

    /// The answer with a file of the page, of this many bytes, and modified at a time in milliseconds since 1970. Its body is empty; `start`
    /// and `end` are the bytes of the file that are to be sent.
    ///
    /// # Errors
    ///
    /// The object cannot be written, which does not happen.
    #[wasm_bindgen(js_name = pageAnswer)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes and times of files are far below 2^53"
    )]
    #[expect(clippy::cast_precision_loss, reason = "sizes and times of files are far below 2^53")]
    pub fn page_answer(&self, path: &str, bytes: f64, modified: f64) -> Result<JsValue, JsValue> {
        let empty = HeaderMap::new();
        let asked = self.request().map_or(&empty, |(_, head)| &head.headers);
        let modified = SystemTime::UNIX_EPOCH + Duration::from_millis(modified.max(0.0) as u64);
        let file = File { bytes: bytes as u64, modified: modified.into() };
        let (mut response, (start, end)) = file.answer(asked, Path::new(path));
        self.api().finish(response.headers_mut());
        let object = answer_object(self.api(), Ok(response))?;
        set(&object, "start", &(start as f64).into())?;
        set(&object, "end", &(end as f64).into())?;
        Ok(object)
    }
}

impl File {
    /// The head of the answer, and the bytes that are its body: from the first one to that after the last one.
    fn answer(&self, asked: &HeaderMap, path: &Path) -> (Response, (u64, u64)) {
        let mut response = Response::new(Body::default());
        let nothing = (0, 0);
        let range = match self.wanted(asked) {
            Ok(range) => range,
            Err(status) => {
                *response.status_mut() = status;
                return (response, nothing);
            }
        };
        let Some((start, end)) = self.part(range.as_ref()) else {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            response.headers_mut().typed_insert(ContentRange::unsatisfied_bytes(self.bytes));
            return (response, nothing);
        };
        if end - start != self.bytes {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            if let Ok(range) = ContentRange::bytes(start..end, self.bytes) {
                response.headers_mut().typed_insert(range);
            }
        }
        let headers = response.headers_mut();
        headers.typed_insert(ContentLength(end - start));
        headers.typed_insert(ContentType::from(mime_guess::from_path(path).first_or_octet_stream()));
        headers.typed_insert(AcceptRanges::bytes());
        headers.typed_insert(self.modified);
        (response, (start, end))
    }

    /// The part that a request asks for, or the status that answers it without a body (RFC 9110, section 13.2.2).
    fn wanted(&self, asked: &HeaderMap) -> Result<Option<Range>, StatusCode> {
        let modified = SystemTime::from(self.modified);
        if asked.typed_get::<IfUnmodifiedSince>().is_some_and(|since| !since.precondition_passes(modified)) {
            return Err(StatusCode::PRECONDITION_FAILED);
        }
        if asked.typed_get::<IfModifiedSince>().is_some_and(|since| !since.is_modified(modified)) {
            return Err(StatusCode::NOT_MODIFIED);
        }
        let is_other = asked.typed_get::<IfRange>().is_some_and(|range| range.is_modified(None, Some(&self.modified)));
        Ok(asked.typed_get::<Range>().filter(|_| !is_other))
    }

    /// The first range; `None` if the file does not have it.
    fn part(&self, range: Option<&Range>) -> Option<(u64, u64)> {
        let Some((start, end)) = range.and_then(|range| range.satisfiable_ranges(self.bytes).next()) else {
            return Some((0, self.bytes));
        };
        let start = match start {
            Bound::Unbounded => 0,
            Bound::Included(first) => first,
            Bound::Excluded(before) => before + 1,
        };
        let end = match end {
            Bound::Unbounded => self.bytes,
            Bound::Included(last) if last == self.bytes => last,
            Bound::Included(last) => last + 1,
            Bound::Excluded(after) => after,
        };
        (start < end && end <= self.bytes).then_some((start, end))
    }
}
