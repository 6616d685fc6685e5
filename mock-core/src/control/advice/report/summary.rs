//! Findings as text, for a terminal.

use super::{TOOL, shown, times};
use crate::control::advice::{Finding, Level};

/// The findings as text: one paragraph for each, with its count, an example and the way out. The text ends with a line break.
#[must_use]
pub fn summary(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.rule.level() == Level::Error).count();
    let mut text = match (findings.len(), errors) {
        (0, _) => format!("{TOOL} advice: no mistakes\n"),
        (1, _) => format!("{TOOL} advice: 1 mistake\n"),
        (all, 0) => format!("{TOOL} advice: {all} mistakes\n"),
        (all, errors) => format!("{TOOL} advice: {all} mistakes, {errors} at the level error\n"),
    };
    for finding in findings {
        let rule = finding.rule;
        text.push_str(&format!(
            "\n{} {} ({}): {}\n  Seen: {}\n  Example: {}\n  Way out: {}\n",
            rule.level().name(),
            rule.id(),
            times(finding.count),
            rule.title(),
            finding.message,
            shown(finding),
            rule.way_out(),
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::fixture::finding;
    use super::*;
    use crate::control::advice::Rule;

    #[test]
    fn a_summary_has_a_paragraph_with_count_example_and_way_out_for_each_finding() {
        let text = summary(&[finding(Rule::ParallelRefreshes, 3), finding(Rule::RefreshTooEarly, 1)]);
        let (first, second) = (Rule::ParallelRefreshes, Rule::RefreshTooEarly);
        let expected = format!(
            "telematics-mock advice: 2 mistakes, 1 at the level error\n\n\
             error parallel-refreshes (3 times): {}\n  Seen: it was <seen> & \"quoted\"\n  \
             Example: request 7, POST /v1/Auth/RefreshToken, answered with 401 at 2026-01-01T00:00:00Z\n  Way out: {}\n\n\
             note refresh-too-early (once): {}\n  Seen: it was <seen> & \"quoted\"\n  \
             Example: request 7, POST /v1/Auth/RefreshToken, answered with 401 at 2026-01-01T00:00:00Z\n  Way out: {}\n",
            first.title(),
            first.way_out(),
            second.title(),
            second.way_out(),
        );
        assert_eq!(text, expected);
        assert_eq!(summary(&[]), "telematics-mock advice: no mistakes\n");
    }
}
