//! The initial data of every mock server, and ids that no service knows.

use std::hash::{BuildHasher as _, RandomState};

/// An instance that every mock server has at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The id.
    pub id: &'static str,
    /// The key.
    pub key: &'static str,
    /// The invite code.
    pub invite_code: &'static str,
    /// The name.
    pub name: &'static str,
}

/// The credentials of an instance, for the headers of a request.
pub trait InstanceCredentials {
    /// The header `InstanceId`.
    fn instance_id(&self) -> &str;
    /// The header `InstanceKey`.
    fn instance_key(&self) -> &str;
}

impl InstanceCredentials for Instance {
    fn instance_id(&self) -> &str {
        self.id
    }

    fn instance_key(&self) -> &str {
        self.key
    }
}

/// The instance whose users log in by device token.
pub const DEMO: Instance = Instance {
    id: "11111111-1111-4111-8111-111111111111",
    key: "22222222-2222-4222-8222-222222222222",
    invite_code: "DEMO01",
    name: "Demo",
};

/// The instance with the product UBI, whose users log in with a password.
pub const UBI: Instance = Instance {
    id: "33333333-3333-4333-8333-333333333333",
    key: "44444444-4444-4444-8444-444444444444",
    invite_code: "UBI001",
    name: "Demo UBI",
};

/// The e-mail address of the admin who sees both instances.
pub const ADMIN_EMAIL: &str = "admin@example.com";
/// The password of that admin.
pub const ADMIN_PASSWORD: &str = "admin-password";

/// A UUID that belongs to no user and no instance.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// `2026-01-01T00:00:00Z` in seconds since 1970: the time of a frozen mock server.
pub const NEW_YEAR_SECONDS: i64 = 1_767_225_600;

/// The same time as text.
pub(crate) const NEW_YEAR: &str = "2026-01-01T00:00:00Z";

/// The path of a call, with this text as every parameter.
#[must_use]
pub fn path_with(path: &str, parameter: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { parameter } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// A UUID that no test has used before: every run may ask the same service.
#[must_use]
pub fn unused_uuid() -> String {
    let half = || RandomState::new().hash_one(0);
    let digits = format!("{:016x}{:016x}", half(), half());
    format!("{}-{}-4{}-8{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}
