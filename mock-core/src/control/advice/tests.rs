use bytes::Bytes;
use proptest::prelude::*;
use telematics_contract::Call;

use super::*;
use crate::service::ids::{DeviceToken, InstanceId};
use crate::service::refusal::RefreshTokenFault;
use crate::service::time::Period;

const HERE: Scope = Scope::Instance(InstanceId::from_u128(1));
const START: Timestamp = Timestamp::from_seconds(1_767_225_600);
const ACCESS_SECONDS: u32 = 1000;
const USERS: &str = "/v1/Management/users";
const REFRESH: &str = "/v1/Auth/RefreshToken";
const LOGIN: &str = "/v1/Auth/Login";

/// An app of one user, and the advice about it. Both clocks stand still unless it waits.
struct App {
    advice: Advice,
    number: u64,
    now: Timestamp,
    /// The refresh token that the app has, as a number.
    token: u64,
    /// The number of the access token that the app has.
    access: u64,
    issued: Timestamp,
}

/// The end of a request of the app.
#[derive(Clone, Copy)]
struct End<'a> {
    answer: Answer,
    is_genuine: bool,
    refused: Option<Refused>,
    retry_after: Option<RetryAfter>,
    announces_end: bool,
    hint: Option<(Rule, &'a str)>,
}

const OK: End<'static> = End {
    answer: Answer::Status(200),
    is_genuine: true,
    refused: None,
    retry_after: None,
    announces_end: false,
    hint: None,
};
const EXPIRED: End<'static> =
    End { answer: Answer::Status(401), refused: Some(Refused::Expired { can_refresh: true }), ..OK };
const LOST: End<'static> = End { answer: Answer::Closed, is_genuine: false, ..OK };

const fn status(status: u16) -> End<'static> {
    End { answer: Answer::Status(status), ..OK }
}

const fn made_up(code: u16) -> End<'static> {
    End { is_genuine: false, ..status(code) }
}

const fn refused(fault: RefreshTokenFault, rule: Rule) -> End<'static> {
    End { refused: Some(Refused::RefreshToken(fault)), hint: Some((rule, "the sentence")), ..status(401) }
}

const REUSED: End<'static> = refused(RefreshTokenFault::AlreadyUsed, Rule::RefreshTokenReused);
const SUPERSEDED: End<'static> = refused(RefreshTokenFault::Superseded, Rule::RefreshTokenSuperseded);
const REVOKED: End<'static> = refused(RefreshTokenFault::Revoked, Rule::FamilyRevoked);
/// A login although a refresh would have done.
const NEEDLESS: End<'static> = End { hint: Some((Rule::LoginInsteadOfRefresh, "the sentence")), ..OK };

impl App {
    fn new() -> Self {
        Self { advice: Advice::default(), number: 0, now: START, token: 1, access: 1, issued: START }
    }

    fn wait(&mut self, milliseconds: i64) {
        self.now = self.now.plus(Period::from_micros(milliseconds * 1000));
    }

    fn arrival(&mut self, call: Option<Call>) -> Arrival {
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

    fn end(&self, arrival: &Arrival, path: &str, end: End<'_>) {
        let End { answer, is_genuine, refused, retry_after, announces_end, hint } = end;
        let status = if let Answer::Status(status) = answer { Some(status) } else { None };
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
            hint,
        };
        self.advice.end(arrival, &outcome, || self.now);
    }

    fn call(&mut self, end: End<'_>) {
        let arrival = self.arrival(Some(Call::ReadUser));
        self.advice.arrive(&arrival);
        self.end(&arrival, USERS, end);
    }

    fn start_refresh(&mut self) -> Arrival {
        let arrival = self.arrival(Some(Call::RefreshToken));
        self.advice.arrive(&arrival);
        arrival
    }

