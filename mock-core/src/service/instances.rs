//! Company → Application → Instance: where users belong.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::clock::InstanceDial;
use super::ids::{ApplicationId, CompanyId, InstanceId, InstanceKey};
use super::outbox::Outbox;
use super::pictures::Pictures;
use super::random::{RandomStream, Seed};
use super::refusal::Refusal;
use super::settings::Overrides;

/// An instance: a group of users, and a world of its own for whoever tests in it.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Its secret.
    pub key: InstanceKey,
    /// The code that registers into it \[S\].
    pub invite_code: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Whether it has the product UBI, whose users log in with a password \[S\].
    pub has_ubi: bool,
    /// The application it belongs to, and the company of that.
    pub home: Home,
    /// Where everything random of this instance comes from.
    pub random: RandomStream,
    /// What is set differently for it.
    pub overrides: Overrides,
    /// Its clock.
    pub clock: InstanceDial,
    /// What its users were sent.
    pub outbox: Outbox,
    /// What its users uploaded.
    pub pictures: Pictures,
}

impl Instance {
    /// A fresh instance.
    #[must_use]
    pub fn new(new: NewInstance, seed: &Seed) -> Self {
        let NewInstance { id, key, invite_code, name, has_ubi, home } = new;
        Self {
            random: seed.stream(id.as_bytes()),
            overrides: Overrides::default(),
            clock: InstanceDial::default(),
            outbox: Outbox::default(),
            pictures: Pictures::default(),
            id,
            key,
            invite_code,
            name,
            has_ubi,
            home,
        }
    }

    /// What was said of it when it was made.
    #[must_use]
    pub fn as_new(&self) -> NewInstance {
        let Self { id, key, has_ubi, .. } = *self;
        NewInstance {
            id,
            key,
            invite_code: self.invite_code.clone(),
            name: self.name.clone(),
            has_ubi,
            home: self.home.clone(),
        }
    }
}

/// What is said of an instance that is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewInstance {
    /// Its id.
    pub id: InstanceId,
    /// Its secret.
    pub key: InstanceKey,
    /// The code that registers into it.
    pub invite_code: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Whether it has the product UBI.
    pub has_ubi: bool,
    /// The application it belongs to, and the company of that.
    pub home: Home,
}

/// Where an instance belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The application.
    pub application: ApplicationId,
    /// Its name.
    pub application_name: Box<str>,
    /// The company.
    pub company: CompanyId,
    /// Its name.
    pub company_name: Box<str>,
}

impl Home {
    /// The company and the application of the well-known identities.
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
    /// The well-known instances of every fresh server, so that examples can be pasted.
    #[must_use]
    pub fn well_known() -> [Self; 2] {
        let home = Home::demo();
        [
            Self {
                id: DEMO_INSTANCE,
                key: DEMO_KEY,
                invite_code: DEMO_INVITE_CODE.into(),
                name: "Demo".into(),
                has_ubi: false,
                home: home.clone(),
            },
            Self {
                id: UBI_INSTANCE,
                key: UBI_KEY,
                invite_code: UBI_INVITE_CODE.into(),
                name: "Demo UBI".into(),
                has_ubi: true,
                home,
            },
        ]
    }
}

/// What a request says about the instance it is for, as it came.
#[derive(Clone, Default)]
pub struct InstanceHeaders {
    /// The header `InstanceId`.
    pub id: Option<String>,
    /// The header `InstanceKey`.
    pub key: Option<String>,
    /// The number of the request in the journal.
    pub request: u64,
}

/// Why an instance cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceTaken {
    /// There already is one with that id.
    #[error("there already is an instance {0}")]
    Id(InstanceId),
    /// There already is one with that invite code.
    #[error("there already is an instance with the invite code '{0}'")]
    InviteCode(Box<str>),
}

/// The instances of a server.
#[derive(Clone, Debug, Default)]
pub struct Instances {
    by_id: HashMap<InstanceId, Instance>,
}

/// The company of the well-known identities.
pub const DEMO_COMPANY: CompanyId = CompanyId::from_u128(0x5555_5555_5555_4555_8555_5555_5555_5555);
/// The application of the well-known identities.
pub const DEMO_APPLICATION: ApplicationId = ApplicationId::from_u128(0x6666_6666_6666_4666_8666_6666_6666_6666);
/// The instance of every fresh server.
pub const DEMO_INSTANCE: InstanceId = InstanceId::from_u128(0x1111_1111_1111_4111_8111_1111_1111_1111);
/// Its key.
pub const DEMO_KEY: InstanceKey = InstanceKey::from_u128(0x2222_2222_2222_4222_8222_2222_2222_2222);
/// Its invite code.
pub const DEMO_INVITE_CODE: &str = "DEMO01";
/// The instance of every fresh server that has the product UBI.
pub const UBI_INSTANCE: InstanceId = InstanceId::from_u128(0x3333_3333_3333_4333_8333_3333_3333_3333);
/// Its key.
pub const UBI_KEY: InstanceKey = InstanceKey::from_u128(0x4444_4444_4444_4444_8444_4444_4444_4444);
/// Its invite code.
pub const UBI_INVITE_CODE: &str = "UBI001";

impl Instances {
    /// Adds an instance.
    ///
    /// # Errors
    ///
    /// There already is one with that id or that invite code.
    pub fn add(&mut self, instance: Instance) -> Result<(), InstanceTaken> {
        if self.by_id.contains_key(&instance.id) {
            return Err(InstanceTaken::Id(instance.id));
        }
        if self.invited(&instance.invite_code).is_ok() {
            return Err(InstanceTaken::InviteCode(instance.invite_code));
        }
        self.by_id.insert(instance.id, instance);
        Ok(())
    }

