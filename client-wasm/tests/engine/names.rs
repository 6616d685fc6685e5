//! The names that JavaScript sees are those that `index.d.ts` declares.

use std::collections::BTreeSet;

use telematics_user_client::engine::ports::{ChangeKind, Origin, Reason};
use telematics_user_client::error::ErrorCode;

const TYPES: &str = include_str!("../../npm/index.d.ts");

/// The names of the union that follows `declaration`.
fn union(declaration: &str) -> BTreeSet<&'static str> {
    let (_, rest) = TYPES.split_once(declaration).unwrap();
    let (union, _) = rest.split_once(";\n").unwrap();
    let code = union.lines().filter(|line| !line.trim_start().starts_with("/**"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

#[test]
fn the_kinds_and_origins_of_a_change_are_those_that_are_declared() {
    use ChangeKind::{Expired, Reauthenticated, Refreshed, Registered, Restored, SignedIn, SignedOut};
    let kinds = [Registered, SignedIn, Refreshed, Restored, Reauthenticated, SignedOut, Expired];
    assert_eq!(union("type SessionChangeKind ="), kinds.map(ChangeKind::as_str).into());
    assert_eq!(union("readonly origin:"), [Origin::ThisTab, Origin::OtherTab].map(Origin::as_str).into());
}

#[test]
fn the_reasons_of_a_reauthentication_are_those_that_are_declared() {
    let reasons = [Reason::Expired, Reason::Rejected, Reason::NoToken, Reason::SignedOut].map(Reason::as_str);
    assert_eq!(union("readonly reason:"), reasons.into());
}

#[test]
fn the_codes_of_an_error_are_those_that_are_declared() {
    let codes = [
        ErrorCode::Network,
        ErrorCode::Timeout,
        ErrorCode::Aborted,
        ErrorCode::RateLimited,
        ErrorCode::Unauthorized,
        ErrorCode::SessionExpired,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::Validation,
        ErrorCode::Service,
        ErrorCode::Decode,
        ErrorCode::Storage,
        ErrorCode::NotSignedIn,
        ErrorCode::InvalidArgument,
        ErrorCode::Disposed,
    ];
    assert_eq!(union("type ErrorCode ="), codes.map(ErrorCode::as_str).into());
}
