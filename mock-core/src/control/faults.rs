//! Faults: what goes wrong on purpose, for which requests, how often and how likely.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde_json::Value;

use super::facts::{Facts, sees};
use super::matching::{Candidate, Match};
use crate::service::ids::InstanceId;
use crate::service::random::{RandomStream, Seed};

/// What goes wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effect {
    /// This is answered, and the call does not happen.
    pub status: Option<u16>,
    /// With this body; under `200` where no status is said.
    pub body: Option<Value>,
    /// With these headers, whether the call happens or not.
    pub headers: Vec<(String, String)>,
    /// The answer waits that long, in milliseconds.
    pub delay_ms: u64,
    /// And up to that long on top, drawn from the seed.
    pub jitter_ms: u64,
    /// The connection is reset, and the call does not happen.
    pub reset: bool,
    /// The connection breaks after that many bytes of the body.
    pub truncate_body: Option<usize>,
    /// The body takes that long, in milliseconds.
    pub dribble_ms: u64,
    /// The call happens, and the connection is closed without an answer: a lost refresh.
    pub commit_then_drop: bool,
}

/// A fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its id.
    pub id: u64,
    /// Whose requests it is about.
    pub instance: Option<InstanceId>,
    /// Which of them.
    pub matching: Match,
    /// How often it still fires; for ever, where nothing is said.
    pub times: Option<u32>,
    /// How likely it fires, from 0 to 1.
    pub probability: f64,
    /// What goes wrong.
    pub effect: Effect,
    /// How often it has fired.
    pub fired: u32,
}

/// A fault that fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    /// The fault.
    pub id: u64,
    /// What goes wrong.
    pub effect: Effect,
    /// How long the answer waits, in milliseconds.
    pub wait_ms: u64,
}

/// The faults of a server.
pub struct Faults {
    /// How many there are, so that a server without any asks nobody.
    count: AtomicUsize,
    inner: Mutex<Inner>,
}

struct Inner {
    seed: Seed,
    faults: Vec<Fault>,
    next_id: u64,
    /// One stream for each instance, so that one's faults never change another's.
    streams: HashMap<Option<InstanceId>, RandomStream>,
}

