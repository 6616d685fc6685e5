//! Multipart bodies, written by hand so that a test can also write a wrong one.

/// A multipart body with one file.
#[derive(Clone, Debug)]
pub struct Multipart {
    /// The name of the field.
    pub field: String,
    /// The content of the file.
    pub file: Vec<u8>,
}

const BOUNDARY: &str = "a-boundary-that-is-in-no-file";

impl Multipart {
    /// A body with this file in this field.
    #[must_use]
    pub fn new(field: &str, file: impl Into<Vec<u8>>) -> Self {
        Self { field: field.to_owned(), file: file.into() }
    }

    /// The value of the header `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    /// The bytes of the body.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let Self { field, file } = self;
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"me.png\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        [head.as_bytes(), file, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
    }
}
