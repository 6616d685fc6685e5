//! Refuses a match that no request can meet.

use telematics_contract::Call;

use super::{PathPattern, RequestMatch, ValueMatch};
use crate::control::header_syntax::is_token;
use crate::control::invalid::InvalidField;

impl RequestMatch {
    /// Checks a match of requests that have no answer yet, for a fault or a barrier.
    pub(in crate::control) fn check_unanswered(&self) -> Result<(), InvalidField> {
        for (field, is_given) in [("match.status", self.status.is_some()), ("match.hint", self.hint.is_some())] {
            if is_given {
                let reason = "must be absent: a request has no status and no hint before it is answered";
                return Err(InvalidField::new(field, reason));
            }
        }
        self.check("match")
    }

    /// Checks a match of requests in the journal, which does not keep the values of headers. `field` is the path of the match
    /// in the errors.
    ///
    /// # Errors
    ///
    /// The first field that is invalid, or that no request can match.
    pub fn check_answered(&self, field: &str) -> Result<(), InvalidField> {
        self.check(field)?;
        match self.headers.0.iter().find(|(_, wanted)| matches!(wanted, ValueMatch::Text(_))) {
            None => Ok(()),
            Some((name, _)) => {
                let reason = "must be true or false: the journal keeps the names of headers and not their values";
                Err(InvalidField::new(format!("{field}.headers.{name}"), reason))
            }
        }
    }

    fn check(&self, field: &str) -> Result<(), InvalidField> {
        let invalid = |name: String, reason| Err(InvalidField::new(format!("{field}.{name}"), reason));
        if self.method.as_ref().is_some_and(|method| !is_token(method)) {
            return invalid("method".to_owned(), "must be the name of a method");
        }
        if self.path.as_ref().is_some_and(|path| !path.is_possible()) {
            let reason = "must start with / or *, and has no query: no request has another path";
            return invalid("path".to_owned(), reason);
        }
        if let Some(name) = self.headers.0.keys().find(|name| !is_token(name)) {
            return invalid(format!("headers.{name}"), "must be the name of a header");
        }
        if let Some(pointer) = self.body.invalid_pointer() {
            let reason = "must be a JSON pointer, for example /UserFields/ClientId";
            return invalid(format!("body.{pointer}"), reason);
        }
        Ok(())
    }

    /// Whether a call of the contract has a path that matches.
    #[must_use]
    pub fn has_known_path(&self) -> bool {
        let Some(pattern) = &self.path else { return true };
        let is_path_of = |call: Call| match call.endpoint().path.split_once('{') {
            None => pattern.fits(call.endpoint().path),
            Some((literal, _)) => PathPattern::new(format!("{literal}*")).fits(pattern.as_str()),
        };
        pattern.is_open() || Call::ALL.into_iter().any(is_path_of)
    }
}
