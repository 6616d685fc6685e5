//! Callers that register many users.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use anyhow::{Context as _, Result};

use crate::caller::Caller;
use crate::calls::{CREATE, Pair, client_id, email};
use crate::http::{text_field, write_post};
use crate::server::Instance;

/// Registers users, each with an e-mail address and a `ClientId` of its own, until a common number is used up.
pub(crate) struct Register {
    headers: String,
    numbers: Rc<Cell<usize>>,
    end: usize,
    sent: usize,
    keep_every: usize,
    kept: Rc<RefCell<Vec<Registered>>>,
}

/// A user whose tokens were kept.
#[derive(Clone)]
pub(crate) struct Registered {
    /// The number in the e-mail address and in the `ClientId`.
    pub(crate) number: usize,
    /// The permanent id.
    pub(crate) device_token: String,
    /// The tokens of the registration.
    pub(crate) pair: Pair,
}

impl Registered {
    /// The user in the answer to `Create`, with the number 0.
    ///
    /// # Errors
    /// If the answer has no DeviceToken or no tokens.
    pub(crate) fn find(body: &str) -> Result<Self> {
        let device_token = text_field(body, "\"DeviceToken").context("a registration gave no DeviceToken")?;
        Ok(Self { number: 0, device_token: device_token.to_owned(), pair: Pair::find(body)? })
    }

    /// The users in the answer to `CreateMultiple`.
    pub(crate) fn find_all(body: &str) -> impl Iterator<Item = Result<Self>> {
        // The DeviceToken is the first member of each user.
        body.split("{\"DeviceToken\"").skip(1).map(|user| Self::find(&["\"DeviceToken\"", user].concat()))
    }
}

impl Register {
    /// `count` callers that together register the users `numbers`, and keep the tokens of every `keep_every`th.
    pub(crate) fn together(
        count: usize,
        instance: &Instance,
        numbers: Range<usize>,
        keep_every: usize,
    ) -> (Vec<Self>, Rc<RefCell<Vec<Registered>>>) {
        let (next, kept) = (Rc::new(Cell::new(numbers.start)), Rc::default());
        let caller = |_| Self {
            headers: instance.headers(),
            numbers: Rc::clone(&next),
            end: numbers.end,
            sent: 0,
            keep_every,
            kept: Rc::clone(&kept),
        };
        ((0..count).map(caller).collect(), Rc::clone(&kept))
    }
}

impl Caller for Register {
    fn request(&mut self, out: &mut Vec<u8>) -> bool {
        self.sent = self.numbers.get();
        if self.sent == self.end {
            return false;
        }
        self.numbers.set(self.sent + 1);
        let (email, client_id) = (email(self.sent), client_id(self.sent));
        let body = format!(r#"{{"Email":"{email}","UserFields":{{"ClientId":"{client_id}"}}}}"#);
        write_post(out, CREATE, &self.headers, &body);
        true
    }

    fn answer(&mut self, body: &str) -> Result<()> {
        if self.sent.is_multiple_of(self.keep_every) {
            let registered = Registered { number: self.sent, ..Registered::find(body)? };
            self.kept.borrow_mut().push(registered);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_of_a_batch_is_found_with_its_own_tokens() {
        let user = |name: &str| {
            format!(
                r#"{{"DeviceToken":"d{name}","AccessToken":{{"Token":"a{name}","ExpiresIn":1}},"RefreshToken":"r{name}"}}"#
            )
        };
        let body = format!(r#"{{"Result":[{},{}],"Status":200}}"#, user("1"), user("2"));
        let users: Vec<_> = Registered::find_all(&body).map(Result::unwrap).collect();
        let texts: Vec<_> =
            users.iter().map(|user| [&user.device_token, &user.pair.access, &user.pair.refresh]).collect();
        assert_eq!(texts, [["d1", "a1", "r1"], ["d2", "a2", "r2"]]);
    }

    fn sent(caller: &mut impl Caller) -> String {
        let mut out = Vec::new();
        assert!(caller.request(&mut out));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn callers_that_register_together_share_the_numbers() {
        let instance = Instance { instance_id: "i".to_owned(), instance_key: "k".to_owned() };
        let (mut callers, _) = Register::together(2, &instance, 7..9, 1);
        let [first, second] = &mut callers[..] else { panic!() };
        assert!(sent(first).contains("user-7@example.com"));
        assert!(sent(second).contains("client-8"));
        assert!(!first.request(&mut Vec::new()));
    }
}
