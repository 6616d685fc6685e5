//! Findings as JUnit XML, in the form that Jenkins and Maven Surefire write. The only file that knows quick-xml.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{TOOL, shown, times};
use crate::control::advice::{Finding, Rule};

/// The findings as one test suite with a test case for each rule. The case of an error or a warning that was found has failed,
/// and that of a note has passed with an output.
pub(super) fn report(findings: &[Finding]) -> String {
    let mut xml = Vec::new();
    // A vector takes all that is written to it.
    let _ = write(&mut Writer::new_with_indent(&mut xml, b' ', 2), findings);
    xml.push(b'\n');
    String::from_utf8_lossy(&xml).into_owned()
}

fn write(writer: &mut Writer<&mut Vec<u8>>, findings: &[Finding]) -> io::Result<()> {
    let suite = format!("{TOOL} advice");
    let failures = findings.iter().filter(|finding| finding.rule.level().is_failure()).count();
    let (tests, failures) = (Rule::ALL.len().to_string(), failures.to_string());
    let counts = [
        ("name", suite.as_str()),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", "0"),
        ("skipped", "0"),
        ("time", "0"),
    ];
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("testsuites").write_inner_content(|writer| {
        writer.create_element("testsuite").with_attributes(counts).write_inner_content(|writer| {
            for rule in Rule::ALL {
                write_case(writer, &suite, *rule, findings.iter().find(|finding| finding.rule == *rule))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn write_case(writer: &mut Writer<&mut Vec<u8>>, suite: &str, rule: Rule, finding: Option<&Finding>) -> io::Result<()> {
    let case = writer.create_element("testcase");
    let case = case.with_attributes([("classname", suite), ("name", rule.id()), ("time", "0")]);
    let Some(finding) = finding else {
        case.write_empty()?;
        return Ok(());
    };
    let text = format!(
        "{}\nSeen {}: {}\nExample: {}\nWay out: {}",
        rule.title(),
        times(finding.count),
        finding.message,
        shown(finding),
        rule.way_out()
    );
    let (message, text) = (printable(rule.title()), printable(&text));
    case.write_inner_content(|writer| {
        let element = if rule.level().is_failure() {
            let failure = writer.create_element("failure");
            failure.with_attributes([("type", rule.level().name()), ("message", message.as_str())])
        } else {
            writer.create_element("system-out")
        };
        element.write_text_content(BytesText::new(&text))?;
        Ok(())
    })?;
    Ok(())
}

/// The text without the characters that XML 1.0 cannot express, not even as a reference.
fn printable(text: &str) -> String {
    let can_be_written = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\t');
    let is_letter = |letter: char| can_be_written(letter) && !matches!(letter, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|letter| if is_letter(letter) { letter } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::finding;
    use super::*;

    #[test]
    fn every_rule_is_a_test_case_and_the_case_of_a_finding_has_failed() {
        let xml = report(&[finding(Rule::ParallelRefreshes, 3)]);
        assert_eq!(xml.matches("<testcase ").count(), Rule::ALL.len());
        assert_eq!(xml.matches("<failure ").count(), 1);
        let (_, failed) = xml.split_once(r#"name="parallel-refreshes" time="0">"#).unwrap();
        let failed = failed.split("</testcase>").next().unwrap();
        assert!(failed.contains(r#"<failure type="error" message="Refreshes of one user run in parallel">"#), "{xml}");
        assert!(failed.contains("Seen 3 times: it was &lt;seen&gt; &amp; "), "{xml}");
        let counts = format!(r#"tests="{}" failures="1" errors="0""#, Rule::ALL.len());
        assert!(xml.contains(&counts), "{xml}");
    }

    #[test]
    fn the_case_of_a_note_has_passed_with_an_output() {
        let xml = report(&[finding(Rule::RefreshTooEarly, 3)]);
        assert!(xml.contains(r#"failures="0""#) && !xml.contains("<failure"), "{xml}");
        let (_, passed) = xml.split_once(r#"name="refresh-too-early" time="0">"#).unwrap();
        assert!(passed.trim_start().starts_with("<system-out>An access token is refreshed long before"), "{xml}");
    }

    #[test]
    fn what_xml_cannot_express_is_replaced() {
        let mut odd = finding(Rule::UnknownPath, 1);
        odd.message = "a\u{0}b\u{1b}[31m]]>\u{ffff}".into();
        let xml = report(&[odd]);
        assert!(xml.contains("a\u{fffd}b\u{fffd}[31m]]&gt;\u{fffd}"), "{xml}");
    }
}
