//! What every answer is wrapped in \[V, C\].

use serde::{Deserialize, Serialize};

/// The envelope of every answer.
///
/// A command with nothing to return, and every failure, leaves `Result` out \[V\]. `Status` repeats the HTTP status \[V\];
/// a client must still look at it, because a failure may come under HTTP 200 \[C\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Envelope<T> {
    /// What the call returns, if it returns anything.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub result: Option<T>,
    /// The HTTP status, once more.
    pub status: u16,
    /// What went wrong in one sentence; empty when nothing did.
    #[serde(default)]
    pub title: String,
    /// What went wrong field by field.
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

// `#[serde(default)]` alone would ask for `T: Default`.
fn none<T>() -> Option<T> {
    None
}

/// One thing wrong with one field or header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FieldError {
    /// The path of the field (`UserFields.Enabled`), or the name of the header.
    #[serde(default)]
    pub key: String,
    /// What is wrong with it, as a sentence.
    #[serde(default)]
    pub message: String,
}

impl<T> Envelope<T> {
    /// A successful answer that returns something.
    pub fn success(result: T) -> Self {
        Self { result: Some(result), status: 200, title: String::new(), errors: Vec::new() }
    }

    /// A successful answer of a command with nothing to return.
    #[must_use]
    pub fn done() -> Self {
        Self { result: None, status: 200, title: String::new(), errors: Vec::new() }
    }

    /// A failure with that HTTP status.
    pub fn failure(status: u16, title: impl Into<String>, errors: Vec<FieldError>) -> Self {
        Self { result: None, status, title: title.into(), errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_nothing_to_return_leaves_result_out() {
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
