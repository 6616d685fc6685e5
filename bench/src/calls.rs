//! The calls that are measured: each a caller that makes requests and checks their answers.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};

use crate::http::{text_field, write_get, write_post};
use crate::load::Caller;
use crate::server::Instance;

/// The path of the health check.
pub(crate) const HEALTH: &str = "/__mock/health";
/// The path of a refresh.
pub(crate) const REFRESH: &str = "/v1/Auth/RefreshToken";
/// The path of a registration.
pub(crate) const CREATE: &str = "/v1/Registration/Create";
/// The path of a user's own record.
pub(crate) const USERS: &str = "/v1/Management/users";
/// The path of a login.
pub(crate) const LOGIN: &str = "/v1/Auth/Login";

impl Instance {
    /// The two headers that name the instance and prove to know its key.
    pub(crate) fn headers(&self) -> String {
        format!("InstanceId: {}\r\nInstanceKey: {}\r\n", self.instance_id, self.instance_key)
    }
}

/// The header that carries an access token.
pub(crate) fn bearer(access_token: &str) -> String {
    format!("Authorization: Bearer {access_token}\r\n")
}

/// An access token and a refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// The JWT.
    pub(crate) access: String,
    /// The refresh token.
    pub(crate) refresh: String,
}

impl Pair {
    /// The pair in the answer to a registration, a login or a refresh.
    ///
    /// # Errors
    /// If the body has none.
    pub(crate) fn find(body: &str) -> Result<Self> {
        let field = |name| text_field(body, name).map(str::to_owned);
        let access = field("\"Token").context("the answer has no access token")?;
        let refresh = field("\"RefreshToken").context("the answer has no refresh token")?;
        Ok(Self { access, refresh })
    }
}

/// Sends one request again and again; each answer must contain a text.
pub(crate) struct Repeat {
    request: Vec<u8>,
    expected: &'static str,
}

impl Repeat {
    /// `GET path`.
    pub(crate) fn get(path: &str, headers: &str, expected: &'static str) -> Self {
        let mut request = Vec::new();
        write_get(&mut request, path, headers);
        Self { request, expected }
    }

    /// `POST path` with a JSON body.
    pub(crate) fn post(path: &str, headers: &str, body: &str, expected: &'static str) -> Self {
        let mut request = Vec::new();
        write_post(&mut request, path, headers, body);
        Self { request, expected }
    }
}

impl Caller for Repeat {
    fn request(&mut self, out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(&self.request);
        true
    }

    fn answer(&mut self, body: &str) -> Result<()> {
        if !body.contains(self.expected) {
            bail!("the answer does not contain {}: {body}", self.expected);
        }
        Ok(())
    }
}

/// Refreshes the tokens of some users in turn; each refresh uses the pair of the one before.
pub(crate) struct Refresh {
    users: Vec<Pair>,
    next: usize,
    rotates: bool,
}

impl Refresh {
    /// For a server that rotates refresh tokens: every answer must bring a new one.
    pub(crate) fn rotating(users: Vec<Pair>) -> Self {
        Self { users, next: 0, rotates: true }
    }

    /// For a baseline whose answer is always the same; the work of the client is that of [`Refresh::rotating`].
    pub(crate) fn fixed(user: Pair) -> Self {
        Self { users: vec![user], next: 0, rotates: false }
    }
}

impl Caller for Refresh {
    fn request(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(Pair { access, refresh }) = self.users.get(self.next) else { return false };
        let body = ["{\"AccessToken\":\"", access, "\",\"RefreshToken\":\"", refresh, "\"}"].concat();
        write_post(out, REFRESH, "", &body);
        true
    }

    fn answer(&mut self, body: &str) -> Result<()> {
        let pair = Pair::find(body)?;
        let user = self.users.get_mut(self.next).context("no user is left")?;
        let is_new = pair.access != user.access && pair.refresh != user.refresh;
        if self.rotates && !is_new {
            bail!("a refresh gave the old tokens again");
        }
        *user = pair;
        self.next = (self.next + 1) % self.users.len();
        Ok(())
    }
}

/// Registers users, each with an e-mail address and a `ClientId` of its own, until a common number is used up.
pub(crate) struct Register {
    headers: String,
    numbers: Rc<Cell<usize>>,
    end: usize,
    sent: usize,
    keep_every: usize,
    kept: Rc<std::cell::RefCell<Vec<Registered>>>,
}

/// A user whose tokens were kept.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    /// The number in the e-mail address and in the `ClientId`.
    pub(crate) number: usize,
    /// The permanent id.
    pub(crate) device_token: String,
    /// The tokens of the registration.
    pub(crate) pair: Pair,
}

/// The e-mail address of user `number`.
pub(crate) fn email(number: usize) -> String {
    format!("user-{number}@example.com")
}

/// The `ClientId` of user `number`.
pub(crate) fn client_id(number: usize) -> String {
    format!("client-{number}")
}

impl Register {
    /// `count` callers that together register the users `numbers`, and keep the tokens of every `keep_every`th.
    pub(crate) fn together(
        count: usize,
        instance: &Instance,
        numbers: std::ops::Range<usize>,
        keep_every: usize,
    ) -> (Vec<Self>, Rc<std::cell::RefCell<Vec<Registered>>>) {
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
            let device_token = text_field(body, "\"DeviceToken").context("a registration gave no DeviceToken")?;
            let registered =
                Registered { number: self.sent, device_token: device_token.to_owned(), pair: Pair::find(body)? };
            self.kept.borrow_mut().push(registered);
        }
        Ok(())
    }
}

impl<C: Caller + ?Sized> Caller for Box<C> {
    fn request(&mut self, out: &mut Vec<u8>) -> bool {
        (**self).request(out)
    }

    fn answer(&mut self, body: &str) -> Result<()> {
        (**self).answer(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(number: u32) -> Pair {
        Pair { access: format!("a{number}"), refresh: format!("r{number}") }
    }

    fn answer(number: u32) -> String {
        format!(r#"{{"Result":{{"AccessToken":{{"Token":"a{number}","ExpiresIn":1}},"RefreshToken":"r{number}"}}}}"#)
    }

    fn sent(caller: &mut impl Caller) -> String {
        let mut out = Vec::new();
        assert!(caller.request(&mut out));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_refresh_uses_the_pair_of_the_one_before() {
        let mut caller = Refresh::rotating(vec![pair(1)]);
        assert!(sent(&mut caller).ends_with(r#"{"AccessToken":"a1","RefreshToken":"r1"}"#));
        caller.answer(&answer(2)).unwrap();
        assert!(sent(&mut caller).ends_with(r#"{"AccessToken":"a2","RefreshToken":"r2"}"#));
    }

    #[test]
    fn users_are_refreshed_in_turn() {
        let mut caller = Refresh::rotating(vec![pair(1), pair(2)]);
        caller.answer(&answer(3)).unwrap();
        assert!(sent(&mut caller).contains("\"a2\""));
        caller.answer(&answer(4)).unwrap();
        assert!(sent(&mut caller).contains("\"a3\""));
    }

    #[test]
    fn a_refresh_that_gives_the_old_tokens_again_is_a_failure_unless_the_answer_is_fixed() {
        assert!(Refresh::rotating(vec![pair(1)]).answer(&answer(1)).is_err());
        assert!(Refresh::fixed(pair(1)).answer(&answer(1)).is_ok());
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
