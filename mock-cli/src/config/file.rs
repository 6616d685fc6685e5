//! The configuration file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use telematics_mock_core::initial_data::InitialData;
use toml::Spanned;

use super::ConfigError;
use super::options::Options;
use crate::files::Files;

/// Reads a configuration file: its options, and its instances, admins and users.
///
/// # Errors
///
/// It cannot be read, or a line is invalid: a sentence that names the line if there is one.
pub fn read(files: &dyn Files, path: &Path) -> Result<(Options, InitialData), ConfigError> {
    let shown = path.display();
    let unreadable = |why: String| ConfigError(format!("--config {shown}: {why}"));
    let text = files.read(path).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|_| unreadable("the text is not valid UTF-8".to_owned()))?;
    // A message of the parser may quote the line, and the line may contain a key or a password.
    let wrong = |span: Option<Range<usize>>, error: &toml::de::Error| {
        let line = span.map(|span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        ConfigError(format!("--config {shown}{line}: {}", error.message()))
    };
    let entries: BTreeMap<Spanned<String>, toml::Value> =
        toml::from_str(&text).map_err(|error| wrong(error.span(), &error))?;
    let mut options = toml::Table::new();
    for (key, value) in entries {
        if InitialData::KEYS.contains(&key.as_ref().as_str()) {
            continue;
        }
        // The parser has no place for an error in a table, so each option is read alone first.
        let span = key.span();
        let option = (key.into_inner(), value);
        toml::Table::from_iter([option.clone()]).try_into::<Options>().map_err(|error| wrong(Some(span), &error))?;
        options.extend([option]);
    }
    let options = options.try_into().map_err(|error| wrong(None, &error))?;
    let initial_data = toml::from_str(&text).map_err(|error| wrong(error.span(), &error))?;
    Ok((options, initial_data))
}