    fn end_refresh(&mut self, arrival: &Arrival, end: End<'_>) {
        self.end(arrival, REFRESH, end);
        if end.answer == Answer::Status(200) && end.is_genuine {
            (self.token, self.access, self.issued) = (self.token + 1, self.access + 1, self.now);
        }
    }

    fn refresh(&mut self, end: End<'_>) {
        let arrival = self.start_refresh();
        self.end_refresh(&arrival, end);
    }

    fn login(&mut self, end: End<'_>) {
        let arrival = self.arrival(Some(Call::Login));
        self.end(&arrival, LOGIN, end);
        if end.answer == Answer::Status(200) && end.is_genuine {
            (self.token, self.access, self.issued) = (self.token + 100, self.access + 1, self.now);
        }
    }

    fn found(&self) -> Vec<(Rule, u64)> {
        self.advice.findings(HERE).iter().map(|finding| (finding.rule, finding.count)).collect()
    }
}

#[test]
fn a_hint_is_counted_with_its_first_example() {
    let mut app = App::new();
    for path in ["/v1/registration", "/v1/regstration"] {
        let arrival = app.arrival(None);
        app.end(&arrival, path, End { hint: Some((Rule::UnknownPath, path)), ..status(404) });
    }
    let [finding] = &*app.advice.findings(HERE) else { panic!("one finding") };
    assert_eq!((finding.count, finding.first(), finding.last), (2, 1, 2));
    assert_eq!((&*finding.message, &*finding.example.path), ("/v1/registration", "/v1/registration"));
    assert_eq!(finding.example.status, Some(404));
}

#[test]
fn advice_about_a_scope_is_separate_and_can_be_cleared() {
    let mut app = App::new();
    let arrival = Arrival { has_secret_in_url: true, ..app.arrival(None) };
    app.end(&arrival, "/v1", status(404));
    let elsewhere = Scope::Instance(InstanceId::from_u128(2));
    assert!(app.advice.findings(elsewhere).is_empty());
    assert_eq!(app.advice.findings(Scope::Server).len(), 1);
    app.advice.clear(elsewhere);
    assert_eq!(app.found(), [(Rule::SecretInUrl, 1)]);
    app.advice.clear(HERE);
    assert!(app.found().is_empty() && !app.advice.is_watching.load(Ordering::Relaxed));
}

#[test]
fn a_secret_in_the_url_is_found_and_not_shown() {
    let mut app = App::new();
    let arrival = Arrival { has_secret_in_url: true, ..app.arrival(None) };
    app.end(&arrival, "/v1/Auth/eyJ0.canary.x", OK);
    assert_eq!(app.found(), [(Rule::SecretInUrl, 1)], "also if the call succeeds");
    assert!(!format!("{:?}", app.advice.findings(HERE)).contains("canary"));
}

#[test]
fn of_two_overlapping_refreshes_the_last_to_end_is_found() {
    let mut app = App::new();
    let (first, second) = (app.start_refresh(), app.start_refresh());
    app.end_refresh(&second, EXPIRED);
    assert!(app.found().is_empty(), "the other one may have been given up");
    app.end_refresh(&first, OK);
    assert_eq!(app.found(), [(Rule::ParallelRefreshes, 1)]);
    assert!(app.advice.findings(HERE)[0].message.contains("the same refresh token"));
}

