//! Files in multipart bodies. The only file that knows multer.

use std::convert::Infallible;

use bytes::Bytes;

use super::error::ApiError;
use crate::service::Refusal;

/// The file in a field of a multipart body.
///
/// # Errors
///
/// `415`: the body is not multipart. `400`: it is malformed. `422`: it has no such field.
pub async fn file(content_type: &str, body: Bytes, wanted: &str) -> Result<Bytes, ApiError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| ApiError::NotMultipart)?;
    let whole = futures_util::stream::once(async move { Ok::<_, Infallible>(body) });
    let mut multipart = multer::Multipart::new(whole, boundary);
    while let Some(field) = multipart.next_field().await.map_err(|_| ApiError::MalformedMultipart)? {
        if field.name().is_some_and(|name| name.eq_ignore_ascii_case(wanted)) {
            return field.bytes().await.map_err(|_| ApiError::MalformedMultipart);
        }
    }
    Err(ApiError::Refused(Refusal::missing(wanted)))
}
