//! Servers with many users.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::caller::AnyCaller;
use crate::callers::Refresh;
use crate::calls::CREATE_MULTIPLE;
use crate::load::Load;
use crate::plan::Plan;
use crate::progress::say;
use crate::registration::{Register, Registered};
use crate::server::Server;
use crate::session::Session;
use crate::table::grouped;

/// The largest number of users whose tokens the load keeps; they are spread evenly over all users.
const KEPT: usize = 100_000;
/// Users in one `CreateMultiple`.
const BATCH: usize = 1_000;

/// A server with users.
pub(crate) struct Population {
    /// The server.
    pub(crate) server: Server,
    /// Some of its users, in the order of their registration.
    pub(crate) users: Vec<Registered>,
}

impl Population {
    /// Starts a server and registers `count` users with `Create`, each with an e-mail address and a `ClientId`.
    ///
    /// # Errors
    /// If the server does not start or refuses a user.
    pub(crate) fn register(plan: &Plan, count: usize, options: &[&str]) -> Result<Self> {
        let server = Server::mock(&plan.binary, options, plan.cores)?;
        let instance = server.instance()?.clone();
        let started = Instant::now();
        // In parts, so that the person who waits sees how far it is.
        let part = (count / 4).max(1_000);
        let mut users = Vec::new();
        for first in (0..count).step_by(part) {
            let numbers = first..(first + part).min(count);
            let end = numbers.end;
            let (callers, kept) = Register::together(plan.connections, &instance, numbers, (count / KEPT).max(1));
            Load::connect(server.address, callers)?.closed(Duration::MAX)?;
            users.append(&mut kept.borrow_mut());
            say(&format!("  {} of {} users, {:.0} s", grouped(end as f64), grouped(count as f64), seconds(started)));
        }
        users.sort_by_key(|user| user.number);
        Ok(Self { server, users })
    }

    /// Starts a server and registers `count` users with `CreateMultiple`: quicker, but all users are alike.
    ///
    /// # Errors
    /// If the server does not start or refuses a batch.
    pub(crate) fn register_alike(plan: &Plan, count: usize) -> Result<Self> {
        let server = Server::mock(&plan.binary, &[], plan.cores)?;
        let mut session = Session::open(server.address)?;
        let headers = server.instance()?.headers();
        let body = format!(r#"{{"Quantity":{BATCH}}}"#);
        let mut users = Vec::new();
        for first in (0..count).step_by(BATCH) {
            let answer = session.post(CREATE_MULTIPLE, &headers, &body)?;
            for (number, user) in (first..).zip(Registered::find_all(&answer)) {
                if number.is_multiple_of((count / KEPT).max(1)) {
                    users.push(Registered { number, ..user? });
                }
            }
        }
        say(&format!("  {} users", grouped(count as f64)));
        Ok(Self { server, users })
    }

    /// At most `count` users, spread evenly.
    pub(crate) fn sample(&self, count: usize) -> Vec<&Registered> {
        self.users.iter().step_by((self.users.len() / count).max(1)).take(count).collect()
    }

    /// A caller for each connection, which refreshes its share of the users in turn.
    pub(crate) fn refreshes(&self, connections: usize) -> Vec<AnyCaller> {
        let share = |connection| {
            let users = self.users.iter().skip(connection).step_by(connections);
            Box::new(Refresh::rotating(users.map(|user| user.pair.clone()).collect())) as AnyCaller
        };
        (0..connections).map(share).collect()
    }

    /// The first user.
    ///
    /// # Errors
    /// No user is registered.
    pub(crate) fn first(&self) -> Result<&Registered> {
        self.users.first().context("no user is registered")
    }
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}