#[test]
fn a_refresh_after_one_that_the_client_gave_up_is_not_parallel() {
    let mut app = App::new();
    let (first, second) = (app.start_refresh(), app.start_refresh());
    app.end_refresh(&first, End { answer: Answer::GaveUp, ..LOST });
    app.end_refresh(&second, OK);
    let first = app.start_refresh();
    app.wait(10_000);
    let second = app.start_refresh();
    app.end_refresh(&second, made_up(503));
    app.end_refresh(&first, made_up(503));
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_token_that_is_sent_again_after_its_refresh_was_answered_is_found_with_its_consequence() {
    let mut app = App::new();
    app.wait(900_000);
    app.refresh(OK);
    app.call(OK);
    app.token -= 1;
    app.refresh(REUSED);
    app.refresh(REVOKED);
    assert_eq!(app.found(), [(Rule::RefreshTokenReused, 1), (Rule::FamilyRevoked, 1)]);
    assert!(app.advice.awaited.is_none());
}

#[test]
fn an_old_pair_is_no_mistake_while_no_newer_access_token_has_come_back() {
    for is_login in [false, true] {
        let mut app = App::new();
        app.call(OK);
        // The answer is lost behind the server.
        let kept = (app.token, app.access, app.issued);
        if is_login {
            app.login(OK)
        } else {
            app.refresh(OK)
        };
        assert!(!app.advice.awaited.is_none());
        (app.token, app.access, app.issued) = kept;
        app.call(OK);
        app.refresh(if is_login { SUPERSEDED } else { REUSED });
        app.refresh(REVOKED);
        app.login(NEEDLESS);
        app.call(OK);
        assert!(app.found().is_empty(), "{:?}", app.found());
        app.advice.clear(HERE);
        assert!(app.advice.awaited.is_none());
    }
}

#[test]
fn a_token_that_the_app_never_used_is_not_its_mistake() {
    for refusal in [REUSED, SUPERSEDED, REVOKED] {
        let mut app = App::new();
        app.refresh(refusal);
        app.login(OK);
        assert!(app.found().is_empty(), "{:?}", app.found());
    }
}

#[test]
fn a_token_that_is_sent_again_after_a_lost_answer_is_no_mistake() {
    let mut app = App::new();
    app.refresh(LOST);
    app.refresh(REUSED);
    app.refresh(REVOKED);
    app.login(NEEDLESS);
    app.login(LOST);
    app.refresh(SUPERSEDED);
    app.login(NEEDLESS);
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_token_from_before_a_login_is_found() {
    let mut app = App::new();
    let old = (app.token, app.access);
    app.login(OK);
    app.call(OK);
    (app.token, app.access) = old;
    app.refresh(SUPERSEDED);
    assert_eq!(app.found(), [(Rule::RefreshTokenSuperseded, 1)]);
}

#[test]
fn a_second_login_with_a_good_refresh_token_is_found() {
    let mut app = App::new();
    app.login(NEEDLESS);
    assert!(app.found().is_empty(), "a test may have given the app nothing but the device token");
    app.login(NEEDLESS);
    assert_eq!(app.found(), [(Rule::LoginInsteadOfRefresh, 1)]);
}

#[test]
fn a_second_early_refresh_in_a_row_is_found_unless_a_401_came_before() {
    let mut app = App::new();
    app.refresh(OK);
    app.call(made_up(401));
    app.refresh(OK);
    app.wait(600_000);
    app.refresh(OK);
    app.refresh(OK);
    assert!(app.found().is_empty(), "{:?}", app.found());
    app.wait(400_000);
    app.refresh(OK);
    assert_eq!(app.found(), [(Rule::RefreshTooEarly, 1)]);
    assert!(app.advice.findings(HERE)[0].message.contains("600 of 1000 seconds"));
}

#[test]
fn an_early_refresh_after_one_that_failed_is_no_mistake() {
    let mut app = App::new();
    for _ in 0..3 {
        app.refresh(made_up(503));
        app.wait(1000);
        app.refresh(OK);
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn expired_calls_without_a_refresh_are_found_when_somebody_asks_and_when_the_user_logs_in() {
    let mut app = App::new();
    app.call(EXPIRED);
    assert!(app.found().is_empty());
    app.call(EXPIRED);
    assert_eq!(app.found(), [(Rule::NeverRefreshes, 1)]);
    app.login(OK);
    app.call(EXPIRED);
    assert_eq!(app.found(), [(Rule::NeverRefreshes, 1)]);
}

#[test]
fn calls_that_expire_side_by_side_before_a_refresh_are_no_mistake() {
    let mut app = App::new();
    for _ in 0..3 {
        app.call(EXPIRED);
    }
    app.refresh(REUSED);
    app.login(OK);
    let waiting: Vec<_> = (0..6).map(|_| app.arrival(Some(Call::ReadUser))).collect();
    for arrival in &waiting {
        app.wait(1);
        app.end(arrival, USERS, EXPIRED);
    }
    app.login(OK);
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_user_without_a_good_refresh_token_cannot_refresh() {
    let mut app = App::new();
    for _ in 0..3 {
        app.call(End { refused: Some(Refused::Expired { can_refresh: false }), ..EXPIRED });
    }
    assert!(app.found().is_empty());
}

#[test]
fn five_equal_failures_at_once_are_a_loop_whoever_made_them_up() {
    for failure in [made_up(503), status(422), LOST] {
        let mut app = App::new();
        for _ in 0..12 {
            app.call(failure);
            app.wait(20);
        }
        assert_eq!(app.found(), [(Rule::RetryWithoutPause, 1)], "a loop counts once");
    }
}

#[test]
fn a_pause_a_success_another_failure_and_new_tokens_end_a_loop() {
    let mut app = App::new();
    for pause in [10, 100, 200, 400, 800, 0, 0, 0] {
        app.call(made_up(503));
        app.wait(pause);
    }
    for _ in 0..3 {
        app.call(OK);
        app.call(made_up(500));
        app.call(made_up(502));
    }
    for _ in 0..8 {
        app.call(made_up(401));
        app.refresh(OK);
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn calls_with_another_body_are_no_loop() {
    let mut app = App::new();
    for body in ["a", "b", "c", "d", "e", "f"] {
        let arrival = Arrival { body: Bytes::from(body), ..app.arrival(Some(Call::UpdateUser)) };
        app.end(&arrival, USERS, status(422));
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn calls_that_are_sent_side_by_side_are_no_loop() {
    let mut app = App::new();
    let mut waiting: Vec<_> = (0..6).map(|_| app.arrival(Some(Call::ReadUser))).collect();
    for _ in 0..30 {
        app.wait(1);
        let ended = waiting.remove(0);
        app.end(&ended, USERS, End { retry_after: RetryAfter::parse("10"), ..made_up(429) });
        waiting.push(app.arrival(Some(Call::ReadUser)));
    }
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_call_before_the_time_of_retry_after_is_found() {
    let until = RetryAfter::Until(START.plus(Period::from_seconds(2)));
    for wait in [RetryAfter::Wait(Period::from_seconds(2)), until] {
        let mut app = App::new();
        app.call(End { retry_after: Some(wait), ..made_up(429) });
        app.wait(1000);
        app.call(OK);
        assert_eq!(app.found(), [(Rule::RetryAfterIgnored, 1)]);
        assert!(app.advice.findings(HERE)[0].message.contains("1 seconds before"));
        app.call(OK);
        assert_eq!(app.found(), [(Rule::RetryAfterIgnored, 1)], "a wait is ignored once");
    }
}

#[test]
fn a_call_after_the_time_of_retry_after_by_either_clock_is_no_mistake() {
    let mut app = App::new();
    let wait = End { retry_after: RetryAfter::parse("2"), ..made_up(503) };
    app.call(wait);
    app.wait(1950);
    app.call(wait);
    // The test moves the virtual clock instead of waiting.
    let arrival = app.arrival(Some(Call::ReadUser));
    app.now = app.now.plus(Period::from_seconds(2));
    app.end(&arrival, USERS, OK);
    assert!(app.found().is_empty(), "{:?}", app.found());
}

#[test]
fn a_device_token_in_the_headers_after_the_announcement_of_its_end_is_found() {
    let mut app = App::new();
    let announced = End { announces_end: true, ..OK };
    for (end, count) in
        [(OK, 0), (announced, 0), (announced, 1), (End { refused: Some(Refused::DeviceTokenSunset), ..status(401) }, 2)]
    {
        let arrival = Arrival { uses_device_token: true, ..app.arrival(Some(Call::ReadUser)) };
        app.end(&arrival, USERS, end);
        let found = app.found();
        assert_eq!(found.iter().map(|(_, count)| *count).sum::<u64>(), count, "{found:?}");
        assert!(found.iter().all(|(rule, _)| *rule == Rule::SunsetIgnored));
    }
}

/// What happens to a well-behaved app.
#[derive(Clone, Copy, Debug)]
enum Event {
    Call,
    LongPause,
    Rejected,
    RejectedByAFault,
    LostRefresh,
    LostBehindTheServer,
    RefusedRefresh,
    Unavailable,
    RateLimited(u32),
    SideBySide(u8),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Call),
        Just(Event::LongPause),
        Just(Event::Rejected),
        Just(Event::RejectedByAFault),
        Just(Event::LostRefresh),
        Just(Event::LostBehindTheServer),
        Just(Event::RefusedRefresh),
        Just(Event::Unavailable),
        (0..5_u32).prop_map(Event::RateLimited),
        (1..20_u8).prop_map(Event::SideBySide),
    ]
}

impl App {
    /// Does what a client does that follows the rules: one refresh after a 401, one login after a refused refresh, pauses that grow.
    fn behave(&mut self, event: Event) {
        match event {
            Event::Call => self.call(OK),
            Event::LongPause => {
                self.wait(950_000);
                self.refresh(OK);
                self.call(OK);
            }
            Event::Rejected | Event::RejectedByAFault => {
                self.call(if matches!(event, Event::Rejected) { EXPIRED } else { made_up(401) });
                self.refresh(OK);
                self.call(OK);
            }
            Event::LostRefresh => {
                self.call(EXPIRED);
                self.refresh(LOST);
                self.refresh(REUSED);
                self.login(NEEDLESS);
                self.call(OK);
            }
            Event::LostBehindTheServer => {
                self.call(EXPIRED);
                let kept = (self.token, self.access, self.issued);
                self.refresh(OK);
                (self.token, self.access, self.issued) = kept;
                self.refresh(REUSED);
                self.access += 1;
                self.login(NEEDLESS);
                self.call(OK);
            }
            Event::RefusedRefresh => {
                self.call(EXPIRED);
                self.refresh(REFRESH_EXPIRED);
                self.login(OK);
                self.call(OK);
            }
            Event::Unavailable => {
                for pause in [250, 500, 1000, 2000, 4000, 8000] {
                    self.call(made_up(503));
                    self.wait(pause);
                }
                self.call(OK);
            }
            Event::RateLimited(seconds) => {
                let wait = RetryAfter::Wait(Period::from_seconds(seconds));
                self.call(End { retry_after: Some(wait), ..made_up(429) });
                self.wait(i64::from(seconds) * 1000);
                self.call(OK);
            }
            Event::SideBySide(calls) => {
                let waiting: Vec<_> = (0..calls).map(|_| self.arrival(Some(Call::ReadUser))).collect();
                for arrival in &waiting {
                    self.wait(1);
                    self.end(arrival, USERS, EXPIRED);
                }
                self.refresh(OK);
                self.call(OK);
            }
        }
    }
}

/// The refresh token has expired.
const REFRESH_EXPIRED: End<'static> =
    End { refused: Some(Refused::RefreshToken(RefreshTokenFault::Expired)), ..status(401) };

proptest! {
    #[test]
    fn an_app_that_behaves_well_gets_no_advice_whatever_happens(events in prop::collection::vec(event(), 1..60)) {
        let mut app = App::new();
        for event in events {
            app.behave(event);
        }
        prop_assert!(app.found().is_empty(), "{:?}", app.advice.findings(HERE));
    }
}
