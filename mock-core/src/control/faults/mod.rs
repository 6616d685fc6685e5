//! Faults: failures that a test asks for, with the requests they apply to, how often and how likely.

mod effect;
mod patch;
mod preset;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::facts::RequestFacts;
use super::gate::Gate;
use super::invalid::InvalidField;
use super::matching::{Content, RequestMatch};
use super::registry::{MAX_ITEMS, Registry};
use crate::service::instances::MAX_INSTANCES;
use crate::service::random::{RandomStream, Seed};
use crate::service::{FaultDraws, Scope};

pub use effect::{CommitThen, FaultEffect, HeaderChanges, Hold, MAX_MILLISECONDS};
pub use patch::apply as apply_patch;
pub use preset::Preset;

/// A fault: its effect, and the requests it applies to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The requests that the fault applies to.
    pub matching: RequestMatch,
    /// The number of matching requests that the fault skips first.
    pub after: u32,
    /// The number of requests that the fault still applies to; `None` means all of them.
    pub times: Option<u32>,
    /// The probability that the fault applies to a matching request, from 0 to 1.
    pub probability: f64,
    /// The effect.
    pub effect: FaultEffect,
}

impl Fault {
    /// A fault that applies to every matching request.
    #[must_use]
    pub const fn new(matching: RequestMatch, effect: FaultEffect) -> Self {
        Self { matching, after: 0, times: None, probability: 1.0, effect }
    }

    /// Skips this number of matching requests first.
    #[must_use]
    pub const fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// Applies the fault to this number of requests only.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Checks the ranges of the fields and their combination.
    ///
    /// # Errors
    ///
    /// The first field that is invalid.
    pub fn check(&self) -> Result<(), InvalidField> {
        self.matching.check_unanswered()?;
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(InvalidField::new("probability", "must be a number from 0 to 1"));
        }
        if self.times == Some(0) {
            return Err(InvalidField::new("times", "must be at least 1; leave it out for every request"));
        }
        self.effect.check()
    }
}

/// The state of a fault.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultView {
    /// The id.
    pub id: u64,
    /// The scope whose requests the fault is about.
    pub owner: Scope,
    /// The fault; [`Fault::times`] and [`Fault::after`] have counted down.
    pub fault: Fault,
    /// The number of requests that the fault has been applied to.
    pub fired: u32,
    /// The number of requests that the fault holds now.
    pub held: usize,
}

/// A fault that applies to the request at hand.
#[derive(Clone, Debug)]
pub struct TriggeredFault {
    /// The id of the fault.
    pub id: u64,
    /// The effect of the fault; its preset is resolved.
    pub effect: Arc<FaultEffect>,
    /// The gate that holds the request, if the effect asks for it.
    pub gate: Arc<Gate>,
    /// The time for which the request is held up before the call, in milliseconds.
    pub wait_ms: u64,
}

#[derive(Debug)]
struct ActiveFault {
    fault: Fault,
    /// The effect with its preset resolved.
    effect: Arc<FaultEffect>,
    gate: Arc<Gate>,
    fired: u32,
}

impl ActiveFault {
    /// Whether the fault applies to no further request, and every request that it has hit has ended: such a request has a share of
    /// the gate, even before it is held.
    fn is_over(&self) -> bool {
        self.fault.times == Some(0) && Arc::strong_count(&self.gate) == 1
    }
}

/// A fault that is removed releases the requests that it holds.
impl Drop for ActiveFault {
    fn drop(&mut self) {
        self.gate.end();
    }
}

/// The faults of a server.
#[derive(Debug)]
pub struct Faults {
    registry: Registry<ActiveFault>,
    dice: Mutex<Dice>,
}

/// The random draws of the faults.
#[derive(Debug)]
struct Dice {
    seed: Seed,
    /// One stream for each scope, so that the requests of one instance never change the draws of another.
    streams: HashMap<Scope, RandomStream>,
}

impl Dice {
    fn stream(&mut self, owner: Scope) -> &mut RandomStream {
        // A request can be drawn for after its instance was removed, and would leave a stream for ever.
        if self.streams.len() > MAX_INSTANCES && !self.streams.contains_key(&owner) {
            let any = self.streams.keys().next().copied();
            any.map(|owner| self.streams.remove(&owner));
        }
        self.streams.entry(owner).or_insert_with(|| {
            let id = owner.instance().map(|instance| *instance.as_bytes()).unwrap_or_default();
            self.seed.stream(&[b"faults".as_slice(), &id].concat())
        })
    }
}

