//! Requests a second of the calls that a suite makes most, each against bare hyper.

use anyhow::Result;

use super::comparison::{Side, compare};
use crate::bare_hyper::Answer;
use crate::caller::AnyCaller;
use crate::callers::{Cycle, Exchange, Refresh};
use crate::calls::{CREATE, HEALTH, Pair, REFRESH, USERS, bearer};
use crate::figure::{Figure, Target, Unit};
use crate::load::Load;
use crate::plan::Plan;
use crate::server::Server;
use crate::session::Session;

/// Measures all calls.
///
/// # Errors
/// If a server does not start or gives a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    Ok(vec![
        figure(plan, "health", health, None)?,
        figure(plan, "RefreshToken", refresh, Some(0.45))?,
        figure(plan, "Create", create, Some(0.40))?,
        figure(plan, "GET users", users, Some(0.50))?,
    ])
}

/// The callers of one call for both servers, and the answer that the bare server gives.
pub(super) struct Prepared {
    pub(super) callers: Vec<AnyCaller>,
    pub(super) bare_callers: Vec<AnyCaller>,
    pub(super) answer: Answer,
    /// Whether the call leaves users behind.
    registers: bool,
}

fn figure(
    plan: &Plan,
    name: &'static str,
    prepare: fn(&Plan, &Server) -> Result<Prepared>,
    target: Option<f64>,
) -> Result<Figure> {
    let mock = Server::mock(&plan.binary, &[], plan.cores)?;
    let prepared = prepare(plan, &mock)?;
    let bare = Server::bare(&[prepared.answer], plan.cores)?;
    let load = Load::connect(mock.address, prepared.callers)?;
    let mut subject = Side { name: "mock", server: &mock, load, reset: prepared.registers };
    let load = Load::connect(bare.address, prepared.bare_callers)?;
    let mut baseline = Side { name: "bare hyper", server: &bare, load, reset: false };

    let comparison = compare(plan, name, &mut subject, &mut baseline)?;
    let processor = comparison.processor();
    let figure = Figure::alone("calls", name, Unit::PerSecond, comparison.subject);
    let figure = Figure { processor, ..figure.against("bare hyper", comparison.baseline) };
    Ok(match target {
        Some(bound) => figure.target(Target::RatioAtLeast(bound)),
        None => figure,
    })
}

/// The same request from every connection, to either server.
fn repeated(plan: &Plan, answer: Answer, registers: bool, exchange: &Exchange) -> Prepared {
    let caller = || Box::new(Cycle::new([exchange.clone()])) as AnyCaller;
    let callers = || (0..plan.connections).map(|_| caller()).collect();
    Prepared { callers: callers(), bare_callers: callers(), answer, registers }
}

fn health(plan: &Plan, mock: &Server) -> Result<Prepared> {
    let mut session = Session::open(mock.address)?;
    session.get(HEALTH, "")?;
    Ok(repeated(plan, session.last_answer(HEALTH)?, false, &Exchange::get(HEALTH, "", "\"ok\"")))
}

/// Each connection has a user of its own and a chain of refreshes of its own.
pub(super) fn refresh(plan: &Plan, mock: &Server) -> Result<Prepared> {
    let mut session = Session::open(mock.address)?;
    let users = (0..plan.connections).map(|_| session.register(mock)).collect::<Result<Vec<_>>>()?;
    let pair = session.register(mock)?;
    let body = format!(r#"{{"AccessToken":"{}","RefreshToken":"{}"}}"#, pair.access, pair.refresh);
    let fixed = Pair::find(&session.post(REFRESH, "", &body)?)?;
    Ok(Prepared {
        answer: session.last_answer(REFRESH)?,
        callers: users.into_iter().map(|user| Box::new(Refresh::rotating(vec![user])) as AnyCaller).collect(),
        bare_callers: (0..plan.connections).map(|_| Box::new(Refresh::fixed(fixed.clone())) as AnyCaller).collect(),
        registers: false,
    })
}

fn create(plan: &Plan, mock: &Server) -> Result<Prepared> {
    let mut session = Session::open(mock.address)?;
    session.register(mock)?;
    let headers = mock.instance()?.headers();
    let answer = session.last_answer(CREATE)?;
    Ok(repeated(plan, answer, true, &Exchange::post(CREATE, &headers, "{}", "\"RefreshToken\":\"")))
}

fn users(plan: &Plan, mock: &Server) -> Result<Prepared> {
    let mut session = Session::open(mock.address)?;
    let headers = bearer(&session.register(mock)?.access);
    session.get(USERS, &headers)?;
    let answer = session.last_answer(USERS)?;
    Ok(repeated(plan, answer, false, &Exchange::get(USERS, &headers, "\"DeviceToken\":\"")))
}
