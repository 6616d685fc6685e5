//! Finding one user among many, over the same with a thousand: `find`, logins.

use anyhow::Result;

use super::comparison::{Side, compare};
use super::users::FEW;
use crate::callers::{Cycle, Exchange};
use crate::calls::{CREATE, LOGIN, USERS, bearer, client_id, email};
use crate::figure::{Figure, Target, Unit};
use crate::load::Load;
use crate::plan::Plan;
use crate::population::Population;
use crate::registration::Registered;
use crate::session::Session;
use crate::table::grouped;

/// The number of users that are looked up in turn.
const SAMPLE: usize = 1_000;
/// The number of users with a password; each costs a digest at its registration.
const WITH_PASSWORD: usize = 200;
/// The largest ratio that counts as independent of the number of users.
const INDEPENDENT: f64 = 1.25;

/// A lookup: its name, and its requests for a population.
struct Lookup {
    name: &'static str,
    exchanges: fn(&Population, &str) -> Result<Vec<Exchange>>,
}

const LOOKUPS: [Lookup; 5] = [
    Lookup { name: "find by DeviceToken", exchanges: by_device_token },
    Lookup { name: "find by e-mail", exchanges: by_email },
    Lookup { name: "find by ClientId", exchanges: by_client_id },
    Lookup { name: "login by DeviceToken", exchanges: login_by_device_token },
    Lookup { name: "login by e-mail (UBI, argon2)", exchanges: login_by_email },
];

/// The time of one call on one connection.
///
/// # Errors
/// If a server does not start or gives a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let [few, many] = [FEW, plan.users].map(|count| Population::register(plan, count, &[]));
    let (few, many) = (few?, many?);
    let (few_admin, many_admin) = (prepare(&few)?, prepare(&many)?);

    let mut figures = Vec::new();
    for lookup in LOOKUPS {
        let mut subject = side("many", &many, &lookup, &many_admin)?;
        let mut baseline = side("few", &few, &lookup, &few_admin)?;
        let comparison = compare(plan, lookup.name, &mut subject, &mut baseline)?;

        let each = |rounds: Vec<f64>| rounds.into_iter().map(|per_second| 1e6 / per_second).collect();
        let name = format!("{} at {} users", lookup.name, grouped(plan.users as f64));
        let figure = Figure::alone("lookups", name, Unit::Microseconds, each(comparison.subject))
            .against("1 000 users", each(comparison.baseline))
            .target(Target::RatioAtMost(INDEPENDENT));
        figures.push(figure);
    }
    Ok(figures)
}

/// Registers the users who log in by e-mail address; the header that makes the admin's calls.
fn prepare(population: &Population) -> Result<String> {
    register_with_passwords(population)?;
    Ok(bearer(&Session::open(population.server.address)?.admin(&population.server)?))
}

fn side<'a>(name: &'static str, population: &'a Population, lookup: &Lookup, admin: &str) -> Result<Side<'a, Cycle>> {
    let caller = Cycle::new((lookup.exchanges)(population, admin)?);
    let load = Load::connect(population.server.address, [caller])?;
    Ok(Side { name, server: &population.server, load, reset: false })
}

fn find(population: &Population, admin: &str, query: impl Fn(&Registered) -> String) -> Result<Vec<Exchange>> {
    let exchange = |user: &Registered| {
        let path = format!("{USERS}/find?{}", query(user));
        Exchange::get(&path, admin, &user.device_token)
    };
    Ok(population.sample(SAMPLE).into_iter().map(exchange).collect())
}

fn by_device_token(population: &Population, admin: &str) -> Result<Vec<Exchange>> {
    find(population, admin, |user| format!("DeviceToken={}", user.device_token))
}

fn by_email(population: &Population, admin: &str) -> Result<Vec<Exchange>> {
    find(population, admin, |user| format!("Email={}", email(user.number)))
}

fn by_client_id(population: &Population, admin: &str) -> Result<Vec<Exchange>> {
    find(population, admin, |user| format!("ClientId={}", client_id(user.number)))
}

fn login_by_device_token(population: &Population, _: &str) -> Result<Vec<Exchange>> {
    let instance = population.server.instance()?;
    let headers = format!("InstanceId: {}\r\n", instance.instance_id);
    let login = |device_token: &str| {
        let key = &instance.instance_key;
        format!(r#"{{"LoginFields":{{"Devicetoken":"{device_token}"}},"Password":"{key}"}}"#)
    };
    let users = population.sample(SAMPLE).into_iter();
    Ok(users.map(|user| Exchange::post(LOGIN, &headers, &login(&user.device_token), &user.device_token)).collect())
}

fn login_by_email(population: &Population, _: &str) -> Result<Vec<Exchange>> {
    let instance = population.server.ubi_instance()?;
    let headers = format!("InstanceId: {}\r\n", instance.instance_id);
    let login = |number: usize| {
        let (email, password) = (ubi_email(number), password(number));
        format!(r#"{{"LoginFields":{{"Email":"{email}"}},"Password":"{password}"}}"#)
    };
    Ok((0..WITH_PASSWORD).map(|number| Exchange::post(LOGIN, &headers, &login(number), "RefreshToken")).collect())
}

/// Registers the users who log in by e-mail address.
fn register_with_passwords(population: &Population) -> Result<()> {
    let mut session = Session::open(population.server.address)?;
    let instance = population.server.ubi_instance()?;
    for number in 0..WITH_PASSWORD {
        let body = format!(r#"{{"Email":"{}","Password":"{}"}}"#, ubi_email(number), password(number));
        session.post(CREATE, &instance.headers(), &body)?;
    }
    Ok(())
}

fn ubi_email(number: usize) -> String {
    format!("driver-{number}@example.com")
}

fn password(number: usize) -> String {
    format!("password-of-{number}")
}
