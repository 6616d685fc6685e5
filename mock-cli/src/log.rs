//! The filter of the log. The only file that knows tracing-subscriber; the host writes the lines.

use tracing_subscriber::filter::{LevelFilter, Targets};

/// The filter of a text: a level, a module with its level, or a list of both.
///
/// # Errors
///
/// The text is not a filter: a sentence that shows valid ones.
pub fn filter(text: &str) -> Result<Targets, String> {
    // The library takes any single word that is no level for the name of a module, of which nothing is ever logged.
    let is_word = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    let is_known = !is_word || text.parse::<LevelFilter>().is_ok() || text.starts_with("telematics_mock");
    text.parse().ok().filter(|_| is_known && !text.trim().is_empty()).ok_or_else(|| {
        format!(
            "--log '{text}' is not a valid filter; try error, warn, info, debug, trace, off or telematics_mock=trace"
        )
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_level_a_module_and_a_list_of_both_are_filters_and_any_other_word_is_not() {
        for valid in ["info", "WARN", "off", "telematics_mock", "telematics_mock=trace", "warn,telematics_mock=debug"] {
            assert!(filter(valid).is_ok(), "{valid}");
        }
        for invalid in ["silly", "verbose", "", " ", "telematics_mock=loud"] {
            assert!(filter(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn a_module_stands_for_every_crate_whose_name_begins_so() {
        let filter = filter("warn,telematics_mock=debug").unwrap();
        for (module, is_logged) in [("telematics_mock::server", true), ("telematics_mock_cli", true), ("hyper", false)]
        {
            assert_eq!(filter.would_enable(module, &Level::DEBUG), is_logged, "{module}");
        }
    }
}
