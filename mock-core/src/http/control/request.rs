//! Reads control requests: strictly, with a sentence for every mistake.

use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::ControlError;
use crate::mock::{Controls, Mock};
use crate::service::Scope;
use crate::strict_json;

/// A request to the control API.
pub struct ControlRequest {
    mock: Arc<Mock>,
    /// The parameter of the path; empty if it has none.
    path_parameter: Box<str>,
    head: Parts,
    body: Bytes,
}

impl ControlRequest {
    /// A request whose body has been read; `path_parameter` is the parameter of its path.
    pub fn new(mock: Arc<Mock>, path_parameter: &str, head: Parts, body: Bytes) -> Self {
        Self { mock, path_parameter: path_parameter.into(), head, body }
    }

    /// The mock.
    pub fn mock(&self) -> &Mock {
        &self.mock
    }

    /// The controls of the scope that `?instance=` names; of the server if it is absent.
    ///
    /// # Errors
    ///
    /// `400`: it is not a valid UUID. `404`: the server has no such instance.
    pub fn controls(&self) -> Result<Controls, ControlError> {
        let scope = match self.parsed("instance", "UUID")? {
            None => Scope::Server,
            Some(id) => self.mock.service.scope(id)?,
        };
        Ok(Controls::new(Arc::clone(&self.mock), scope))
    }

    /// Checks that the query has only parameters that the call knows. A misspelt `instance` would otherwise mean the server.
    ///
    /// # Errors
    ///
    /// `400`: a parameter is unknown.
    pub fn check_query(&self, known: &[&str]) -> Result<(), ControlError> {
        let unknown = form_urlencoded::parse(self.query()).find(|(name, _)| !known.contains(&name.as_ref()));
        match unknown {
            None => Ok(()),
            Some((name, _)) => {
                Err(ControlError::bad_field(name, format!("is unknown; the known parameters are {}", known.join(", "))))
            }
        }
    }

    fn query(&self) -> &[u8] {
        self.head.uri.query().unwrap_or_default().as_bytes()
    }

    /// The id in the path.
    ///
    /// # Errors
    ///
    /// `400`: it is not a number.
    pub fn id(&self) -> Result<u64, ControlError> {
        self.path_parameter.parse().map_err(|_| ControlError::bad_field("id", "must be a number"))
    }

    /// The parameter of the path, parsed; `name` and `expected` name it and its type in the error.
    ///
    /// # Errors
    ///
    /// `400`: it cannot be parsed.
    pub fn path_parameter<T: FromStr>(&self, name: &str, expected: &str) -> Result<T, ControlError> {
        self.path_parameter.parse().map_err(|_| ControlError::bad_field(name, format!("is not a valid {expected}")))
    }

    /// A parameter of the query, parsed; `expected` names the type in the error.
    ///
    /// # Errors
    ///
    /// `400`: it cannot be parsed.
    pub fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, ControlError> {
        let Some(text) = self.parameter(name) else { return Ok(None) };
        let parsed = text.parse().map(Some);
        parsed.map_err(|_| ControlError::bad_field(name, format!("'{text}' is not a valid {expected}")))
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query());
        pairs.find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
    }

    /// The JSON body; an empty body reads like `{}`.
    ///
    /// # Errors
    ///
    /// `400` with the field that is wrong, and why.
    pub fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, ControlError> {
        if self.body.trim_ascii().is_empty() { Ok(T::default()) } else { self.json() }
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// `400` with the field that is wrong, and why.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        Ok(strict_json::read(&self.body)?)
    }

    /// The JSON body of a call that may be very large.
    ///
    /// # Errors
    ///
    /// `400` with the reason.
    pub fn large_json<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        Ok(strict_json::read_large(&self.body)?)
    }
}
