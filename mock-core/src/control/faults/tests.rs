//! Tests of faults.

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
    assert_eq!(field(effect(FaultEffect { commit_then_drop: true, reset: true, ..default() })), "then.commitThenDrop");
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

#[test]
fn the_debug_output_of_a_fault_has_no_secret() {
    for then in [
        json!({ "body": "canary", "headers": { "Set-Cookie": "canary" } }),
        json!({ "commitThen": { "body": ["canary"], "headers": { "Authorization": "canary" } } }),
        json!({ "patch": { "Result": { "RefreshToken": "canary" } } }),
    ] {
        let effect: FaultEffect = serde_json::from_value(then).unwrap();
        let fault = Fault { effect, ..unavailable() };
        let shown = format!("{:?} {fault:?}", fault.effect.commit_then);
        assert!(shown.contains("FaultEffect({") && !shown.contains("canary"), "{shown}");
    }
}

#[test]
fn a_fault_whose_request_is_still_under_way_makes_no_room() {
    let faults = faults();
    faults.add(Scope::Server, unavailable().times(1)).unwrap();
    let under_way = faults.trigger(&facts(1), &NoContent);
    for _ in 1..MAX_ITEMS {
        faults.add(instance(1), unavailable()).unwrap();
    }
    assert!(faults.add(instance(1), unavailable()).is_err());
    drop(under_way);
    faults.add(instance(1), unavailable()).unwrap();
}
