//! The users of a file: a JSON array of fixtures, or a table with their names in its first row. The only file that knows csv.

use std::collections::HashSet;
use std::path::Path;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value};
use telematics_mock_core::initial_data::ImportedUser;

use super::ConfigError;
use crate::files::Files;

/// The columns that are fields of the profile.
const PROFILE: [&str; 14] = [
    "firstName",
    "lastName",
    "nickname",
    "phone",
    "email",
    "gender",
    "birthday",
    "maritalStatus",
    "childrenCount",
    "country",
    "district",
    "city",
    "address",
    "imageUrl",
];
const NUMBERS: [&str; 2] = ["childrenCount", "count"];
const BOOLEANS: [&str; 4] = ["enableTracking", "enableLogging", "enableRealTimeLocation", "enabled"];
const ACCESS_TOKEN_STATES: [&str; 3] = ["valid", "expired", "none"];

/// Reads the users of a file, whose extension names its format.
///
/// # Errors
///
/// The file cannot be read, or a user is invalid. The error names the file, the line or the number of the user, and the field, and
/// never quotes a value.
pub(super) fn read(files: &dyn Files, path: &Path) -> Result<Vec<ImportedUser>, ConfigError> {
    let shown = format!("--users {}", path.display());
    let text = || files.read(path).map_err(|error| ConfigError(format!("{shown}: {error}")));
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => of_json(&shown, &text()?),
        Some("csv") => of_csv(&shown, &text()?),
        Some(_) | None => Err(ConfigError(format!("{shown}: the name of the file must end with .json or .csv"))),
    }
}

fn of_json(shown: &str, text: &[u8]) -> Result<Vec<ImportedUser>, ConfigError> {
    let users: Value = serde_json::from_slice(text)
        .map_err(|error| ConfigError(format!("{shown}, line {}: this is not valid JSON", error.line())))?;
    let Value::Array(users) = users else { return Err(ConfigError(format!("{shown}: this is not a JSON array"))) };
    let user = |(index, user): (usize, Value)| {
        let origin = format!("{shown}, user {}", index + 1);
        match user {
            Value::Object(fields) => imported(origin, fields),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(ConfigError(format!("{origin}: this is not a JSON object")))
            }
        }
    };
    users.into_iter().enumerate().map(user).collect()
}

fn of_csv(shown: &str, text: &[u8]) -> Result<Vec<ImportedUser>, ConfigError> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
    let names = reader.headers().map_err(|error| unreadable(shown, &error))?.clone();
    let mut known = HashSet::new();
    if let Some(name) = names.iter().find(|name| !known.insert(*name)) {
        return Err(ConfigError(format!("{shown}, line 1: the column {name} occurs twice")));
    }
    let mut users = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| unreadable(shown, &error))?;
        let line = row.position().map_or(0, csv::Position::line);
        users.push(imported(format!("{shown}, line {line}"), fields(&names, &row))?);
    }
    Ok(users)
}

/// The row as an object of the control API.
fn fields(names: &StringRecord, row: &StringRecord) -> Map<String, Value> {
    let (mut fields, mut profile) = (Map::new(), Map::new());
    for (name, text) in names.iter().zip(row).filter(|(_, text)| !text.is_empty()) {
        let into = if PROFILE.contains(&name) { &mut profile } else { &mut fields };
        into.insert(name.to_owned(), value(name, text));
    }
    if !profile.is_empty() {
        fields.insert("profile".to_owned(), profile.into());
    }
    fields
}

/// A cell in the type of its column. Text that does not have this type stays text, which the reader of the object refuses.
fn value(name: &str, text: &str) -> Value {
    let typed = if NUMBERS.contains(&name) {
        text.parse::<u32>().ok().map(Value::from)
    } else if BOOLEANS.contains(&name) {
        text.to_ascii_lowercase().parse::<bool>().ok().map(Value::from)
    } else if name == "accessToken" && !ACCESS_TOKEN_STATES.contains(&text) {
        Some(serde_json::json!({ "expiresIn": text }))
    } else {
        None
    };
    typed.unwrap_or_else(|| text.into())
}

fn imported(origin: String, fields: Map<String, Value>) -> Result<ImportedUser, ConfigError> {
    ImportedUser::read(origin, fields).map_err(|error| ConfigError(error.to_string()))
}

fn unreadable(shown: &str, error: &csv::Error) -> ConfigError {
    let line = error.position().map_or(1, csv::Position::line);
    let why = if let ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        format!("the row has {len} cells, and the first row has {expected_len}")
    } else {
        "the row is not valid UTF-8".to_owned()
    };
    ConfigError(format!("{shown}, line {line}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryFiles;

    fn read(extension: &str, text: &str) -> Result<Vec<ImportedUser>, ConfigError> {
        let name = format!("users.{extension}");
        super::read(&MemoryFiles::with(&name, text), Path::new(&name))
    }

    fn error(extension: &str, text: &str) -> String {
        let error = read(extension, text).err().expect("must be refused").to_string();
        error.strip_prefix(&format!("--users users.{extension}")).expect("the error names the file").to_owned()
    }

    #[test]
    fn both_formats_are_read() {
        let json = r#"[{ "clientId": "a", "profile": { "childrenCount": 1 } }, {}]"#;
        assert_eq!(read("json", json).unwrap().len(), 2);
        let table = "firstName, childrenCount ,enabled,accessToken,inviteCode\nAda,3,TRUE,15m,DEMO01\n\"B,ob\",,,,\n";
        assert_eq!(read("csv", table).unwrap().len(), 2);
    }

    #[test]
    fn an_error_names_the_line_or_the_user_and_the_field_and_quotes_no_value() {
        for (extension, text, expected) in [
            ("csv", "firstName,enabled\nAda,true\nBob,canary\n", ", line 3: enabled must be true or false"),
            ("csv", "childrenCount\ncanary", ", line 2: profile.childrenCount must be a whole number of 0 or more"),
            ("csv", "firstName,state\nAda\n", ", line 2: the row has 1 cells, and the first row has 2"),
            ("csv", "state,state\n", ", line 1: the column state occurs twice"),
            ("json", "[{},\n{ \"password\": [\"canary\"] }]", ", user 2: password must be a string"),
            ("json", "[5]", ", user 1: this is not a JSON object"),
            ("json", "{}", ": this is not a JSON array"),
            ("json", "[\n\"canary", ", line 2: this is not valid JSON"),
            ("json", r#"[{ "inviteCode": 5 }]"#, ", user 1: inviteCode must be a string"),
            ("txt", "", ": the name of the file must end with .json or .csv"),
        ] {
            assert_eq!(error(extension, text), expected, "{text}");
        }
        let unknown = error("csv", "name\ncanary");
        assert!(unknown.starts_with(", line 2: name is unknown; the known fields are ") && !unknown.contains("canary"));
    }
}
