//! All checks, one step after the other; the steps that fail fastest come first.

mod steps;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::builder::PossibleValuesParser;

use self::steps::{Run, STEPS, Step};
use crate::progress::{say, time};
use crate::setup;
use crate::setup::engines::Missing;
use crate::workspace::Workspace;

/// The names of the steps, for the command line.
pub(crate) fn names() -> PossibleValuesParser {
    STEPS.iter().map(|step| step.name).collect::<Vec<_>>().into()
}

/// Runs all steps, or the named one, and prints the time that each took and the engines that are missing.
///
/// # Errors
/// At the first step that fails.
pub(crate) fn run(workspace: &mut Workspace, only: Option<&str>) -> Result<()> {
    let began = Instant::now();
    let chosen: Vec<&Step> = STEPS.iter().filter(|step| only.is_none_or(|name| step.name == name)).collect();
    let all_engines = chosen.iter().any(|step| matches!(step.run, Run::InEachEngine(_)));
    let engines = setup::for_testing(workspace, all_engines)?;
    let mut taken = vec![("set-up".to_owned(), began.elapsed())];

    for (index, step) in chosen.iter().enumerate() {
        let place = format!("{}/{}", index + 1, chosen.len());
        say(&format!("\n[{place}] {}: {}", step.name, step.title));
        match step.run {
            Run::Once(run) => timed(&place, step, step.name.to_owned(), &mut taken, || run(workspace, &engines))?,
            Run::InEachEngine(run) => {
                for engine in engines.present() {
                    let label = format!("{}, {}", step.name, engine.kind.name());
                    say(&format!("[{place}] {label}"));
                    timed(&place, step, label, &mut taken, || run(workspace, engine))?;
                }
            }
        }
    }
    let verdict =
        only.map_or("All checks passed.".to_owned(), |name| format!("{name} passed; the other steps did not run."));
    say(&format!("\n{verdict}\n\n{}{}", summary(&taken, began.elapsed()), not_run(engines.missing())));
    Ok(())
}

/// Runs a step, or its part in one engine, and keeps the time that it took.
fn timed(
    place: &str,
    step: &Step,
    label: String,
    taken: &mut Vec<(String, Duration)>,
    run: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let began = Instant::now();
    let result = run();
    let duration = began.elapsed();
    if let Err(cause) = result {
        bail!(
            "step {place}, {label}, failed after {} (run it alone with `cargo xtask test --only {}`): {cause:#}",
            time(duration),
            step.name
        );
    }
    say(&format!("[{place}] {label} passed in {}", time(duration)));
    taken.push((label, duration));
    Ok(())
}

fn summary(taken: &[(String, Duration)], total: Duration) -> String {
    let mut table = String::new();
    for (label, duration) in taken.iter().chain([&("total".to_owned(), total)]) {
        table += &format!("  {label:<14} {:>12}\n", time(*duration));
    }
    table
}

/// One line for each engine that the tests did not run in.
fn not_run<'a>(missing: impl Iterator<Item = &'a Missing>) -> String {
    missing.map(|Missing { kind, reason }| format!("\nnot run: {}: {reason}", kind.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::engines::Kind;

    #[test]
    fn the_times_in_the_summary_are_aligned() {
        let taken = [("page, Chromium".to_owned(), Duration::from_secs(75))];
        let summary = summary(&taken, Duration::from_secs(80));
        assert_eq!(summary, "  page, Chromium   1 min 15 s\n  total            1 min 20 s\n");
    }

    #[test]
    fn a_missing_engine_is_named_with_the_reason_and_the_tests_have_passed_all_the_same() {
        let missing = [Missing { kind: Kind::WebKit, reason: "install it".to_owned() }];
        assert_eq!(not_run(missing.iter()), "\nnot run: WebKit: install it");
        assert_eq!(not_run([].iter()), "");
    }

    #[test]
    fn the_time_of_a_step_that_fails_is_in_its_error_and_not_in_the_summary() {
        let step = &STEPS[0];
        let mut taken = Vec::new();
        timed("1/2", step, "page, Firefox".to_owned(), &mut taken, || Ok(())).unwrap();
        let error = timed("2/2", step, "page, WebKit".to_owned(), &mut taken, || bail!("cause")).unwrap_err();
        assert!(error.to_string().starts_with("step 2/2, page, WebKit, failed after 0.0 s"), "{error}");
        assert_eq!(taken.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>(), ["page, Firefox"]);
    }
}
