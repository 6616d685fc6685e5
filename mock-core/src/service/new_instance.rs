//! The data that an instance is created with, and the instances of every new server.

use serde::{Deserialize, Serialize};

use telematics_contract::accounts::AccountStatus;

use super::ids::{ApplicationId, CompanyId, InstanceId, InstanceKey};
use super::settings::Overrides;

/// The company of the well-known instances.
pub const DEMO_COMPANY: CompanyId = CompanyId::from_u128(0x5555_5555_5555_4555_8555_5555_5555_5555);
/// The application of the well-known instances.
pub const DEMO_APPLICATION: ApplicationId = ApplicationId::from_u128(0x6666_6666_6666_4666_8666_6666_6666_6666);
/// The well-known instance.
pub const DEMO_INSTANCE: InstanceId = InstanceId::from_u128(0x1111_1111_1111_4111_8111_1111_1111_1111);
/// The key of that instance.
pub const DEMO_KEY: InstanceKey = InstanceKey::from_u128(0x2222_2222_2222_4222_8222_2222_2222_2222);
/// The invite code of that instance.
pub const DEMO_INVITE_CODE: &str = "DEMO01";
/// The well-known instance with the product UBI.
pub const UBI_INSTANCE: InstanceId = InstanceId::from_u128(0x3333_3333_3333_4333_8333_3333_3333_3333);
/// The key of that instance.
pub const UBI_KEY: InstanceKey = InstanceKey::from_u128(0x4444_4444_4444_4444_8444_4444_4444_4444);
/// The invite code of that instance.
pub const UBI_INVITE_CODE: &str = "UBI001";

/// The data that an instance is created with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewInstance {
    /// The id.
    pub id: InstanceId,
    /// The secret.
    pub key: InstanceKey,
    /// The code with which users register or join \[S\].
    pub invite_code: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// A description \[V\].
    pub description: Option<Box<str>>,
    /// The status. A deactivated instance is listed only on request; its users notice nothing \[P\].
    pub status: AccountStatus,
    /// Whether it has the product UBI, whose users log in with a password \[S\].
    pub has_ubi: bool,
    /// The application and the company.
    pub ownership: Ownership,
    /// The settings that differ from the server's.
    pub settings: Overrides,
}

/// The application and the company of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ownership {
    /// The application.
    pub application: ApplicationId,
    /// The name of the application.
    pub application_name: Box<str>,
    /// The company.
    pub company: CompanyId,
    /// The name of the company.
    pub company_name: Box<str>,
}

impl Ownership {
    /// The well-known application and company.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            application: DEMO_APPLICATION,
            application_name: "Demo App".into(),
            company: DEMO_COMPANY,
            company_name: "Demo Company".into(),
        }
    }
}

impl NewInstance {
    /// The well-known instances of every new server, so that examples can be copied.
    #[must_use]
    pub fn well_known() -> [Self; 2] {
        let ownership = Ownership::demo();
        [
            Self {
                id: DEMO_INSTANCE,
                key: DEMO_KEY,
                invite_code: DEMO_INVITE_CODE.into(),
                name: "Demo".into(),
                description: None,
                status: AccountStatus::Active,
                has_ubi: false,
                ownership: ownership.clone(),
                settings: Overrides::default(),
            },
            Self {
                id: UBI_INSTANCE,
                key: UBI_KEY,
                invite_code: UBI_INVITE_CODE.into(),
                name: "Demo UBI".into(),
                description: None,
                status: AccountStatus::Active,
                has_ubi: true,
                ownership,
                settings: Overrides::default(),
            },
        ]
    }
}
