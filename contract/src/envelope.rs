//! The envelope of every answer \[V, C\].

use serde::{Deserialize, Serialize};

/// The envelope of every answer.
///
/// A failure and a call that returns no data have no `Result` \[V\]. `Status` repeats the HTTP status \[V\]; a client must
/// still check it, because a failure may arrive under HTTP 200 \[C\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Envelope<T> {
    /// The data that the call returns, if it returns any.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub result: Option<T>,
    /// The HTTP status.
    pub status: u16,
    /// The error in one sentence; empty in a successful answer.
    #[serde(default)]
    pub title: String,
    /// The errors of the single fields.
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

// `#[serde(default)]` alone would require `T: Default`.
fn none<T>() -> Option<T> {
    None
}

/// An error of one field or header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FieldError {
    /// The path of the field (`UserFields.Enabled`), or the name of the header.
    #[serde(default)]
    pub key: String,
    /// The error as a sentence.
    #[serde(default)]
    pub message: String,
}

impl<T> Envelope<T> {
    /// A successful answer that returns data.
    pub fn success(result: T) -> Self {
        Self { result: Some(result), status: 200, title: String::new(), errors: Vec::new() }
    }

    /// A successful answer without data.
    #[must_use]
    pub fn done() -> Self {
        Self { result: None, status: 200, title: String::new(), errors: Vec::new() }
    }

    /// A failure with this HTTP status.
    pub fn failure(status: u16, title: impl Into<String>, errors: Vec<FieldError>) -> Self {
        Self { result: None, status, title: title.into(), errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_data_has_no_result() {
        let wire = serde_json::to_string(&Envelope::<()>::done()).unwrap();
        assert_eq!(wire, r#"{"Status":200,"Title":"","Errors":[]}"#);
    }

    #[test]
    fn a_failure_names_the_field() {
        let error = FieldError { key: "Gender".to_owned(), message: "No such gender.".to_owned() };
        let wire = serde_json::to_string(&Envelope::<()>::failure(422, "Invalid.", vec![error])).unwrap();
        assert_eq!(
            wire,
            r#"{"Status":422,"Title":"Invalid.","Errors":[{"Key":"Gender","Message":"No such gender."}]}"#
        );
    }

    #[test]
    fn an_answer_without_title_and_errors_is_read() {
        let envelope: Envelope<u8> = serde_json::from_str(r#"{"Result":7,"Status":200}"#).unwrap();
        assert_eq!(envelope, Envelope::success(7));
    }
}
