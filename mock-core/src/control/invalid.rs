//! Values that a verb of the control plane refuses.

/// A field of a fault or of a barrier that is invalid. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct InvalidField {
    /// The path of the field, with the names of the control API, for example `then.status`.
    pub field: String,
    /// The reason, as the rest of a sentence that starts with the field: "must be a status from 200 to 599".
    pub reason: String,
}

impl InvalidField {
    pub(super) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}