impl Faults {
    /// No faults yet.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        let inner = Inner { seed, faults: Vec::new(), next_id: 1, streams: HashMap::new() };
        Self { count: AtomicUsize::new(0), inner: Mutex::new(inner) }
    }

    /// Adds a fault and gives its id; `id` and `fired` of what is given do not count.
    pub fn add(&self, fault: Fault) -> u64 {
        let mut inner = self.inner.lock();
        let id = inner.next_id;
        inner.next_id += 1;
        inner.faults.push(Fault { id, fired: 0, ..fault });
        self.count.store(inner.faults.len(), Ordering::Release);
        id
    }

    /// The faults of an instance, or all.
    #[must_use]
    pub fn list(&self, of: Option<InstanceId>) -> Vec<Fault> {
        self.inner.lock().faults.iter().filter(|fault| sees(of, fault.instance)).cloned().collect()
    }

    /// Removes a fault; `false`, where there is none with that id.
    pub fn remove(&self, of: Option<InstanceId>, id: u64) -> bool {
        let mut inner = self.inner.lock();
        let before = inner.faults.len();
        inner.faults.retain(|fault| !(fault.id == id && sees(of, fault.instance)));
        self.count.store(inner.faults.len(), Ordering::Release);
        inner.faults.len() < before
    }

    /// Removes the faults of an instance, or all, and starts their random streams anew.
    pub fn clear(&self, of: Option<InstanceId>) {
        let mut inner = self.inner.lock();
        inner.faults.retain(|fault| !sees(of, fault.instance));
        inner.streams.retain(|owner, _| !sees(of, *owner));
        if of.is_none() {
            inner.next_id = 1;
        }
        self.count.store(inner.faults.len(), Ordering::Release);
    }

    /// The first fault that fires for a request.
    #[must_use]
    pub fn fire(&self, facts: &Facts) -> Option<Fired> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut inner = self.inner.lock();
        let Inner { seed, faults, streams, .. } = &mut *inner;
        let candidate =
            Candidate { method: &facts.method, path: &facts.path, status: None, device_token: facts.device_token };
        for fault in faults.iter_mut() {
            let about = fault.instance.is_none() || fault.instance == facts.instance;
            if !about || fault.times == Some(0) || !fault.matching.fits(candidate) {
                continue;
            }
            let stream = streams.entry(facts.instance).or_insert_with(|| {
                let owner = facts.instance.map(|instance| *instance.as_bytes()).unwrap_or_default();
                seed.stream(&[b"faults".as_slice(), &owner].concat())
            });
            if fault.probability < 1.0 && stream.fraction() >= fault.probability {
                continue;
            }
            fault.fired = fault.fired.saturating_add(1);
            fault.times = fault.times.map(|times| times - 1);
            let jitter = fault.effect.jitter_ms;
            let extra = if jitter == 0 { 0 } else { stream.number() % (jitter + 1) };
            return Some(Fired { id: fault.id, wait_ms: fault.effect.delay_ms + extra, effect: fault.effect.clone() });
        }
        None
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faults({})", self.count.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(instance: u128) -> Facts {
        Facts {
            number: 1,
            instance: Some(InstanceId::from_u128(instance)),
            method: "POST".to_owned(),
            path: "/v1/Auth/Login".to_owned(),
            device_token: None,
        }
    }

    fn fault(instance: Option<u128>, times: Option<u32>, probability: f64) -> Fault {
        let effect = Effect { status: Some(503), ..Effect::default() };
        let instance = instance.map(InstanceId::from_u128);
        Fault { id: 0, instance, matching: Match::default(), times, probability, effect, fired: 0 }
    }

    fn faults() -> Faults {
        Faults::new(Seed::from_number(7))
    }

    #[test]
    fn a_fault_fires_so_many_times_and_no_more() {
        let faults = faults();
        let id = faults.add(fault(None, Some(2), 1.0));
        assert_eq!(faults.fire(&facts(1)).map(|fired| fired.id), Some(id));
        assert!(faults.fire(&facts(1)).is_some());
        assert!(faults.fire(&facts(1)).is_none());
        assert_eq!(faults.list(None)[0].fired, 2);
    }

    #[test]
    fn a_fault_of_one_instance_leaves_another_alone() {
        let faults = faults();
        faults.add(fault(Some(1), None, 1.0));
        assert!(faults.fire(&facts(1)).is_some());
        assert!(faults.fire(&facts(2)).is_none());
        faults.clear(Some(InstanceId::from_u128(2)));
        assert!(faults.fire(&facts(1)).is_some());
        faults.clear(Some(InstanceId::from_u128(1)));
        assert!(faults.fire(&facts(1)).is_none());
    }

    #[test]
    fn a_probability_is_drawn_from_the_seed_of_each_instance() {
        let draw = |noise: bool| -> Vec<bool> {
            let faults = faults();
            faults.add(fault(None, None, 0.5));
            (0..40)
                .map(|_| {
                    if noise {
                        let _ = faults.fire(&facts(2));
                    }
                    faults.fire(&facts(1)).is_some()
                })
                .collect()
        };
        assert_eq!(draw(false), draw(true), "another instance's requests change nothing");
        let fired = draw(false).into_iter().filter(|fired| *fired).count();
        assert!((8..=32).contains(&fired), "{fired} of 40");
    }

    #[test]
    fn a_fault_is_removed_by_its_id() {
        let faults = faults();
        let id = faults.add(fault(Some(1), None, 1.0));
        assert!(!faults.remove(Some(InstanceId::from_u128(2)), id), "another instance's fault");
        assert!(faults.remove(None, id));
        assert!(!faults.remove(None, id));
    }
}
