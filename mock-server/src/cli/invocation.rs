//! How this process was called.

use std::env;
use std::io::{self, IsTerminal};

use telematics_mock_cli::config::{Colours, Invocation};

/// The arguments, the environment and the terminals of this process. Variables whose names are not text are none of this program.
pub fn of_this_process() -> Invocation {
    let variables = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let colours =
        Colours { standard_output: may_have_colours(&io::stdout()), standard_error: may_have_colours(&io::stderr()) };
    Invocation { arguments: env::args_os().collect(), variables: variables.collect(), colours }
}

/// Whether an output is a terminal whose user has not asked for plain text.
fn may_have_colours(output: &impl IsTerminal) -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    output.is_terminal() && !is_set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb")
}
