//! A model of the contract's rules about tokens, as simple as possible: no secrets and no signatures, only who holds which
//! pair.

/// The rotation preset; the grace period of `Grace` is [`GRACE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    Strict,
    Grace,
    Reuse,
    Off,
    HydraGrace,
    Supabase,
    Keycloak,
}

impl Rotation {
    /// Whether more than one refresh token of a user can work at the same time.
    pub const fn allows_several(self) -> bool {
        matches!(self, Self::HydraGrace | Self::Keycloak)
    }
}

// Lifetimes in seconds; so short that some tokens expire during a sequence.
pub const REGISTRATION_TOKEN: u64 = 100;
pub const LOGIN_TOKEN: u64 = 50;
pub const REFRESH_TOKEN: u64 = 300;
pub const GRACE: u64 = 10;

/// The outcome of an action; a number is a status of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeds and returns nothing.
    Done,
    /// It returns a new pair of tokens.
    NewPair,
    /// It returns this pair again.
    SamePair(usize),
    /// It registers a user without tokens.
    NoPair,
    /// It is refused.
    Refused(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    Deactivated,
    Deleted,
}

/// A change of a user.
#[derive(Clone, Copy, Debug)]
pub enum UserChange {
    Status(Status),
    Enabled(bool),
}

/// The tokens that the control API expires.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Access,
    Refresh,
    All,
}

#[derive(Debug)]
struct User {
    /// The index of the DeviceToken; an earlier user may have had the same.
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
    /// The index of the current pair.
    current: usize,
    generation: usize,
    expires: u64,
    dead: bool,
    /// The time at which each generation was first used; `None` if it was not used.
    used: Vec<Option<u64>>,
    /// The generation whose token gave the current pair.
    parent: Option<usize>,
}

/// A pair that was issued.
#[derive(Debug)]
struct Pair {
    user: usize,
    family: usize,
    generation: usize,
    access_expires: u64,
}

/// The state of the service as the contract defines it.
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

    /// The device of the user who owns a pair.
    pub fn device_of(&self, pair: usize) -> usize {
        self.users[self.pairs[pair].user].device
    }

    /// Whether two pairs belong to one user.
    pub fn belong_to_one_user(&self, a: usize, b: usize) -> bool {
        self.pairs[a].user == self.pairs[b].user
    }

    fn holder(&self, device: usize) -> Option<usize> {
        self.users.iter().position(|user| user.device == device && user.exists)
    }

    /// The status with which every call of the user is refused.
    fn ensure_not_barred(&self, user: usize) -> Result<(), u16> {
        let User { exists, status, enabled, .. } = &self.users[user];
        match status {
            _ if !exists => Err(401),
            Status::Deleted => Err(401),
            Status::Deactivated => Err(403),
            Status::Active if !enabled => Err(403),
            Status::Active => Ok(()),
        }
    }

    fn issue(&mut self, user: usize, family: usize, generation: usize, lifetime: u64) -> usize {
        self.pairs.push(Pair { user, family, generation, access_expires: self.now + lifetime });
        self.pairs.len() - 1
    }

    fn start_family(&mut self, user: usize, lifetime: u64) -> Outcome {
        self.users[user].families += 1;
        let number = self.users[user].families;
        let current = self.issue(user, number, 0, lifetime);
        let expires = self.now + REFRESH_TOKEN;
        self.users[user].family =
            Some(Family { number, current, generation: 0, expires, dead: false, used: vec![None], parent: None });
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
        match self.ensure_not_barred(user) {
            Err(status) => Outcome::Refused(status),
            Ok(()) => self.start_family(user, LOGIN_TOKEN),
        }
    }

    /// The current pair again. The refresh token stays the same; an access token that has expired is replaced.
    fn repeat(&mut self, user: usize) -> Outcome {
        let Some(Family { current, number, generation, .. }) = self.users[user].family else { panic!("no family") };
        if self.now < self.pairs[current].access_expires {
            return Outcome::SamePair(current);
        }
        let renewed = self.issue(user, number, generation, LOGIN_TOKEN);
        self.users[user].family.as_mut().expect("the family exists").current = renewed;
        Outcome::NewPair
    }

    /// A refresh with the access token of one pair and the refresh token of the same or another pair.
    pub fn refresh(&mut self, access: usize, refresh: usize) -> Outcome {
        let user = self.pairs[access].user;
        if let Err(status) = self.ensure_not_barred(user) {
            return Outcome::Refused(status);
        }
        let Pair { user: owner, family: number, generation, .. } = self.pairs[refresh];
        let (now, rotation) = (self.now, self.rotation);
        let Some(family) = &mut self.users[user].family else { return Outcome::Refused(401) };
        let belongs = owner == user && number == family.number;
        if !belongs || family.dead || now >= family.expires {
            return Outcome::Refused(401);
        }
        if let Some(used) = family.used[generation] {
            let in_grace = now < used + GRACE;
            match rotation {
                Rotation::Keycloak => {}
                Rotation::HydraGrace if in_grace => {}
                Rotation::Grace if in_grace => return self.repeat(user),
                Rotation::Supabase if in_grace || family.parent == Some(generation) => {
                    return self.repeat(user);
                }
                Rotation::Reuse => return Outcome::Refused(401),
                Rotation::Strict | Rotation::Grace | Rotation::HydraGrace | Rotation::Supabase | Rotation::Off => {
                    family.dead = true;
                    return Outcome::Refused(401);
                }
            }
        }
        let next = if rotation == Rotation::Off { generation } else { family.generation + 1 };
        if rotation != Rotation::Off {
            family.used[generation].get_or_insert(now);
            family.used.push(None);
            family.parent = Some(generation);
        }
        let current = self.issue(user, number, next, LOGIN_TOKEN);
        let family = self.users[user].family.as_mut().expect("the family exists");
        (family.generation, family.current, family.expires) = (next, current, now + REFRESH_TOKEN);
        Outcome::NewPair
    }

    /// A call with the access token of a pair.
    pub fn call(&self, pair: usize) -> Outcome {
        let Pair { user, access_expires, .. } = self.pairs[pair];
        if self.now >= access_expires {
            return Outcome::Refused(401);
        }
        self.ensure_not_barred(user).map_or_else(Outcome::Refused, |()| Outcome::Done)
    }

    fn apply(&mut self, user: usize, change: UserChange) {
        match change {
            UserChange::Status(status) => self.users[user].status = status,
            UserChange::Enabled(enabled) => self.users[user].enabled = enabled,
        }
    }

    /// A change of the user's own record with the access token of a pair.
    pub fn update(&mut self, pair: usize, change: UserChange) -> Outcome {
        let outcome = self.call(pair);
        if outcome == Outcome::Done {
            self.apply(self.pairs[pair].user, change);
        }
        outcome
    }

    /// A change by an admin.
    pub fn manage(&mut self, device: usize, change: UserChange) -> Outcome {
        let Some(user) = self.holder(device) else { return Outcome::Refused(404) };
        self.apply(user, change);
        Outcome::Done
    }

    pub fn delete(&mut self, device: usize) -> Outcome {
        let Some(user) = self.holder(device) else { return Outcome::Refused(404) };
        self.users[user].exists = false;
        Outcome::Done
    }

    /// `POST /__mock/tokens/expire`.
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
