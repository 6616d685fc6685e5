//! The clocks, the codec, `reauthenticate` and the listener.

use std::future::poll_fn;
use std::task::Poll;

use telematics_contract::auth::TokensResponse;
use telematics_user_client::engine::clock::Clock;
use telematics_user_client::engine::ports::{ChangeKind, Listener, Origin, Reason, Reauthentication};
use telematics_user_client::engine::session::Session;
use telematics_user_client::error::{Error, ErrorCode};
use telematics_user_client::wire::{Codec, Object};

use super::World;
use crate::json::Parsed;

impl Clock for World {
    fn monotonic_ms(&self) -> u64 {
        self.0.shared.monotonic_ms.get()
    }

    fn wall_ms(&self) -> u64 {
        self.0.shared.wall_ms.get()
    }

    async fn sleep(&self, ms: u32) {
        let until = self.monotonic_ms() + u64::from(ms);
        poll_fn(|context| {
            if self.monotonic_ms() >= until {
                return Poll::Ready(());
            }
            self.0.shared.sleepers.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Codec for World {
    type Value = Parsed;

    fn encode(&self, object: &Object) -> String {
        serde_json::to_string(object).unwrap()
    }

    fn parse(&self, json: &str) -> Option<Parsed> {
        Parsed::from_text(json)
    }
}

impl Reauthentication for World {
    fn can_reauthenticate(&self) -> bool {
        self.0.reauthentication.borrow().is_some()
    }

    async fn reauthenticate(&self, device_token: Option<&str>, reason: Reason) -> Result<TokensResponse, Error> {
        self.0.reauthentication_users.borrow_mut().push(device_token.map(str::to_owned));
        self.0.reauthentication_reasons.borrow_mut().push(reason);
        let answer = self.0.reauthentication.borrow().clone().expect("there is no reauthenticate");
        answer.wait().await
    }
}

impl Listener for World {
    fn changed(&self, kind: ChangeKind, session: Option<&Session>, origin: Origin) {
        self.0.origins.borrow_mut().push(origin);
        let user = session.map(|session| session.device_token.clone());
        self.0.changes.borrow_mut().push((kind, user));
    }

    fn warned(&self, _code: ErrorCode, _message: &str) {
        self.0.warnings.set(self.0.warnings.get() + 1);
    }
}
