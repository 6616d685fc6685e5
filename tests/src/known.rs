//! What every fresh mock server has, and what no service has.

/// An instance of every fresh mock server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: &'static str,
    /// Its key.
    pub key: &'static str,
    /// The code that registers into it.
    pub invite_code: &'static str,
    /// Its name.
    pub name: &'static str,
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

/// The login of the admin who sees both instances.
pub const ADMIN_EMAIL: &str = "admin@example.com";
/// The password of that admin.
pub const ADMIN_PASSWORD: &str = "admin-password";

/// The id of no user and no instance.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
