//! What the contract says about tokens, once more and as simply as can be: no secrets, no signatures, only who holds what.

use telematics_mock::service::tokens::Rotation;

/// How long things live in the model's world, in seconds; short, so that a life sees the end of some.
pub const REGISTRATION_TOKEN: u64 = 100;
pub const LOGIN_TOKEN: u64 = 50;
pub const REFRESH_TOKEN: u64 = 300;
pub const GRACE: u64 = 10;

/// How an act ends; the numbers are those of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returns nothing.
    Done,
    /// It returns a pair of tokens that was never seen before.
    NewPair,
    /// It returns that pair once more.
    SamePair(usize),
    /// It registers a user without tokens.
    NoPair,
    /// It does not happen.
    Refused(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    Deactivated,
    Deleted,
}

/// What is changed about a user.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    Status(Status),
    Enabled(bool),
}

/// Which tokens are expired.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Access,
    Refresh,
    All,
}

#[derive(Debug)]
struct User {
    /// Which DeviceToken; an earlier user may have had the same.
    device: usize,
    exists: bool,
    enabled: bool,
    status: Status,
    family: Option<Family>,
    families: usize,
}

/// The live family of a user.
#[derive(Debug)]
struct Family {
    number: usize,
    /// The pair that counts.
    current: usize,
    generation: usize,
    expires: u64,
    dead: bool,
    /// When each generation before was used.
    used: Vec<u64>,
}

/// A pair that was given out.
#[derive(Debug)]
struct Pair {
    user: usize,
    family: usize,
    generation: usize,
    access_expires: u64,
}

/// The world as it ought to be.
#[derive(Debug)]
pub struct Model {
    rotation: Rotation,
    pub now: u64,
    users: Vec<User>,
    pairs: Vec<Pair>,
}

impl Model {
    pub const fn new(rotation: Rotation) -> Self {
        Self { rotation, now: 0, users: Vec::new(), pairs: Vec::new() }
    }

    /// Whose pair it is: the device of that user.
    pub fn device_of(&self, pair: usize) -> usize {
        self.users[self.pairs[pair].user].device
    }

    /// Whether two pairs are one user's.
    pub fn are_of_one_user(&self, a: usize, b: usize) -> bool {
        self.pairs[a].user == self.pairs[b].user
    }

    fn holder(&self, device: usize) -> Option<usize> {
        self.users.iter().position(|user| user.device == device && user.exists)
    }

    /// What keeps the user out, as a status.
    fn barred(&self, user: usize) -> Result<(), u16> {
        let User { exists, status, enabled, .. } = &self.users[user];
        match status {
            _ if !exists => Err(401),
            Status::Deleted => Err(401),
            Status::Deactivated => Err(403),
            Status::Active if !enabled => Err(403),
            Status::Active => Ok(()),
        }
    }

    fn give(&mut self, user: usize, family: usize, generation: usize, lifetime: u64) -> usize {
        self.pairs.push(Pair { user, family, generation, access_expires: self.now + lifetime });
        self.pairs.len() - 1
    }

    fn start_family(&mut self, user: usize, lifetime: u64) -> Outcome {
        self.users[user].families += 1;
        let number = self.users[user].families;
        let current = self.give(user, number, 0, lifetime);
        let expires = self.now + REFRESH_TOKEN;
        self.users[user].family =
            Some(Family { number, current, generation: 0, expires, dead: false, used: Vec::new() });
        Outcome::NewPair
    }

    pub fn register(&mut self, device: usize, with_tokens: bool) -> Outcome {
        if self.holder(device).is_some() {
            return Outcome::Refused(422);
        }
        self.users.push(User {
            device,
            exists: true,
            enabled: true,
            status: Status::Active,
            family: None,
            families: 0,
        });
        let user = self.users.len() - 1;
        if with_tokens { self.start_family(user, REGISTRATION_TOKEN) } else { Outcome::NoPair }
    }

    pub fn login(&mut self, device: usize, with_right_key: bool) -> Outcome {
        let Some(user) = self.holder(device).filter(|_| with_right_key) else { return Outcome::Refused(401) };
        match self.barred(user) {
            Err(status) => Outcome::Refused(status),
            Ok(()) => self.start_family(user, LOGIN_TOKEN),
        }
    }

    /// A refresh with the access token of one pair and the refresh token of another, or of the same.
    pub fn refresh(&mut self, access: usize, refresh: usize) -> Outcome {
        let user = self.pairs[access].user;
        if let Err(status) = self.barred(user) {
            return Outcome::Refused(status);
        }
        let Pair { user: owner, family: number, generation, .. } = self.pairs[refresh];
        let (now, rotation) = (self.now, self.rotation);
        let Some(family) = &mut self.users[user].family else { return Outcome::Refused(401) };
        let belongs = owner == user && number == family.number;
        if !belongs || family.dead || now >= family.expires {
            return Outcome::Refused(401);
        }
        if generation < family.generation {
            return match rotation {
                Rotation::Grace(_) if now < family.used[generation] + GRACE => Outcome::SamePair(family.current),
                Rotation::Reuse => Outcome::Refused(401),
                Rotation::Strict | Rotation::Grace(_) | Rotation::Off => {
                    family.dead = true;
                    Outcome::Refused(401)
                }
            };
        }
        let next = if rotation == Rotation::Off { generation } else { generation + 1 };
        if next > generation {
            family.used.push(now);
        }
        let current = self.give(user, number, next, LOGIN_TOKEN);
        let family = self.users[user].family.as_mut().expect("it was there a moment ago");
        (family.generation, family.current, family.expires) = (next, current, now + REFRESH_TOKEN);
        Outcome::NewPair
    }

    /// A call with the access token of that pair.
    pub fn call(&self, pair: usize) -> Outcome {
        let Pair { user, access_expires, .. } = self.pairs[pair];
        if self.now >= access_expires {
            return Outcome::Refused(401);
        }
        self.barred(user).map_or_else(Outcome::Refused, |()| Outcome::Done)
    }

    fn apply(&mut self, user: usize, change: Change) {
        match change {
            Change::Status(status) => self.users[user].status = status,
            Change::Enabled(enabled) => self.users[user].enabled = enabled,
        }
    }

    /// A change of the own record, with the access token of that pair.
    pub fn update(&mut self, pair: usize, change: Change) -> Outcome {
        let outcome = self.call(pair);
        if outcome == Outcome::Done {
            self.apply(self.pairs[pair].user, change);
        }
        outcome
    }

    /// A change by an admin.
    pub fn manage(&mut self, device: usize, change: Change) -> Outcome {
        let Some(user) = self.holder(device) else { return Outcome::Refused(404) };
        self.apply(user, change);
        Outcome::Done
    }

    pub fn delete(&mut self, device: usize) -> Outcome {
        let Some(user) = self.holder(device) else { return Outcome::Refused(404) };
        self.users[user].exists = false;
        Outcome::Done
    }

    /// The control API's "expire now".
    pub fn expire(&mut self, device: usize, kind: Kind) -> Outcome {
        let Some(user) = self.holder(device) else { return Outcome::Refused(404) };
        if matches!(kind, Kind::Access | Kind::All) {
            let now = self.now;
            for pair in self.pairs.iter_mut().filter(|pair| pair.user == user) {
                pair.access_expires = pair.access_expires.min(now);
            }
        }
        if let (Kind::Refresh | Kind::All, Some(family)) = (kind, &mut self.users[user].family) {
            family.dead = true;
        }
        Outcome::Done
    }
}
