//! Many users: whether the first are served faster than the last, and what each costs in memory.

use std::fs;
use std::hint::black_box;
use std::io;
use std::time::Instant;

use telematics_contract::auth::{RefreshRequest, TokensResponse};
use telematics_contract::registration::RegisterRequest;
use telematics_mock::service::clock::MachineTime;
use telematics_mock::service::instances::{DEMO_INSTANCE, DEMO_KEY};
use telematics_mock::service::random::Seed;
use telematics_mock::service::{InstanceHeaders, Refusal, Settings, Start, UserService};

/// How many users the first and the last are.
const SAMPLE: usize = 1_000;

/// Registers that many users, and refreshes the first and the last of them.
pub(crate) fn measure(users: usize) -> io::Result<()> {
    let service = UserService::new(Start {
        settings: Settings::default(),
        seed: Seed::from_number(1),
        time: Box::new(MachineTime),
        clock: None,
    });
    let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()), request: 0 };
    let register = || service.register(&headers, RegisterRequest::default()).map_err(refused);
    let before = resident_bytes()?;

    let started = Instant::now();
    let first = (0..SAMPLE).map(|_| register()).collect::<Result<Vec<_>, _>>()?;
    let first_registrations = started.elapsed();
    for done in SAMPLE..users.saturating_sub(SAMPLE) {
        black_box(register()?);
        if done % 100_000 == 0 {
            eprintln!("{done} users");
        }
    }
    let started = Instant::now();
    let last = (0..SAMPLE).map(|_| register()).collect::<Result<Vec<_>, _>>()?;
    let last_registrations = started.elapsed();
    let after = resident_bytes()?;

    // Alternating, so that whatever else the machine does meets both.
    let (mut first_refreshes, mut last_refreshes) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for (first, last) in first.iter().zip(&last) {
        let started = Instant::now();
        refresh(&service, first)?;
        first_refreshes += started.elapsed();
        let started = Instant::now();
        refresh(&service, last)?;
        last_refreshes += started.elapsed();
    }

    let each = |total: std::time::Duration| total.as_secs_f64() * 1e6 / SAMPLE as f64;
    println!("users                    {users}");
    println!("memory a user            {} bytes", (after.saturating_sub(before)) / users);
    println!("registration, first 1000 {:.2} µs each", each(first_registrations));
    println!("registration, last 1000  {:.2} µs each", each(last_registrations));
    println!("refresh, first 1000      {:.2} µs each", each(first_refreshes));
    println!("refresh, last 1000       {:.2} µs each", each(last_refreshes));
    Ok(())
}

fn refresh(service: &UserService, tokens: &TokensResponse) -> io::Result<()> {
    let (Some(access), Some(refresh)) = (&tokens.access_token, &tokens.refresh_token) else {
        return Err(io::Error::other("a registration without tokens"));
    };
    let request = RefreshRequest { access_token: access.token.clone(), refresh_token: refresh.clone() };
    black_box(service.refresh(&InstanceHeaders::default(), &request).map_err(refused)?);
    Ok(())
}

fn refused(refusal: Refusal) -> io::Error {
    io::Error::other(format!("{refusal:?}"))
}

/// The memory of this process that is in use, in bytes.
fn resident_bytes() -> io::Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kibibytes: usize = line.trim().trim_end_matches("kB").trim().parse().map_err(io::Error::other)?;
    Ok(kibibytes * 1024)
}
