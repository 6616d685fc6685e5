//! The advice at the end of `telematics-mock exec`: what the command did wrong, as text and in files.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use telematics_mock_core::control::advice::Finding;
use telematics_mock_core::control::advice::report::{Format, check_source, summary};

use crate::files::{Existing, Files};

/// The advice that a run asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The files that it is written to.
    pub files: Vec<AdviceFile>,
    /// The file of the app that SARIF names as the place of every finding.
    pub source: Option<String>,
    /// Whether a run with a warning or an error has failed.
    pub fails: bool,
}

/// A file for advice; the end of its name tells the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdviceFile {
    path: PathBuf,
    format: Format,
}

impl FromStr for AdviceFile {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = PathBuf::from(text);
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("sarif" | "json") => Format::Sarif,
            Some("xml") => Format::Junit,
            Some(_) | None => {
                return Err("the name of the file must end with .sarif or .json for SARIF, or .xml for JUnit");
            }
        };
        Ok(Self { path, format })
    }
}

/// The path of a file of the app, as the control API takes it.
///
/// # Errors
///
/// It is not a path relative to the repository of the app: a sentence.
pub fn source(text: &str) -> Result<String, &'static str> {
    check_source(text).map(|()| text.to_owned())
}

/// What a run says of its advice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The summary for standard error, with a sentence for each file that could not be written.
    pub text: String,
    /// Whether the run has failed because of the advice, or of a file.
    pub is_failure: bool,
}

impl Wanted {
    /// Whether a file of the app is named, and no file of the advice has a place for it.
    #[must_use]
    pub fn has_useless_source(&self) -> bool {
        self.source.is_some() && self.files.iter().all(|file| file.format != Format::Sarif)
    }

    /// Writes the files, with the folders above them, and tells what was found in this number of requests; nothing if the run asks for no
    /// advice.
    #[must_use]
    pub fn tell(&self, findings: &[Finding], requests: u64, files: &dyn Files) -> Told {
        if *self == Self::default() {
            return Told::default();
        }
        let has_failed = findings.iter().any(|finding| finding.rule.level().is_failure());
        let mut told = Told { text: summary(findings), is_failure: self.fails && has_failed };
        if requests == 0 {
            told.text +=
                "telematics-mock advice: the server has received no request; does the command call TELEMATICS_URL?\n";
        }
        for AdviceFile { path, format } in &self.files {
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            let created = folder.map_or(Ok(()), |folder| files.create_folder(folder));
            let report = format.report(findings, self.source.as_deref());
            if let Err(error) = created.and_then(|()| files.write(path, report.as_bytes(), Existing::Replaced)) {
                told.text += &format!("telematics-mock: --advice {}: {error}\n", path.display());
                told.is_failure = true;
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use telematics_mock_core::control::advice::{Example, Rule};
    use telematics_mock_core::service::time::Timestamp;

    use super::*;
    use crate::memory::MemoryFiles;

    fn finding(rule: Rule) -> Finding {
        let (method, path) = ("GET".into(), "/v1/nothing".into());
        let example = Example { request: 1, method, path, call: None, status: Some(404), at: Timestamp::EPOCH };
        Finding { rule, count: 2, message: "seen".into(), example, last: 1 }
    }

    fn wanted(files: &[&str], fails: bool) -> Wanted {
        Wanted { files: files.iter().map(|file| file.parse().unwrap()).collect(), fails, source: None }
    }

    #[test]
    fn every_file_has_the_advice_in_the_format_that_its_name_tells() {
        let files = MemoryFiles::default();
        let told = wanted(&["a/b/c.sarif", "d.json", "e.xml"], false).tell(&[finding(Rule::UnknownPath)], 2, &files);
        assert!(told.text.contains(Rule::UnknownPath.way_out()) && !told.is_failure, "{}", told.text);
        let text = |path: &str| String::from_utf8(files.read(Path::new(path)).unwrap()).unwrap();
        assert_eq!(text("a/b/c.sarif"), text("d.json"));
        assert!(text("d.json").contains("2.1.0") && text("e.xml").contains("<testsuites"), "{}", text("e.xml"));
    }

    #[test]
    fn sarif_names_the_file_of_the_app() {
        let files = MemoryFiles::default();
        let source = Some(source("src/api.js").unwrap());
        let _ = Wanted { source, ..wanted(&["a.sarif"], false) }.tell(&[finding(Rule::UnknownPath)], 2, &files);
        let text = String::from_utf8(files.read(Path::new("a.sarif")).unwrap()).unwrap();
        assert!(text.contains("src/api.js"), "{text}");
    }

    #[test]
    fn a_run_fails_because_of_a_warning_or_an_error_only_if_it_asks_for_that_and_says_nothing_without_asking() {
        let files = MemoryFiles::default();
        for (rule, fails) in [(Rule::UnknownPath, true), (Rule::NeverRefreshes, true), (Rule::RefreshTooEarly, false)] {
            let told = wanted(&[], true).tell(&[finding(rule)], 2, &files);
            assert!(told.is_failure == fails && told.text.contains(rule.id()), "{}", told.text);
        }
        assert!(!wanted(&[], true).tell(&[], 2, &files).is_failure);
        assert!(wanted(&[], true).tell(&[], 0, &files).text.contains("has received no request"));
        assert_eq!(wanted(&[], false).tell(&[finding(Rule::UnknownPath)], 2, &files), Told::default());
    }

    #[test]
    fn a_file_whose_name_tells_no_format_is_refused() {
        for name in ["advice", "advice.txt", "folder.xml/advice"] {
            assert!(name.parse::<AdviceFile>().unwrap_err().contains(".sarif"), "{name}");
        }
    }
}
