//! The variables of the environment: an empty one counts as not set, and an error names the variable that it comes from.

use std::env;
use std::ffi::{OsStr, OsString};

use clap::error::ErrorKind;
use clap::{ArgMatches, Command};

use super::ConfigError;

/// The start of every variable of this program.
const PREFIX: &str = "TELEMATICS_MOCK_";

/// An earlier name of a variable, and its present one.
const RENAMED: (&str, &str) = ("TELEMATICS_MOCK_TRUST_FORWARDED_FOR", "TELEMATICS_MOCK_TRUST_FORWARDED");

/// The variable with which the npm package finds this program.
const OTHERS: [&str; 1] = ["TELEMATICS_MOCK_BIN"];

/// Reads a command line and the environment. Ends the process for `--help`, `--version` and a wrong flag.
///
/// # Errors
///
/// A variable has an invalid value.
pub fn read(command: Command, arguments: &[OsString]) -> Result<ArgMatches, ConfigError> {
    let command = without_empty_variables(command);
    let error = match command.clone().try_get_matches_from(arguments) {
        Ok(matches) => return Ok(matches),
        Err(error) => error,
    };
    let is_about_a_value = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    match wrong_variable(&command, arguments).filter(|_| is_about_a_value) {
        Some((variable, why)) => Err(ConfigError(format!("{variable}: {why}"))),
        None => error.exit(),
    }
}

/// The variables of the environment that begin like those of this program, and that it does not know.
pub fn unknown_variables(command: &Command) -> Vec<String> {
    let known = |name: &str| {
        let of_subcommands = command.get_subcommands().flat_map(Command::get_arguments);
        let mut variables = command.get_arguments().chain(of_subcommands).filter_map(clap::Arg::get_env);
        variables.any(|variable| variable == name) || name == RENAMED.0 || OTHERS.contains(&name)
    };
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut unknown: Vec<_> = names.filter(|name| name.starts_with(PREFIX) && !known(name)).collect();
    unknown.sort();
    unknown
}

/// Container tools set a variable that has no value to the empty text.
fn without_empty_variables(command: Command) -> Command {
    let value = |name: &OsStr| env::var_os(name);
    command.mut_args(|argument| {
        let Some(variable) = argument.get_env().map(OsStr::to_owned) else { return argument };
        if value(&variable).is_some_and(|value| value.is_empty()) {
            argument.env(None)
        } else if variable == RENAMED.1 && value(&variable).is_none() && value(OsStr::new(RENAMED.0)).is_some() {
            argument.env(RENAMED.0)
        } else {
            argument
        }
    })
}

/// The first variable whose value is invalid, and why, unless a flag beats it.
fn wrong_variable(command: &Command, arguments: &[OsString]) -> Option<(String, String)> {
    let is_given = |flag: &str| {
        arguments
            .iter()
            .filter_map(|argument| argument.to_str())
            .any(|argument| argument.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    };
    let alone = command.clone().mut_args(|argument| argument.env(None));
    command.get_arguments().find_map(|argument| {
        let variable = argument.get_env()?.to_str()?;
        let flag = format!("--{}", argument.get_long()?);
        if is_given(&flag) {
            return None;
        }
        let value = env::var(variable).ok()?;
        let error = alone.clone().try_get_matches_from(["telematics-mock", &format!("{flag}={value}")]).err()?;
        let text = error.to_string();
        let why = text.lines().next().unwrap_or_default();
        Some((variable.to_owned(), why.strip_prefix("error: ").unwrap_or(why).to_owned()))
    })
}
