//! Callers: each makes requests and checks their answers.

use std::rc::Rc;

use anyhow::{Context as _, Result, bail};

use crate::caller::Caller;
use crate::calls::{Pair, REFRESH};
use crate::http::{write_get, write_post};

/// A request whose answer is known in part.
#[derive(Clone)]
pub(crate) struct Exchange {
    request: Vec<u8>,
    expected: String,
}

impl Exchange {
    /// `GET path`; the answer must contain `expected`.
    pub(crate) fn get(path: &str, headers: &str, expected: &str) -> Self {
        let mut request = Vec::new();
        write_get(&mut request, path, headers);
        Self { request, expected: expected.to_owned() }
    }

    /// `POST path` with a JSON body; the answer must contain `expected`.
    pub(crate) fn post(path: &str, headers: &str, body: &str, expected: &str) -> Self {
        let mut request = Vec::new();
        write_post(&mut request, path, headers, body);
        Self { request, expected: expected.to_owned() }
    }
}

/// Sends some requests in turn, without an end or a given number of times.
pub(crate) struct Cycle {
    exchanges: Rc<[Exchange]>,
    next: usize,
    left: Option<usize>,
}

impl Cycle {
    /// All of `exchanges` in turn, without an end.
    pub(crate) fn new(exchanges: impl Into<Rc<[Exchange]>>) -> Self {
        Self { exchanges: exchanges.into(), next: 0, left: None }
    }

    /// One request, once.
    pub(crate) fn once(exchange: Exchange) -> Self {
        Self { left: Some(1), ..Self::new([exchange]) }
    }
}

impl Caller for Cycle {
    fn request(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(exchange) = self.exchanges.get(self.next).filter(|_| self.left != Some(0)) else { return false };
        self.left = self.left.map(|left| left - 1);
        out.extend_from_slice(&exchange.request);
        true
    }

    fn answer(&mut self, body: &str) -> Result<()> {
        let exchange = self.exchanges.get(self.next).context("an answer came without a request")?;
        if !body.contains(&exchange.expected) {
            // The body may hold tokens, so it is not shown.
            bail!("the answer does not contain {}", exchange.expected);
        }
        self.next = (self.next + 1) % self.exchanges.len();
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
    fn a_cycle_sends_its_requests_in_turn_and_checks_each_answer() {
        let exchanges = ["1", "2"].map(|number| Exchange::get(&format!("/{number}"), "", number));
        let mut caller = Cycle::new(exchanges);
        assert!(sent(&mut caller).starts_with("GET /1 "));
        caller.answer("1").unwrap();
        assert!(sent(&mut caller).starts_with("GET /2 "));
        assert!(caller.answer("1").is_err());
        caller.answer("2").unwrap();
        assert!(sent(&mut caller).starts_with("GET /1 "));
    }

    #[test]
    fn a_request_that_is_sent_once_has_no_successor() {
        let mut caller = Cycle::once(Exchange::get("/", "", ""));
        sent(&mut caller);
        caller.answer("").unwrap();
        assert!(!caller.request(&mut Vec::new()));
    }
}
