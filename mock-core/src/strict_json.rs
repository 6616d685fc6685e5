//! Reads JSON of tests strictly: the bodies of the control API and the files of a configuration. An error names the field, and tells in
//! plain words what it must be.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::control::object::Object;

/// The reason why JSON cannot be read.
#[derive(Debug)]
pub struct WrongJson {
    /// The path of the field that is wrong; `None` if the whole body is.
    pub field: Option<String>,
    /// A sentence; for a field the rest of one that starts with the field.
    pub reason: String,
}

impl WrongJson {
    fn body(reason: impl Into<String>) -> Self {
        Self { field: None, reason: reason.into() }
    }

    fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: Some(field.into()), reason: reason.into() }
    }
}

/// Reads the JSON body of a request.
///
/// # Errors
///
/// The body is not JSON, or a field is unknown or invalid.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, WrongJson> {
    if body.trim_ascii().is_empty() {
        return Err(WrongJson::body("The body is empty; this call needs a JSON object."));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, &error.into_inner())
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// Reads a JSON value of a file.
///
/// # Errors
///
/// A field is unknown or invalid.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, WrongJson> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, &error.into_inner())
    })
}

fn malformed(error: &serde_json::Error) -> WrongJson {
    WrongJson::body(format!("The body is not valid JSON: {error}."))
}

fn explain(path: &str, error: &serde_json::Error) -> WrongJson {
    if !error.is_data() {
        return malformed(error);
    }
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let is_body = path == ".";
    if let Some(field) = message.strip_prefix("missing field ") {
        let field = field.trim_matches('`');
        let field = if is_body { field.to_owned() } else { format!("{path}.{field}") };
        return WrongJson::field(field, "is required");
    }
    let reason = reason(message);
    if is_body { WrongJson::body(format!("The body {reason}.")) } else { WrongJson::field(path, reason) }
}

/// serde's message as the rest of a sentence that starts with the name of the field.
fn reason(message: &str) -> String {
    let Some((problem, expected)) = message.split_once(", expected ") else { return message.to_owned() };
    // serde puts names into backticks.
    let names: Vec<_> = expected.split('`').skip(1).step_by(2).collect();
    if problem.starts_with("unknown field ") {
        return format!("is unknown; the known fields are {}", names.join(", "));
    }
    if problem.starts_with("unknown variant ") {
        let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        return format!("must be {}", names.join(" or "));
    }
    if problem.starts_with("invalid value: integer `") && !problem.contains("`-") {
        return "is too large".to_owned();
    }
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "must be a whole number of 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "must be a whole number".to_owned(),
        "f32" | "f64" => "must be a number".to_owned(),
        "a boolean" => "must be true or false".to_owned(),
        "a sequence" => "must be an array".to_owned(),
        "a map" => "must be a JSON object".to_owned(),
        _ if expected.starts_with("struct ") => "must be a JSON object".to_owned(),
        _ => format!("must be {expected}"),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "the values are read by serde only")]
    struct Body {
        parties: usize,
        then: Option<Then>,
        which: Option<Which>,
        name: Option<String>,
        small: Option<u16>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "the values are read by serde only")]
    struct Then {
        delay_ms: u64,
        reset: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Which {
        Access,
        Refresh,
    }

    fn error(body: &str) -> (Option<String>, String) {
        let WrongJson { field, reason } = read::<Body>(body.as_bytes()).unwrap_err();
        (field, reason)
    }

    fn field(body: Value) -> (String, String) {
        let (field, error) = error(&body.to_string());
        (field.expect("a field"), error)
    }

    #[test]
    fn a_missing_field_is_named_with_its_path() {
        assert_eq!(field(json!({})), ("parties".into(), "is required".into()));
        assert_eq!(field(json!({ "parties": 1, "then": {} })), ("then.delayMs".into(), "is required".into()));
    }

    #[test]
    fn a_wrong_value_is_told_what_it_must_be() {
        let reason = |body| field(body).1;
        assert_eq!(reason(json!({ "parties": -1 })), "must be a whole number of 0 or more");
        assert_eq!(reason(json!({ "parties": "1" })), "must be a whole number of 0 or more");
        assert_eq!(reason(json!({ "parties": 1e30 })), "must be a whole number of 0 or more");
        assert_eq!(reason(json!({ "parties": 1, "small": 70_000 })), "is too large");
        assert_eq!(reason(json!({ "parties": 1, "name": 5 })), "must be a string");
        assert_eq!(reason(json!({ "parties": 1, "then": 5 })), "must be a JSON object");
        assert_eq!(reason(json!({ "parties": 1, "then": { "delayMs": 1, "reset": 1 } })), "must be true or false");
        assert_eq!(reason(json!({ "parties": 1, "which": "some" })), "must be \"access\" or \"refresh\"");
    }

    #[test]
    fn an_unknown_field_is_told_the_known_ones() {
        let known = "is unknown; the known fields are parties, then, which, name, small";
        assert_eq!(field(json!({ "party": 1 })), ("party".into(), known.into()));
    }

    #[test]
    fn a_body_that_is_not_a_json_object_is_refused_without_a_field() {
        for (body, part) in [
            ("", "is empty"),
            ("  ", "is empty"),
            ("{", "is not valid JSON"),
            ("{1}", "is not valid JSON"),
            ("{\"parties\":1} x", "is not valid JSON"),
            ("5", "must be a JSON object"),
            ("[2]", "must be a JSON object"),
            ("null", "must be a JSON object"),
        ] {
            let (field, error) = error(body);
            assert_eq!(field, None, "{body}");
            assert!(error.contains(part), "{body}: {error}");
        }
    }
}
