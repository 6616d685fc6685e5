//! Faults: failures that a test asks for, with the requests they apply to, how often and how likely.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;

use super::facts::RequestFacts;
use super::invalid::InvalidField;
use super::matching::RequestMatch;
use super::registry::Registry;
use crate::service::Scope;
use crate::service::random::{RandomStream, Seed};

/// The longest time that a fault may hold up an answer, in milliseconds: ten minutes.
pub const MAX_MILLISECONDS: u64 = 600_000;

/// The effect of a fault on the answer to a request.
///
/// ```
/// use telematics_mock_core::control::faults::FaultEffect;
///
/// let unavailable = FaultEffect { status: Some(503), ..FaultEffect::default() };
/// let lost_answer = FaultEffect { commit_then_drop: true, ..FaultEffect::default() };
/// # assert_ne!(unavailable, lost_answer);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FaultEffect {
    /// Answer with this status instead of making the call: 200 to 599.
    pub status: Option<u16>,
    /// Answer with this body instead of making the call; with status 200 unless `status` is set.
    pub body: Option<Value>,
    /// Add these headers to the answer, whether the call is made or not.
    pub headers: BTreeMap<String, String>,
    /// Hold the request up for this time before the call, in milliseconds.
    pub delay_ms: u64,
    /// Hold it up for a random time on top, up to this one, in milliseconds. The time is drawn from the seed.
    pub jitter_ms: u64,
    /// Reset the connection instead of making the call.
    pub reset: bool,
    /// Break the connection after this number of bytes of the body.
    pub truncate_body: Option<usize>,
    /// Send the body in pieces over this time, in milliseconds.
    pub dribble_ms: u64,
    /// Make the call and close the connection without an answer: a lost refresh.
    pub commit_then_drop: bool,
}

impl FaultEffect {
    fn check(&self) -> Result<(), InvalidField> {
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err(InvalidField::new("then.status", "must be a status from 200 to 599"));
        }
        for (field, milliseconds) in
            [("delayMs", self.delay_ms), ("jitterMs", self.jitter_ms), ("dribbleMs", self.dribble_ms)]
        {
            if milliseconds > MAX_MILLISECONDS {
                return Err(InvalidField::new(format!("then.{field}"), format!("must be at most {MAX_MILLISECONDS}")));
            }
        }
        if let Some((name, _)) = self.headers.iter().find(|(name, value)| !(is_token(name) && is_field_value(value))) {
            return Err(InvalidField::new(format!("then.headers.{name}"), "must be a valid HTTP header"));
        }
        if self.commit_then_drop && (self.status.is_some() || self.body.is_some() || self.reset) {
            let reason = "cannot be combined with status, body or reset, because no answer is sent";
            return Err(InvalidField::new("then.commitThenDrop", reason));
        }
        if *self == Self::default() {
            return Err(InvalidField::new("then", "must have at least one effect"));
        }
        Ok(())
    }
}

/// Whether a text is a token (RFC 9110, section 5.6.2), as the name of a header must be.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Whether a text can be the value of a header (RFC 9110, section 5.5).
fn is_field_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}

/// A fault: its effect, and the requests it applies to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The requests that the fault applies to.
    pub matching: RequestMatch,
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
        Self { matching, times: None, probability: 1.0, effect }
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
    /// The fault; [`Fault::times`] has counted down.
    pub fault: Fault,
    /// The number of requests that the fault has been applied to.
    pub fired: u32,
}

/// A fault that applies to the request at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct TriggeredFault {
    /// The id of the fault.
    pub id: u64,
    /// The effect of the fault.
    pub effect: FaultEffect,
    /// The time for which the request is held up before the call, in milliseconds.
    pub wait_ms: u64,
}

#[derive(Debug)]
struct ActiveFault {
    fault: Fault,
    fired: u32,
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

    /// Adds a fault and returns its id.
    pub fn add(&self, owner: Scope, fault: Fault) -> u64 {
        self.registry.add(owner, ActiveFault { fault, fired: 0 })
    }

    /// The faults of a scope.
    #[must_use]
    pub fn list(&self, scope: Scope) -> Vec<FaultView> {
        self.registry.list(scope, |entry| FaultView {
            id: entry.id,
            owner: entry.owner,
            fault: entry.item.fault.clone(),
            fired: entry.item.fired,
        })
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
    pub fn trigger(&self, facts: &RequestFacts) -> Option<TriggeredFault> {
        self.registry.find_map(facts.owner, |entry| {
            let ActiveFault { fault, fired } = &mut entry.item;
            if fault.times == Some(0) || !fault.matching.fits(facts.candidate()) {
                return None;
            }
            let mut dice = self.dice.lock();
            let stream = dice.stream(facts.owner);
            if fault.probability < 1.0 && stream.fraction() >= fault.probability {
                return None;
            }
            *fired = fired.saturating_add(1);
            fault.times = fault.times.map(|times| times - 1);
            let jitter = fault.effect.jitter_ms;
            let extra = if jitter == 0 { 0 } else { stream.number() % (jitter + 1) };
            Some(TriggeredFault { id: entry.id, wait_ms: fault.effect.delay_ms + extra, effect: fault.effect.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let id = faults.add(Scope::Server, unavailable().times(2));
        assert_eq!(faults.trigger(&facts(1)).map(|fault| fault.id), Some(id));
        assert!(faults.trigger(&facts(1)).is_some());
        assert!(faults.trigger(&facts(1)).is_none());
        assert_eq!(faults.list(Scope::Server)[0].fired, 2);
    }

    #[test]
    fn a_fault_of_one_instance_does_not_apply_to_another() {
        let faults = faults();
        faults.add(instance(1), unavailable());
        assert!(faults.trigger(&facts(1)).is_some());
        assert!(faults.trigger(&facts(2)).is_none());
        faults.clear(instance(2));
        assert!(faults.trigger(&facts(1)).is_some());
        faults.clear(instance(1));
        assert!(faults.trigger(&facts(1)).is_none());
    }

    #[test]
    fn a_probability_is_drawn_from_the_seed_of_each_instance() {
        let draw = |noise: bool| -> Vec<bool> {
            let faults = faults();
            faults.add(Scope::Server, Fault { probability: 0.5, ..unavailable() });
            (0..40)
                .map(|_| {
                    if noise {
                        let _ = faults.trigger(&facts(2));
                    }
                    faults.trigger(&facts(1)).is_some()
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
            let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            assert_eq!(field(effect(FaultEffect { headers, ..default() })), format!("then.headers.{name}"));
        }
        let headers = BTreeMap::from([("X-Anything".to_owned(), "any text, ünicode too".to_owned())]);
        assert_eq!(effect(FaultEffect { headers, ..default() }).check(), Ok(()));
    }
}
