//! Company → Application → Instance: where users belong.

use std::collections::HashMap;

use super::ids::{ApplicationId, CompanyId, InstanceId, InstanceKey};
use super::random::{RandomStream, Seed};
use super::refusal::Refusal;

/// An instance: a group of users, and a world of its own for whoever tests in it.
#[derive(Debug)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Its secret.
    pub key: InstanceKey,
    /// The code that registers into it \[S\].
    pub invite_code: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// The application it belongs to.
    pub application: ApplicationId,
    /// The company of that application.
    pub company: CompanyId,
    /// Where everything random of this instance comes from.
    pub random: RandomStream,
}

/// What a request says about the instance it is for, as it came.
#[derive(Clone, Default)]
pub struct InstanceHeaders {
    /// The header `InstanceId`.
    pub id: Option<String>,
    /// The header `InstanceKey`.
    pub key: Option<String>,
}

/// The instances of a server.
#[derive(Debug, Default)]
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

impl Instances {
    /// The well-known instance of every fresh server, so that examples can be pasted.
    #[must_use]
    pub fn demo(seed: &Seed) -> Self {
        let instance = Instance {
            id: DEMO_INSTANCE,
            key: DEMO_KEY,
            invite_code: DEMO_INVITE_CODE.into(),
            name: "Demo".into(),
            application: DEMO_APPLICATION,
            company: DEMO_COMPANY,
            random: seed.stream(DEMO_INSTANCE.as_bytes()),
        };
        Self { by_id: HashMap::from([(instance.id, instance)]) }
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

    /// Checks instance headers of a call that does not need any \[V, C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongInstance`]: what was sent is wrong \[P\].
    pub fn agree(&self, headers: &InstanceHeaders) -> Result<(), Refusal> {
        let id = headers.id.as_ref().map(|id| id.parse::<InstanceId>());
        let key = headers.key.as_ref().map(|key| key.parse::<InstanceKey>());
        let opens = |instance: &Instance, key: &InstanceKey| instance.key.is(key);
        let agrees = match (id, key) {
            (None, None) => true,
            (Some(Ok(id)), None) => self.get(id).is_some(),
            (Some(Ok(id)), Some(Ok(key))) => self.get(id).is_some_and(|instance| opens(instance, &key)),
            (None, Some(Ok(key))) => self.by_id.values().any(|instance| opens(instance, &key)),
            (Some(Err(_)), _) | (_, Some(Err(_))) => false,
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
            value.parse().map_err(|_| Refusal::invalid(name, format!("{name} is no UUID.")))
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

    fn headers(id: &str, key: &str) -> InstanceHeaders {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        InstanceHeaders { id: given(id), key: given(key) }
    }

    fn key_of(refusal: Result<InstanceId, Refusal>) -> String {
        let Err(Refusal::Invalid(error)) = refusal else { panic!("{refusal:?}") };
        error.key
    }

    #[test]
    fn an_instance_is_proven_by_its_id_and_its_key() {
        let instances = Instances::demo(&Seed::from_number(1));
        let (id, key) = (DEMO_INSTANCE.to_string(), DEMO_KEY.expose());
        assert_eq!(instances.proven(&headers(&id, &key)), Ok(DEMO_INSTANCE));
        assert_eq!(instances.proven(&headers(&id, &id)), Err(Refusal::WrongInstance));
        assert_eq!(instances.proven(&headers(&key, &key)), Err(Refusal::WrongInstance));
    }

    #[test]
    fn a_header_that_is_missing_or_no_uuid_is_named() {
        let instances = Instances::demo(&Seed::from_number(1));
        let (id, key) = (DEMO_INSTANCE.to_string(), DEMO_KEY.expose());
        assert_eq!(key_of(instances.proven(&headers("", &key))), "InstanceId");
        assert_eq!(key_of(instances.proven(&headers("x", &key))), "InstanceId");
        assert_eq!(key_of(instances.proven(&headers(&id, ""))), "InstanceKey");
        assert_eq!(key_of(instances.proven(&headers(&id, "x"))), "InstanceKey");
    }

    #[test]
    fn an_invite_code_leads_to_its_instance() {
        let instances = Instances::demo(&Seed::from_number(1));
        assert_eq!(instances.invited("DEMO01"), Ok(DEMO_INSTANCE));
        assert!(instances.invited("NOBODY").is_err());
    }
}
