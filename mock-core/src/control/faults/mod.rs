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
use crate::service::Scope;
use crate::service::random::{RandomStream, Seed};

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
    /// Whether the fault applies to no further request and holds none.
    fn is_over(&self) -> bool {
        self.fault.times == Some(0) && self.gate.held() == 0
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
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::control::matching::NoContent;
    use crate::service::ids::InstanceId;

    fn instance(number: u128) -> Scope {
        Scope::Instance(InstanceId::from_u128(number))
    }

    fn facts(number: u128) -> RequestFacts {
        RequestFacts {
            number: 1,
            owner: instance(number),
            method: "POST".into(),
            path: "/v1/Auth/Login".into(),
            device_token: None,
        }
    }

    fn unavailable() -> Fault {
        Fault::new(RequestMatch::any(), FaultEffect { status: Some(503), ..FaultEffect::default() })
    }

    fn faults() -> Faults {
        Faults::new(Seed::from_number(7))
    }

    #[test]
    fn a_fault_applies_to_the_given_number_of_requests() {
        let faults = faults();
        let id = faults.add(Scope::Server, unavailable().times(2)).unwrap();
        assert_eq!(faults.trigger(&facts(1), &NoContent).map(|fault| fault.id), Some(id));
        assert!(faults.trigger(&facts(1), &NoContent).is_some());
        assert!(faults.trigger(&facts(1), &NoContent).is_none());
        assert_eq!(faults.list(Scope::Server)[0].fired, 2);
    }

    #[test]
    fn a_fault_of_one_instance_does_not_apply_to_another() {
        let faults = faults();
        faults.add(instance(1), unavailable()).unwrap();
        assert!(faults.trigger(&facts(1), &NoContent).is_some());
        assert!(faults.trigger(&facts(2), &NoContent).is_none());
        faults.clear(instance(2));
        assert!(faults.trigger(&facts(1), &NoContent).is_some());
        faults.clear(instance(1));
        assert!(faults.trigger(&facts(1), &NoContent).is_none());
    }

    #[test]
    fn a_probability_is_drawn_from_the_seed_of_each_instance() {
        let draw = |noise: bool| -> Vec<bool> {
            let faults = faults();
            faults.add(Scope::Server, Fault { probability: 0.5, ..unavailable() }).unwrap();
            (0..40)
                .map(|_| {
                    if noise {
                        let _ = faults.trigger(&facts(2), &NoContent);
                    }
                    faults.trigger(&facts(1), &NoContent).is_some()
                })
                .collect()
        };
        assert_eq!(draw(false), draw(true), "the requests of another instance change nothing");
        let fired = draw(false).into_iter().filter(|fired| *fired).count();
        assert!((8..=32).contains(&fired), "{fired} of 40");
    }

    #[test]
    fn an_invalid_fault_is_refused_with_the_name_of_its_field() {
        let field = |fault: Fault| fault.check().unwrap_err().field;
        let effect = |effect: FaultEffect| Fault { effect, ..unavailable() };
        let default = FaultEffect::default;
        assert_eq!(unavailable().check(), Ok(()));
        assert_eq!(field(Fault { matching: RequestMatch::any().with_status(401), ..unavailable() }), "match.status");
        for probability in [-0.1, 1.1, f64::NAN] {
            assert_eq!(field(Fault { probability, ..unavailable() }), "probability");
        }
        assert_eq!(field(unavailable().times(0)), "times");
        assert_eq!(field(effect(default())), "then");
        assert_eq!(field(effect(FaultEffect { status: Some(100), ..default() })), "then.status");
        assert_eq!(field(effect(FaultEffect { dribble_ms: MAX_MILLISECONDS + 1, ..default() })), "then.dribbleMs");
        assert_eq!(
            field(effect(FaultEffect { commit_then_drop: true, reset: true, ..default() })),
            "then.commitThenDrop"
        );
        for (name, value) in [("", "x"), ("a b", "x"), ("a:", "x"), ("ok", "line\nbreak"), ("ok", "\u{7f}")] {
            let headers = BTreeMap::from([(name.to_owned(), Some(value.to_owned()))]);
            assert_eq!(field(effect(FaultEffect { headers, ..default() })), format!("then.headers.{name}"));
        }
        let headers = BTreeMap::from([
            ("X-Anything".to_owned(), Some("any text, ünicode too".to_owned())),
            ("Date".to_owned(), None),
        ]);
        assert_eq!(effect(FaultEffect { headers, ..default() }).check(), Ok(()));
    }

    #[test]
    fn a_header_that_frames_the_response_is_refused() {
        for name in ["Content-Length", "transfer-encoding", "Connection"] {
            for value in [None, Some("5".to_owned())] {
                let headers = BTreeMap::from([(name.to_owned(), value)]);
                let fault = Fault { effect: FaultEffect { headers, ..FaultEffect::default() }, ..unavailable() };
                let error = fault.check().unwrap_err();
                assert_eq!(error.field, format!("then.headers.{name}"));
                assert!(error.reason.contains("belongs to the connection"), "{error}");
            }
        }
    }

    #[test]
    fn a_fault_skips_the_first_requests() {
        let faults = faults();
        faults.add(Scope::Server, unavailable().after(2).times(1)).unwrap();
        let fires = || faults.trigger(&facts(1), &NoContent).is_some();
        assert_eq!([fires(), fires(), fires(), fires()], [false, false, true, false]);
    }

    #[test]
    fn only_one_field_decides_the_answer() {
        for (effect, field) in [
            (json!({ "commitThen": { "status": 500 }, "status": 500 }), "then.commitThen"),
            (json!({ "commitThen": { "headers": { "a": "b" } } }), "then.commitThen"),
            (json!({ "commitThen": { "status": 99 } }), "then.commitThen.status"),
            (json!({ "patch": {}, "body": 1 }), "then.patch"),
            (json!({ "preset": "waf-html", "reset": true }), "then.preset"),
            (json!({ "reset": true, "status": 500 }), "then.reset"),
        ] {
            let effect: FaultEffect = serde_json::from_value(effect).unwrap();
            assert_eq!(Fault { effect, ..unavailable() }.check().unwrap_err().field, field);
        }
        let combined = json!({ "preset": "gateway-timeout", "delayMs": 1, "responseDelayMs": 1, "hold": "response" });
        let effect: FaultEffect = serde_json::from_value(combined.clone()).unwrap();
        assert_eq!(Fault { effect: effect.clone(), ..unavailable() }.check(), Ok(()));
        assert_eq!(serde_json::to_value(effect).unwrap(), combined, "an effect is written as it is read");
    }

    #[test]
    fn the_headers_of_a_fault_replace_those_of_its_preset() {
        let headers = BTreeMap::from([("Retry-After".to_owned(), Some("9".to_owned()))]);
        let effect = FaultEffect { headers, preset: Some(Preset::RateLimited), ..FaultEffect::default() };
        let resolved = Preset::RateLimited.resolved(&effect);
        assert_eq!((resolved.status, resolved.headers["retry-after"].as_deref()), (Some(429), Some("9")));
    }

    #[test]
    fn faults_that_are_used_up_make_room_for_others() {
        let faults = faults();
        faults.add(Scope::Server, unavailable().times(1)).unwrap();
        assert!(faults.trigger(&facts(1), &NoContent).is_some());
        for _ in 0..MAX_ITEMS {
            faults.add(instance(1), unavailable()).unwrap();
        }
        assert_eq!(faults.add(instance(2), unavailable()).unwrap_err().field, "match");
    }
}
