//! Company → Application → Instance: the tenants that users belong to.

use std::sync::Arc;

use telematics_contract::headers::{INSTANCE_ID, INSTANCE_KEY};

use super::applications::Applications;
use super::ids::{InstanceId, InstanceKey, PictureId};
use super::map::Map;
pub use super::new_instance::{
    DEMO_APPLICATION, DEMO_COMPANY, DEMO_INSTANCE, DEMO_INVITE_CODE, DEMO_KEY, NewInstance, Ownership, UBI_INSTANCE,
    UBI_INVITE_CODE, UBI_KEY,
};
use super::outbox::Outbox;
use super::pictures::{Picture, Pictures};
use super::random::{RandomStream, Seed};
use super::refusal::Refusal;
use super::settings::Overrides;

/// The number of instances that a server can have. A test that needs more removes those that it no longer needs.
pub const MAX_INSTANCES: usize = 10_000;

/// An instance: a group of users, which a test can use without touching other instances.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The data that the instance was created with. Only the accounts API changes it.
    pub details: Arc<NewInstance>,
    /// The source of the instance's random values.
    pub random: RandomStream,
    /// The instance's own settings.
    pub overrides: Overrides,
    /// The messages to its users.
    pub outbox: Outbox,
    /// The pictures that its users uploaded.
    pub pictures: Pictures,
}

impl Instance {
    /// A new instance.
    #[must_use]
    pub fn new(details: Arc<NewInstance>, seed: &Seed) -> Self {
        Self {
            random: seed.stream(details.id.as_bytes()),
            overrides: details.settings,
            outbox: Outbox::default(),
            pictures: Pictures::default(),
            details,
        }
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> InstanceId {
        self.details.id
    }
}

/// The instance headers of a request, as they were sent.
#[derive(Clone, Default)]
pub struct InstanceHeaders {
    /// The header `InstanceId`.
    pub id: Option<String>,
    /// The header `InstanceKey`.
    pub key: Option<String>,
}

/// An instance cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceTaken {
    /// Another instance has this id.
    #[error("there already is an instance {0}")]
    Id(InstanceId),
    /// Another instance has this invite code.
    #[error("there already is an instance with the invite code '{0}'")]
    InviteCode(Box<str>),
    /// Its invite code is empty, which in a registration means that none is given.
    #[error("the invite code must not be empty")]
    NoInviteCode,
}

/// The instances of a server.
#[derive(Clone, Debug, Default)]
pub struct Instances {
    by_id: Map<InstanceId, Instance>,
    by_invite_code: Map<Box<str>, InstanceId>,
    /// The applications and companies of the instances, and those without an instance.
    pub applications: Applications,
}

impl Instances {
    /// Adds an instance.
    ///
    /// # Errors
    ///
    /// Another instance has its id or its invite code, or its invite code is empty.
    pub fn add(&mut self, instance: Instance) -> Result<(), InstanceTaken> {
        if instance.details.invite_code.trim().is_empty() {
            return Err(InstanceTaken::NoInviteCode);
        }
        if self.by_id.contains_key(&instance.id()) {
            return Err(InstanceTaken::Id(instance.id()));
        }
        if self.by_invite_code.contains_key(&instance.details.invite_code) {
            return Err(InstanceTaken::InviteCode(instance.details.invite_code.clone()));
        }
        self.replace(instance);
        Ok(())
    }

