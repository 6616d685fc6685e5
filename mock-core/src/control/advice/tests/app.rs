//! An app with one user, whose every step a test decides.

use bytes::Bytes;
use telematics_contract::Call;

use crate::control::advice::*;
use crate::control::hints::Hint;
use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::refusal::RefreshTokenFault;
use crate::service::time::Period;

pub(super) const HERE: Scope = Scope::Instance(InstanceId::from_u128(1));
pub(super) const START: Timestamp = Timestamp::from_seconds(1_767_225_600);
pub(super) const ACCESS_SECONDS: u32 = 1000;
pub(super) const USERS: &str = "/v1/Management/users";
pub(super) const REFRESH: &str = "/v1/Auth/RefreshToken";
pub(super) const LOGIN: &str = "/v1/Auth/Login";

/// An app of one user, and the advice about it. Both clocks stand still unless it waits.
pub(super) struct App {
    pub(super) advice: Advice,
    pub(super) number: u64,
    pub(super) now: Timestamp,
    /// The refresh token that the app has, as a number.
    pub(super) token: u64,
    /// The number of the access token that the app has.
    pub(super) access: u64,
    pub(super) issued: Timestamp,
}

/// The end of a request of the app.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub(super) answer: Answer,
    pub(super) is_genuine: bool,
    pub(super) refused: Option<Refused>,
    pub(super) retry_after: Option<RetryAfter>,
    pub(super) announces_end: bool,
    pub(super) hint: Option<(Rule, &'a str)>,
}

pub(super) const OK: End<'static> = End {
    answer: Answer::Status(200),
    is_genuine: true,
    refused: None,
    retry_after: None,
    announces_end: false,
    hint: None,
};
pub(super) const EXPIRED: End<'static> =
    End { answer: Answer::Status(401), refused: Some(Refused::Expired { can_refresh: true }), ..OK };
pub(super) const LOST: End<'static> = End { answer: Answer::Closed, is_genuine: false, ..OK };

pub(super) const fn status(status: u16) -> End<'static> {
    End { answer: Answer::Status(status), ..OK }
}

pub(super) const fn made_up(code: u16) -> End<'static> {
    End { is_genuine: false, ..status(code) }
}

pub(super) const fn refused(fault: RefreshTokenFault, rule: Rule) -> End<'static> {
    End { refused: Some(Refused::RefreshToken(fault)), hint: Some((rule, "the sentence")), ..status(401) }
}

pub(super) const REUSED: End<'static> = refused(RefreshTokenFault::AlreadyUsed, Rule::RefreshTokenReused);
pub(super) const SUPERSEDED: End<'static> = refused(RefreshTokenFault::Superseded, Rule::RefreshTokenSuperseded);
pub(super) const REVOKED: End<'static> = refused(RefreshTokenFault::Revoked, Rule::FamilyRevoked);
/// A login although a refresh would have done.
pub(super) const NEEDLESS: End<'static> = End { hint: Some((Rule::LoginInsteadOfRefresh, "the sentence")), ..OK };

impl App {
    pub(super) fn new() -> Self {
        Self { advice: Advice::default(), number: 0, now: START, token: 1, access: 1, issued: START }
    }

    pub(super) fn wait(&mut self, milliseconds: i64) {
        self.wait_micros(milliseconds * 1000);
    }

    pub(super) fn wait_micros(&mut self, microseconds: i64) {
        self.now = self.now.plus(Period::from_micros(microseconds));
    }

    pub(super) fn arrival(&mut self, call: Option<Call>) -> Arrival {
        self.number += 1;
        let is_refresh = call == Some(Call::RefreshToken);
        let expires = self.issued.plus(Period::from_seconds(ACCESS_SECONDS));
        Arrival {
            number: self.number,
            owner: HERE,
            call,
            actor: Some(Actor::User(DeviceToken::from_u128(7))),
            at: self.now,
            access_number: (call != Some(Call::Login)).then_some(self.access),
            lifetime: is_refresh.then_some((self.issued, expires)),
            refresh_token: is_refresh.then_some(self.token),
            body: Bytes::new(),
            has_secret_in_url: false,
            uses_device_token: false,
        }
    }

    pub(super) fn end(&self, arrival: &Arrival, path: &str, end: End<'_>) {
        let End { answer, is_genuine, refused, retry_after, announces_end, hint } = end;
        let status = if let Answer::Status(status) = answer { Some(status) } else { None };
        let hints: Vec<_> =
            hint.map(|(rule, text)| Hint { rule: Some(rule), text: text.to_owned() }).into_iter().collect();
        let outcome = Outcome {
            method: "GET",
            path,
            query: "",
            at: self.now,
            status,
            answer,
            is_genuine,
            refused,
            retry_after,
            announces_end,
            hints: &hints,
        };
        self.advice.end(arrival, &outcome, || self.now);
    }

    pub(super) fn call(&mut self, end: End<'_>) {
        let arrival = self.arrival(Some(Call::ReadUser));
        self.advice.arrive(&arrival);
        self.end(&arrival, USERS, end);
    }

    pub(super) fn start_refresh(&mut self) -> Arrival {
        let arrival = self.arrival(Some(Call::RefreshToken));
        self.advice.arrive(&arrival);
        arrival
    }

    pub(super) fn end_refresh(&mut self, arrival: &Arrival, end: End<'_>) {
        self.end(arrival, REFRESH, end);
        if end.answer == Answer::Status(200) && end.is_genuine {
            (self.token, self.access, self.issued) = (self.token + 1, self.access + 1, self.now);
        }
    }

    pub(super) fn refresh(&mut self, end: End<'_>) {
        let arrival = self.start_refresh();
        self.end_refresh(&arrival, end);
    }

    pub(super) fn login(&mut self, end: End<'_>) {
        let arrival = self.arrival(Some(Call::Login));
        self.end(&arrival, LOGIN, end);
        if end.answer == Answer::Status(200) && end.is_genuine {
            (self.token, self.access, self.issued) = (self.token + 100, self.access + 1, self.now);
        }
    }

    pub(super) fn found(&self) -> Vec<(Rule, u64)> {
        self.advice.findings(HERE).iter().map(|finding| (finding.rule, finding.count)).collect()
    }
}