impl Faults {
    /// No faults; random draws come from the seed.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { registry: Registry::default(), dice: Mutex::new(Dice { seed, streams: HashMap::new() }) }
    }

    /// Adds a fault and returns its id. A server keeps [`MAX_ITEMS`] faults; those that are used up are dropped first.
    ///
    /// # Errors
    ///
    /// A field of the fault is invalid, or there are too many faults.
    pub fn add(&self, owner: Scope, fault: Fault) -> Result<u64, InvalidField> {
        fault.check()?;
        let effect = match fault.effect.preset {
            Some(preset) => preset.resolved(&fault.effect),
            None => fault.effect.clone(),
        };
        let active = ActiveFault { fault, effect: Arc::new(effect), gate: Arc::default(), fired: 0 };
        let too_many = || {
            let reason = format!("cannot get a further fault: the server has {MAX_ITEMS} active faults; remove some");
            InvalidField::new("match", reason)
        };
        self.registry.add(owner, active, ActiveFault::is_over).ok_or_else(too_many)
    }

    /// The faults of a scope.
    #[must_use]
    pub fn list(&self, scope: Scope) -> Vec<FaultView> {
        self.registry.list(scope, |entry| FaultView {
            id: entry.id,
            owner: entry.owner,
            fault: entry.item.fault.clone(),
            fired: entry.item.fired,
            held: entry.item.gate.held(),
        })
    }

    /// Releases the requests that a fault of a scope holds, and returns their number; `None` if the scope has no fault with this
    /// id.
    #[must_use]
    pub fn release(&self, scope: Scope, id: u64) -> Option<usize> {
        self.registry.find(scope, id, |active| active.gate.release())
    }

    /// Releases every request, because the server stops.
    pub fn end(&self) {
        self.registry.list(Scope::Server, |entry| entry.item.gate.end());
    }

    /// Removes a fault of a scope; returns `false` if the scope has no fault with this id.
    pub fn remove(&self, scope: Scope, id: u64) -> bool {
        self.registry.remove(scope, id)
    }

    /// The numbers of random words that were drawn for the requests of a scope.
    #[must_use]
    pub fn draws(&self, scope: Scope) -> FaultDraws {
        let dice = self.dice.lock();
        let drawn = dice.streams.iter().filter(|(owner, _)| scope.covers(**owner));
        let mut draws: FaultDraws = drawn.map(|(owner, stream)| (owner.instance(), stream.position())).collect();
        draws.sort_unstable();
        draws
    }

    /// Lets the random draws of a scope continue as in a snapshot with this seed.
    pub fn restore_draws(&self, scope: Scope, (seed, draws): (Seed, FaultDraws)) {
        let mut dice = self.dice.lock();
        dice.seed = seed;
        dice.streams.retain(|owner, _| !scope.covers(*owner));
        for (owner, position) in draws {
            let owner = Scope::from(owner);
            if scope.covers(owner) {
                let stream = dice.stream(owner).clone().at(position);
                dice.streams.insert(owner, stream);
            }
        }
    }

    /// Removes the faults of a scope and restarts its random draws.
    pub fn clear(&self, scope: Scope) {
        self.registry.clear(scope);
        self.dice.lock().streams.retain(|owner, _| !scope.covers(*owner));
    }

    /// The first fault that applies to a request; it counts as fired.
    #[must_use]
    pub fn trigger(&self, facts: &RequestFacts, content: &dyn Content) -> Option<TriggeredFault> {
        self.registry.find_map(facts.owner, |entry| {
            let ActiveFault { fault, effect, gate, fired } = &mut entry.item;
            if fault.times == Some(0) || !fault.matching.fits(facts.candidate(content)) {
                return None;
            }
            if fault.after > 0 {
                fault.after -= 1;
                return None;
            }
            let mut dice = self.dice.lock();
            let stream = dice.stream(facts.owner);
            if fault.probability < 1.0 && stream.fraction() >= fault.probability {
                return None;
            }
            *fired = fired.saturating_add(1);
            fault.times = fault.times.map(|times| times - 1);
            let jitter = effect.jitter_ms;
            let extra = if jitter == 0 { 0 } else { stream.number() % (jitter + 1) };
            let wait_ms = effect.delay_ms + extra;
            Some(TriggeredFault { id: entry.id, effect: Arc::clone(effect), gate: Arc::clone(gate), wait_ms })
        })
    }
}

#[cfg(test)]
mod tests;