    /// Every instance, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Instance> {
        self.by_id.values()
    }

    /// Every instance, in no particular order, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        self.by_id.values_mut()
    }

    /// Replaces the instance with the same id, and returns the old one.
    pub fn replace(&mut self, mut instance: Instance) -> Option<Instance> {
        let name = self.applications.include(&instance.details.ownership);
        if name != instance.details.ownership.application_name {
            // The application was renamed after the snapshot of this instance.
            Arc::make_mut(&mut instance.details).ownership.application_name = name;
        }
        let (id, code) = (instance.id(), instance.details.invite_code.clone());
        let old = self.by_id.insert(id, instance);
        if let Some(old) = &old {
            self.by_invite_code.remove(&old.details.invite_code);
        }
        self.by_invite_code.insert(code, id);
        old
    }

    /// Removes an instance.
    pub fn remove(&mut self, id: InstanceId) -> Option<Instance> {
        let removed = self.by_id.remove(&id)?;
        self.by_invite_code.remove(&removed.details.invite_code);
        Some(removed)
    }

    /// The number of instances.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_id.len()
    }

    /// The number of bytes of all pictures.
    #[must_use]
    pub fn picture_bytes(&self) -> usize {
        self.iter().map(|instance| instance.pictures.bytes()).sum()
    }

    /// The instance with this id.
    #[must_use]
    pub fn get(&self, id: InstanceId) -> Option<&Instance> {
        self.by_id.get(&id)
    }

    /// The instance with this id, to change it.
    pub fn get_mut(&mut self, id: InstanceId) -> Option<&mut Instance> {
        self.by_id.get_mut(&id)
    }

    /// Whether the instance exists and has the product UBI.
    #[must_use]
    pub fn has_ubi(&self, id: InstanceId) -> bool {
        self.get(id).is_some_and(|instance| instance.details.has_ubi)
    }

    /// The instance with this id and this key.
    #[must_use]
    pub fn with_key(&self, id: InstanceId, key: &InstanceKey) -> Option<&Instance> {
        self.get(id).filter(|instance| instance.details.key.same_as(key))
    }

    /// The instance with this invite code. Codes are compared with letter case.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]: no instance has this code \[P\].
    pub fn by_invite_code(&self, code: &str) -> Result<InstanceId, Refusal> {
        let id = self.by_invite_code.get(code).copied();
        id.ok_or(Refusal::NotFound("No instance has this invite code."))
    }

    /// Checks the instance headers of a call that does not need them \[V, C\]. The headers that were sent must name an instance,
    /// and that of the token's owner if the owner belongs to one.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongInstance`]: a header that was sent is wrong \[P\].
    pub fn check_optional_headers(&self, headers: &InstanceHeaders, owner: Option<InstanceId>) -> Result<(), Refusal> {
        if headers.id.is_none() && headers.key.is_none() {
            return Ok(());
        }
        let id = headers.id.as_ref().map(|id| id.parse::<InstanceId>());
        let key = headers.key.as_ref().map(|key| key.parse::<InstanceKey>());
        let matches = |instance: &Instance| {
            owner.is_none_or(|owner| owner == instance.id())
                && id.as_ref().is_none_or(|id| *id == Ok(instance.id()))
                && key.as_ref().is_none_or(|key| key.as_ref().is_ok_and(|key| instance.details.key.same_as(key)))
        };
        let named = owner.or_else(|| id.as_ref().and_then(|id| id.as_ref().ok()).copied());
        let right = match named {
            Some(named) => self.get(named).is_some_and(matches),
            // Only a key, in the request of an admin of several instances: the key of any instance is right.
            None => self.iter().any(matches),
        };
        if right { Ok(()) } else { Err(Refusal::WrongInstance) }
    }

    /// The instance whose id and key the headers contain.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a header is missing or is not a valid UUID \[P\]. [`Refusal::WrongInstance`]: the instance is
    /// unknown, or the key belongs to another instance \[P\].
    pub fn authenticate(&self, headers: &InstanceHeaders) -> Result<InstanceId, Refusal> {
        fn uuid<T: std::str::FromStr>(name: &str, value: Option<&String>) -> Result<T, Refusal> {
            let value = value.ok_or_else(|| Refusal::missing(name))?;
            value.parse().map_err(|_| Refusal::invalid_uuid(name))
        }
        let id: InstanceId = uuid(INSTANCE_ID, headers.id.as_ref())?;
        let key: InstanceKey = uuid(INSTANCE_KEY, headers.key.as_ref())?;
        self.with_key(id, &key).map(Instance::id).ok_or(Refusal::WrongInstance)
    }

    /// The picture with this id, from any instance.
    #[must_use]
    pub fn picture(&self, id: PictureId) -> Option<&Picture> {
        self.iter().find_map(|instance| instance.pictures.get(id))
    }

    /// Deletes a picture. It can be in any instance, because its user can have moved since the upload.
    pub fn remove_picture(&mut self, id: PictureId) {
        for instance in self.iter_mut() {
            instance.pictures.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> Instances {
        let mut instances = Instances::default();
        for new in NewInstance::well_known() {
            instances.add(Instance::new(new.into(), &Seed::from_number(1))).unwrap();
        }
        instances
    }

    #[test]
    fn an_id_and_an_invite_code_belong_to_one_instance() {
        let mut instances = demo();
        let [one, two] = NewInstance::well_known();
        let mut add = |new: NewInstance| instances.add(Instance::new(new.into(), &Seed::from_number(1)));
        assert_eq!(add(one.clone()), Err(InstanceTaken::Id(DEMO_INSTANCE)));
        let other = NewInstance { id: InstanceId::from_u128(9), ..two };
        assert_eq!(add(other.clone()), Err(InstanceTaken::InviteCode("UBI001".into())));
        assert_eq!(add(NewInstance { invite_code: " ".into(), ..other }), Err(InstanceTaken::NoInviteCode));
    }

    fn headers(id: &str, key: &str) -> InstanceHeaders {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        InstanceHeaders { id: given(id), key: given(key) }
    }

    fn key_of(refusal: Result<InstanceId, Refusal>) -> String {
        let Err(Refusal::Invalid(error)) = refusal else { panic!("{refusal:?}") };
        error.key
    }

    #[test]
    fn an_instance_is_authenticated_by_its_id_and_its_key() {
        let instances = demo();
        let (id, key) = (DEMO_INSTANCE.to_string(), DEMO_KEY.expose());
        assert_eq!(instances.authenticate(&headers(&id, &key)), Ok(DEMO_INSTANCE));
        assert_eq!(instances.authenticate(&headers(&id, &id)), Err(Refusal::WrongInstance));
        assert_eq!(instances.authenticate(&headers(&key, &key)), Err(Refusal::WrongInstance));
    }

    #[test]
    fn a_missing_or_invalid_header_is_reported_by_its_name() {
        let instances = demo();
        let (id, key) = (DEMO_INSTANCE.to_string(), DEMO_KEY.expose());
        assert_eq!(key_of(instances.authenticate(&headers("", &key))), "InstanceId");
        assert_eq!(key_of(instances.authenticate(&headers("x", &key))), "InstanceId");
        assert_eq!(key_of(instances.authenticate(&headers(&id, ""))), "InstanceKey");
        assert_eq!(key_of(instances.authenticate(&headers(&id, "x"))), "InstanceKey");
    }

    #[test]
    fn an_invite_code_leads_to_its_instance() {
        let instances = demo();
        assert_eq!(instances.by_invite_code("DEMO01"), Ok(DEMO_INSTANCE));
        assert!(instances.by_invite_code("NOBODY").is_err());
    }
}
