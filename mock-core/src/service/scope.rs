//! Scopes: the whole server, or one of its instances.

use super::ids::InstanceId;

/// The whole server, or one of its instances.
///
/// A scope tells which part of the server a verb changes ("reset this instance"), and which part owns an object ("a fault of the
/// server").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The server: every instance, and everything that belongs to no instance.
    Server,
    /// One instance.
    Instance(InstanceId),
}

impl Scope {
    /// Whether this scope includes an object of `owner`: the server includes everything, an instance only its own objects.
    #[must_use]
    pub fn covers(self, owner: Self) -> bool {
        self == Self::Server || self == owner
    }

    /// The instance; `None` for the server.
    #[must_use]
    pub const fn instance(self) -> Option<InstanceId> {
        match self {
            Self::Server => None,
            Self::Instance(id) => Some(id),
        }
    }
}

impl From<InstanceId> for Scope {
    fn from(id: InstanceId) -> Self {
        Self::Instance(id)
    }
}

/// `None` is the server.
impl From<Option<InstanceId>> for Scope {
    fn from(id: Option<InstanceId>) -> Self {
        id.map_or(Self::Server, Self::Instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_covers_everything_and_an_instance_only_itself() {
        let (here, there) = (Scope::Instance(InstanceId::from_u128(1)), Scope::Instance(InstanceId::from_u128(2)));
        assert!(Scope::Server.covers(here) && Scope::Server.covers(Scope::Server));
        assert!(here.covers(here));
        assert!(!here.covers(there) && !here.covers(Scope::Server));
    }
}
