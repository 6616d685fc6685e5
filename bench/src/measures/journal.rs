//! The price of watching: RefreshToken with the journal and with a listener of events, over without.

use anyhow::Result;

use super::calls;
use super::comparison::{Side, compare};
use crate::caller::AnyCaller;
use crate::figure::{Figure, Unit};
use crate::listener::Listener;
use crate::load::Load;
use crate::plan::Plan;
use crate::server::Server;

/// Requests a second of both.
///
/// # Errors
/// If a server does not start or gives a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let server = |options: &[&str]| Server::mock(&plan.binary, options, plan.cores);
    let (on, off) = (server(&[])?, server(&["--journal-size", "0"])?);
    let (mut on, mut off) = (side(plan, "journal on", &on)?, side(plan, "journal off", &off)?);
    let journal = compare(plan, "RefreshToken", &mut on, &mut off)?;

    let alone = server(&[])?;
    let mut alone = side(plan, "without", &alone)?;
    let listener = Listener::connect(on.server.address)?;
    on.name = "with a listener";
    let events = compare(plan, "RefreshToken", &mut on, &mut alone)?;
    listener.stop()?;

    let figure = |name, subject, against, baseline| {
        Figure::alone("journal", name, Unit::PerSecond, subject).against(against, baseline)
    };
    Ok(vec![
        figure("RefreshToken with the journal", journal.subject, "journal off", journal.baseline),
        figure("RefreshToken with a listener of events", events.subject, "no listener", events.baseline),
    ])
}

fn side<'a>(plan: &Plan, name: &'static str, server: &'a Server) -> Result<Side<'a, AnyCaller>> {
    let load = Load::connect(server.address, calls::refresh(plan, server)?.callers)?;
    Ok(Side { name, server, load, reset: false })
}
