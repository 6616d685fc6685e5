//! The mock and its start.

use std::fmt;
use std::sync::Arc;

use crate::control::Control;
use crate::initial_data::{InitialData, InvalidInitialData};
use crate::runtime::Runtime;
use crate::service::clock::TimeSource;
use crate::service::random::Seed;
use crate::service::time::Timestamp;
use crate::service::{CreateInstanceError, CreatedInstance, Overrides, Scope, Settings, Start, UserService};

/// The user service and its control plane, on a platform that sleeps and works for them.
pub struct Mock {
    /// The user service: users, tokens, clocks.
    pub service: UserService,
    /// The control plane: journal, faults, barriers, events.
    pub control: Control,
    /// The platform.
    pub runtime: Arc<dyn Runtime>,
}

/// The initial data and settings of a mock.
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

/// Options of a new instance.
#[derive(Clone, Debug, Default)]
pub struct InstanceOptions {
    /// The name; generated if absent.
    pub name: Option<String>,
    /// Whether the instance has the product UBI, whose users log in with a password.
    pub has_ubi: bool,
    /// The settings of the instance that differ from the server's.
    pub settings: Overrides,
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

    /// Restarts the random draws of the faults of a scope with the seed of the service, which a reset or a restored state can have
    /// replaced.
    pub fn follow_seed(&self, scope: Scope) {
        self.control.faults.restore_draws(scope, (self.service.seed(), Vec::new()));
    }

    /// Creates an instance with an invite code and an admin of its own, so that a test shares nothing with others.
    ///
    /// # Errors
    ///
    /// The settings of the options are invalid, or the server has too many instances; nothing was created.
    pub fn create_instance(&self, options: InstanceOptions) -> Result<CreatedInstance, CreateInstanceError> {
        let InstanceOptions { name, has_ubi, settings } = options;
        self.service.create_instance(name, has_ubi, settings)
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mock(…)")
    }
}
