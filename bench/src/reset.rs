//! Reset: how long others wait while an instance with many users goes back to its start.

use std::io;
use std::time::Instant;

use telematics_contract::registration::RegisterManyRequest;
use telematics_mock::service::clock::MachineTime;
use telematics_mock::service::random::Seed;
use telematics_mock::service::{InstanceHeaders, Overrides, Settings, Start, UserService};

/// Resets an instance, and then the server, with that many users each.
pub(crate) fn measure(users: u32) -> io::Result<()> {
    let service = UserService::new(Start {
        settings: Settings::default(),
        seed: Seed::from_number(1),
        time: Box::new(MachineTime),
        clock: None,
    });
    let instance = service.create_instance(None, false, Overrides::default()).instance;
    let headers = InstanceHeaders { id: Some(instance.id.to_string()), key: Some(instance.key.expose()), request: 0 };
    for (name, scope) in [("instance", Some(instance.id)), ("server", None)] {
        let mut left = users;
        while left > 0 {
            let quantity = left.min(10_000);
            left -= quantity;
            let many = RegisterManyRequest {
                quantity,
                create_access_token: Some(true),
                generate_access_token: None,
                custom_fields: None,
            };
            let registered = service.register_many(&headers, &many);
            registered.map_err(|refusal| io::Error::other(format!("{refusal:?}")))?;
        }
        let started = Instant::now();
        let discarded = service.reset(scope).ok_or(io::ErrorKind::NotFound)?;
        let waited = started.elapsed();
        drop(discarded);
        println!(
            "reset of the {name:<8} with {users} users: {waited:?}, and {:?} with the dropping",
            started.elapsed()
        );
    }
    Ok(())
}
