//! The mock: the user service together with its control plane, and the verbs with which a test controls both.

mod clock;
mod controls;
mod verification;

use std::fmt;
use std::sync::Arc;

use crate::control::Control;
use crate::initial_data::{InitialData, InvalidInitialData};
use crate::runtime::Runtime;
use crate::service::clock::TimeSource;
use crate::service::random::Seed;
use crate::service::time::Timestamp;
use crate::service::{Settings, Start, UserService};

pub use clock::Clock;
pub use controls::{Controls, InstanceOptions};
pub use verification::{Expectation, Failed, Verification};

/// The user service and its control plane, on a platform that sleeps and works for them.
pub struct Mock {
    /// The user service: users, tokens, clocks.
    pub service: UserService,
    /// The control plane: journal, faults, barriers, events.
    pub control: Control,
    /// The platform.
    pub runtime: Arc<dyn Runtime>,
}

/// What a mock starts with.
pub struct MockStart {
    /// The settings of the server.
    pub settings: Settings,
    /// The seed of everything random.
    pub seed: Seed,
    /// The source of real time.
    pub time: Box<dyn TimeSource>,
    /// The time at which the virtual clock stands still; `None` lets it show real time.
    pub clock: Option<Timestamp>,
    /// The number of requests that the journal keeps for each instance; 0 keeps none.
    pub journal_size: usize,
    /// The instances, admins and users that exist from the start, beside the well-known ones.
    pub initial_data: InitialData,
}

impl Mock {
    /// Starts a mock.
    ///
    /// # Errors
    ///
    /// The initial data contradicts itself or the well-known identities.
    pub fn start(start: MockStart, runtime: Arc<dyn Runtime>) -> Result<Arc<Self>, InvalidInitialData> {
        let MockStart { settings, seed, time, clock, journal_size, initial_data } = start;
        let control = Control::new(journal_size, seed.clone());
        let service = UserService::new(Start { settings, seed, time, clock });
        control.listen_to_messages(&service);
        initial_data.load_into(&service)?;
        // A reset goes back to this state.
        service.set_start();
        Ok(Arc::new(Self { service, control, runtime }))
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mock(…)")
    }
}
