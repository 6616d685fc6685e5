//! A user service with one family of tokens for each user.

use serde_json::{Value, json};

use crate::world::paths::{LOGIN, REFRESH};
use crate::world::{Request, failure, success, tokens};

/// A user service with one family of tokens for each user.
#[derive(Default)]
pub struct Server {
    /// The number of the last pair of tokens.
    pub pair: u32,
    /// The pair whose refresh token is alive; 0 if the family is dead.
    pub alive: u32,
    /// The number of the oldest access token that the server accepts.
    pub valid_from: u32,
    /// The number of the user.
    pub user: u32,
    /// Successful refreshes since the tokens last expired or the user changed.
    pub rotations: u32,
    /// The number of reuses of a refresh token.
    pub reuses: u32,
    /// The number of rotations that are due; `None` if it is not limited.
    pub allowance: Option<u32>,
}

impl Server {
    /// Stops counting rotations: tabs without locks may rotate more often than necessary.
    pub fn unlimited(self) -> Self {
        Self { allowance: None, ..self }
    }

    /// Makes another rotation legitimate.
    pub fn allow_rotation(&mut self) {
        self.allowance = self.allowance.map(|allowance| allowance + 1);
    }

    pub fn device(&self) -> String {
        format!("device-{}", self.user)
    }

    pub fn pair(&mut self) -> (u16, Value) {
        self.pair += 1;
        self.alive = self.pair;
        (200, tokens(&self.device(), self.pair))
    }

    pub fn handle(&mut self, request: &Request) -> (u16, Value) {
        let refused = |status| (status, failure(status));
        match request.path().as_str() {
            REFRESH => {
                let alive = format!("refresh-{}", self.alive);
                if self.alive == 0 || request.body()["RefreshToken"] != alive.as_str() {
                    // Reuse: a thief may have the token.
                    self.alive = 0;
                    self.reuses += 1;
                    return refused(401);
                }
                self.rotations += 1;
                self.pair()
            }
            LOGIN => {
                if request.body()["LoginFields"]["Devicetoken"] != self.device().as_str() {
                    return refused(401);
                }
                self.allow_rotation();
                self.pair()
            }
            _ => {
                let number = request.bearer().map_or(0, number);
                if number >= self.valid_from { (200, success(&json!({}))) } else { refused(401) }
            }
        }
    }

    /// Ends every access token.
    pub fn expire(&mut self) {
        self.valid_from = self.pair + 1;
        self.rotations = 0;
        self.allowance = self.allowance.map(|_| 1);
    }
}

pub fn number(token: &str) -> u32 {
    token.rsplit('-').next().unwrap().parse().unwrap()
}
