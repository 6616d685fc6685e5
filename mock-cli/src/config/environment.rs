//! The variables of the environment: a layer of options between the command line and the configuration file. Each option has the variable
//! of its name; an empty one counts as not set, and an error names the variable that it comes from.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use clap::builder::StyledStr;
use clap::{Arg, ArgMatches, Command};

use super::ConfigError;

/// The start of every variable of this program.
const PREFIX: &str = "TELEMATICS_MOCK_";

/// An earlier name of a variable, and its present one.
const RENAMED: (&str, &str) = ("TELEMATICS_MOCK_TRUST_FORWARDED_FOR", "TELEMATICS_MOCK_TRUST_FORWARDED");

/// The variable of the option `--url` of the health check.
pub const URL: &str = "TELEMATICS_MOCK_URL";

/// The variable with which the npm package finds this program.
const OTHERS: [&str; 1] = ["TELEMATICS_MOCK_BIN"];

/// The variables that a program was started with: names and values.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'a>(pub &'a [(String, OsString)]);

impl<'a> Variables<'a> {
    /// The value of a variable, unless it is empty: container tools set a variable that has no value to the empty text.
    pub fn value(self, name: &str) -> Option<&'a OsStr> {
        let named = |wanted: &str| self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| &**value);
        let earlier = || if name == RENAMED.1 { named(RENAMED.0) } else { None };
        named(name).or_else(earlier).filter(|value| !value.is_empty())
    }

    /// The options of the variables as a command line of `command`, without those that `given` has already.
    ///
    /// # Errors
    ///
    /// A variable has an invalid value: its name, and why.
    pub fn as_arguments(self, command: &Command, given: &ArgMatches) -> Result<Vec<OsString>, ConfigError> {
        let program = OsString::from(command.get_name());
        let mut line = vec![program.clone()];
        // The options of a server may stand before and after the name of the task.
        let after = given.subcommand().map(|(_, given)| given);
        let is_given = |argument: &Arg| {
            let id = argument.get_id().as_str();
            [Some(given), after].into_iter().flatten().any(|given| given.try_contains_id(id).unwrap_or(false))
        };
        for (argument, variable) in variables(command).filter(|(argument, _)| !is_given(argument)) {
            let (Some(flag), Some(value)) = (argument.get_long(), self.value(&variable)) else { continue };
            let mut option = OsString::from(format!("--{flag}="));
            option.push(value);
            if let Err(error) = command.clone().try_get_matches_from([&program, &option]) {
                let text = error.to_string();
                let why = text.lines().next().unwrap_or_default();
                let why = why.strip_prefix("error: ").unwrap_or(why);
                return Err(ConfigError(format!("{variable}: {why}")));
            }
            line.push(option);
        }
        Ok(line)
    }

    /// The variables that begin like those of this program, and that it does not know.
    pub fn unknown(self, command: &Command) -> Vec<String> {
        let mut known: BTreeSet<String> = variables(command).map(|(_, variable)| variable).collect();
        known.extend([URL, RENAMED.0].into_iter().chain(OTHERS).map(str::to_owned));
        let names = self.0.iter().map(|(name, _)| name);
        let unknown = names.filter(|name| name.starts_with(PREFIX) && !known.contains(*name));
        unknown.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The options of a command, each with its variable.
pub fn variables(command: &Command) -> impl Iterator<Item = (&Arg, String)> {
    let name = |flag: &str| format!("{PREFIX}{}", flag.replace('-', "_").to_uppercase());
    let is_option = |flag: &&str| !["help", "version"].contains(flag);
    command.get_arguments().filter_map(move |argument| {
        let flag = argument.get_long().filter(is_option)?;
        Some((argument, name(flag)))
    })
}

/// Adds to the help of each option the name of its variable.
pub fn with_variables_in_help(command: Command) -> Command {
    let names: Vec<_> = variables(&command).map(|(argument, name)| (argument.get_id().clone(), name)).collect();
    let add = |command: Command| {
        names.iter().fold(command, |command, (id, variable)| {
            command.mut_arg(id, |argument| with_variable_in_help(argument, variable))
        })
    };
    add(command).mut_subcommand("exec", add).mut_subcommand("healthcheck", |healthcheck| {
        healthcheck.mut_arg("url", |argument| with_variable_in_help(argument, URL))
    })
}

fn with_variable_in_help(argument: Arg, variable: &str) -> Arg {
    let shown = |help: Option<&StyledStr>| help.map(|help| StyledStr::from(format!("{help} [env: {variable}=]")));
    let (help, long_help) = (shown(argument.get_help()), shown(argument.get_long_help()));
    let argument = argument.help(help.unwrap_or_default());
    match long_help {
        Some(long_help) => argument.long_help(long_help),
        None => argument,
    }
}
