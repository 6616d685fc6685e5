//! An app that follows the rules gets no advice.

use proptest::prelude::*;
use telematics_contract::Call;

use super::app::*;
use crate::control::advice::*;
use crate::service::refusal::RefreshTokenFault;
use crate::service::time::Period;

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
    /// Calls sent side by side that the server handles one after the other, with the status of their answers.
    InSequence(u8, u16),
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
        ((1..20_u8), prop_oneof![Just(401), Just(429), Just(500)])
            .prop_map(|(calls, status)| Event::InSequence(calls, status)),
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
                self.wait(1000);
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
            Event::InSequence(calls, status) => {
                let end = match status {
                    401 => EXPIRED,
                    429 => End { retry_after: RetryAfter::parse("1"), ..made_up(status) },
                    _ => made_up(status),
                };
                for _ in 0..calls {
                    self.wait_micros(100);
                    self.call(end);
                }
                if status == 401 {
                    self.refresh(OK);
                }
                self.wait(1000);
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
