//! Tests of the journal.

use bytes::Bytes;

use super::*;
use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::time::Timestamp;

fn entry(number: u64, owner: Scope) -> Entry {
    Entry {
        number,
        at: Timestamp::EPOCH,
        owner,
        method: "POST".into(),
        path: "/v1/Auth/RefreshToken".into(),
        raw_query: Box::default(),
        headers: HeaderNames::default(),
        status: Some(if number.is_multiple_of(2) { 200 } else { 401 }),
        device_token: None,
        request_body: KeptBody::None,
        response_body: KeptBody::None,
        fault: None,
        hint: None,
    }
}

fn count(journal: &Journal, scope: Scope, wanted: &RequestMatch) -> usize {
    journal.find(scope, wanted, Page::default()).len()
}

const HERE: Scope = Scope::Instance(InstanceId::from_u128(1));
const THERE: Scope = Scope::Instance(InstanceId::from_u128(2));

#[test]
fn the_requests_of_one_instance_do_not_push_out_the_entries_of_another() {
    let journal = Journal::new(3);
    journal.push(entry(1, HERE));
    for number in 2..100 {
        journal.push(entry(number, THERE));
    }
    assert_eq!(count(&journal, HERE, &RequestMatch::any()), 1);
    assert_eq!(count(&journal, THERE, &RequestMatch::any()), 3);
    assert_eq!(count(&journal, Scope::Server, &RequestMatch::any()), 4);
    journal.clear(THERE);
    assert_eq!(count(&journal, Scope::Server, &RequestMatch::any()), 1);
}

#[test]
fn entries_are_found_by_match_after_a_number_and_up_to_a_limit() {
    let journal = Journal::new(10);
    for number in 1..=9 {
        journal.push(entry(number, if number.is_multiple_of(3) { HERE } else { THERE }));
    }
    let ok = RequestMatch::any().with_status(200);
    let numbers =
        |page| -> Vec<u64> { journal.find(Scope::Server, &ok, page).iter().map(|entry| entry.number).collect() };
    assert_eq!(numbers(Page::default()), [2, 4, 6, 8]);
    assert_eq!(numbers(Page::since(4)), [6, 8]);
    assert_eq!(numbers(Page { before: 6, ..Page::default() }), [2, 4]);
    assert_eq!(numbers(Page { limit: 2, ..Page::default() }), [6, 8]);
    assert_eq!(numbers(Page { limit: 2, takes_first: true, ..Page::default() }), [2, 4]);
}

#[test]
fn a_near_miss_names_the_criterion_that_is_not_met() {
    let journal = Journal::new(10);
    journal.push(entry(1, HERE));
    let wanted = RequestMatch::path("*Login").with_status(401);
    let misses = journal.nearest(HERE, &wanted, 0);
    assert_eq!(misses[0].differences[0].criterion, "path");
    assert_eq!(misses[0].differences.len(), 1);
}

#[test]
fn a_registration_is_found_by_the_new_user() {
    let user = DeviceToken::from_u128(7);
    let body = Bytes::from(format!(r#"{{"Result":{{"DeviceToken":"{user}"}}}}"#));
    let journal = Journal::new(10);
    journal.push(Entry { response_body: KeptBody::sharing(&body), ..entry(1, HERE) });
    assert_eq!(count(&journal, HERE, &RequestMatch::any().with_user(user)), 1);
}

#[test]
fn a_journal_of_size_0_keeps_nothing() {
    let journal = Journal::new(0);
    journal.push(entry(1, HERE));
    assert!(!journal.is_on());
    assert_eq!(count(&journal, Scope::Server, &RequestMatch::any()), 0);
}

#[test]
fn those_who_wait_hear_of_a_new_entry_of_their_scope_in_the_order_in_which_entries_are_added() {
    let journal = Journal::new(3);
    journal.push(entry(7, HERE));
    let (watch, position) = (journal.watch(), journal.position());
    assert!(!journal.has_new(Scope::Server, position, &[RequestMatch::any()]));
    journal.push(entry(5, HERE));
    assert!(watch.has_changed().unwrap());
    assert!(journal.has_new(HERE, position, &[RequestMatch::any().with_status(401)]));
    assert!(!journal.has_new(THERE, position, &[RequestMatch::any()]));
    assert!(!journal.has_new(HERE, position, &[RequestMatch::path("*Login")]));
}