    /// Every instance, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Instance> {
        self.by_id.values()
    }

    /// Every instance, in no order, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        self.by_id.values_mut()
    }

    /// Puts another instance in the place of that with the same id, and gives the one before.
    pub fn replace(&mut self, instance: Instance) -> Option<Instance> {
        self.by_id.insert(instance.id, instance)
    }

    /// The instance of that id.
    #[must_use]
    pub fn get(&self, id: InstanceId) -> Option<&Instance> {
        self.by_id.get(&id)
    }

    /// The instance of that id, to change it.
    pub fn get_mut(&mut self, id: InstanceId) -> Option<&mut Instance> {
        self.by_id.get_mut(&id)
    }

    /// The instance that is invited to with that code; codes are compared to the letter.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: no instance has that code \[P\].
    pub fn invited(&self, code: &str) -> Result<InstanceId, Refusal> {
        let instance = self.by_id.values().find(|instance| *instance.invite_code == *code);
        instance.map(|instance| instance.id).ok_or(Refusal::NotFound("No instance has this invite code."))
    }

    /// Checks instance headers of a call that does not need any \[V, C\]: what is sent must be right, and where it is known
    /// whose call it is, of that very instance.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongInstance`]: what was sent is wrong \[P\].
    pub fn agree(&self, headers: &InstanceHeaders, home: Option<InstanceId>) -> Result<(), Refusal> {
        let id = headers.id.as_ref().map(|id| id.parse::<InstanceId>());
        let key = headers.key.as_ref().map(|key| key.parse::<InstanceKey>());
        let fits = |instance: &Instance| {
            home.is_none_or(|home| home == instance.id)
                && id.as_ref().is_none_or(|id| *id == Ok(instance.id))
                && key.as_ref().is_none_or(|key| key.as_ref().is_ok_and(|key| instance.key.is(key)))
        };
        let agrees = match home {
            _ if id.is_none() && key.is_none() => true,
            Some(home) => self.get(home).is_some_and(fits),
            None => self.by_id.values().any(fits),
        };
        if agrees { Ok(()) } else { Err(Refusal::WrongInstance) }
    }

    /// The instance that the headers prove to know.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a header is missing or no UUID \[P\]. [`Refusal::WrongInstance`]: unknown, or the key of
    /// another instance \[P\].
    pub fn proven(&self, headers: &InstanceHeaders) -> Result<InstanceId, Refusal> {
        use telematics_contract::headers::{INSTANCE_ID, INSTANCE_KEY};
        fn uuid<T: std::str::FromStr>(name: &str, value: Option<&String>) -> Result<T, Refusal> {
            let value = value.ok_or_else(|| Refusal::missing(name))?;
            value.parse().map_err(|_| Refusal::no_uuid(name))
        }
        let id: InstanceId = uuid(INSTANCE_ID, headers.id.as_ref())?;
        let key: InstanceKey = uuid(INSTANCE_KEY, headers.key.as_ref())?;
        let instance = self.get(id).filter(|instance| instance.key.is(&key));
        instance.map(|instance| instance.id).ok_or(Refusal::WrongInstance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> Instances {
        let mut instances = Instances::default();
        for new in NewInstance::well_known() {
            instances.add(Instance::new(new, &Seed::from_number(1))).unwrap();
        }
        instances
    }

    #[test]
    fn an_id_and_an_invite_code_are_taken_once() {
        let mut instances = demo();
        let [one, two] = NewInstance::well_known();
        let mut add = |new| instances.add(Instance::new(new, &Seed::from_number(1)));
        assert_eq!(add(one.clone()), Err(InstanceTaken::Id(DEMO_INSTANCE)));
        let other = NewInstance { id: InstanceId::from_u128(9), ..two };
        assert_eq!(add(other), Err(InstanceTaken::InviteCode("UBI001".into())));
    }

    fn headers(id: &str, key: &str) -> InstanceHeaders {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        InstanceHeaders { id: given(id), key: given(key), request: 0 }
    }

    fn key_of(refusal: Result<InstanceId, Refusal>) -> String {
        let Err(Refusal::Invalid(error)) = refusal else { panic!("{refusal:?}") };
        error.key
    }

    #[test]
    fn an_instance_is_proven_by_its_id_and_its_key() {
        let instances = demo();
        let (id, key) = (DEMO_INSTANCE.to_string(), DEMO_KEY.expose());
        assert_eq!(instances.proven(&headers(&id, &key)), Ok(DEMO_INSTANCE));
        assert_eq!(instances.proven(&headers(&id, &id)), Err(Refusal::WrongInstance));
        assert_eq!(instances.proven(&headers(&key, &key)), Err(Refusal::WrongInstance));
    }

    #[test]
    fn a_header_that_is_missing_or_no_uuid_is_named() {
        let instances = demo();
        let (id, key) = (DEMO_INSTANCE.to_string(), DEMO_KEY.expose());
        assert_eq!(key_of(instances.proven(&headers("", &key))), "InstanceId");
        assert_eq!(key_of(instances.proven(&headers("x", &key))), "InstanceId");
        assert_eq!(key_of(instances.proven(&headers(&id, ""))), "InstanceKey");
        assert_eq!(key_of(instances.proven(&headers(&id, "x"))), "InstanceKey");
    }

    #[test]
    fn an_invite_code_leads_to_its_instance() {
        let instances = demo();
        assert_eq!(instances.invited("DEMO01"), Ok(DEMO_INSTANCE));
        assert!(instances.invited("NOBODY").is_err());
    }
}
