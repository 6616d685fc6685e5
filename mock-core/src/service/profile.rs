//! The profile and the logins of a user.

use serde::{Deserialize, Serialize};
use telematics_contract::user::{Gender, ProfileFields, UserProfile};

use super::refusal::Refusal;
use super::telematics::Text;
use super::time::Timestamp;

/// The profile of a user.
///
/// It is stored in snapshots as it is here, so a change of a field needs a new [`VERSION`](super::snapshot::VERSION).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Given name.
    pub first_name: Text,
    /// Family name.
    pub last_name: Text,
    /// Nickname.
    pub nickname: Text,
    /// Phone number.
    pub phone: Text,
    /// E-mail address.
    pub email: Text,
    /// Gender.
    pub gender: Gender,
    /// Date of birth.
    pub birthday: Option<Timestamp>,
    /// Free text.
    pub marital_status: Text,
    /// Number of children.
    pub children_count: Option<u32>,
    /// Country.
    pub country: Text,
    /// District.
    pub district: Text,
    /// City.
    pub city: Text,
    /// Street and number.
    pub address: Text,
    /// The URL of the uploaded picture.
    pub image_url: Text,
    /// The URL of a picture on another server.
    pub external_image_url: Text,
}

/// A change of a profile whose fields are valid.
#[derive(Debug)]
pub struct ProfileChange {
    fields: ProfileFields,
    birthday: Option<Timestamp>,
    external_image_url: Option<String>,
}

impl ProfileChange {
    /// Checks profile fields.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a field is invalid.
    pub fn check(fields: ProfileFields, external_image_url: Option<String>) -> Result<Self, Refusal> {
        let birthday = fields.birthday.as_deref().map(Timestamp::parse_lenient).transpose();
        let birthday = birthday.map_err(|error| Refusal::invalid("Birthday", error.to_string()))?;
        Ok(Self { fields, birthday, external_image_url })
    }

    /// The logins after the change.
    #[must_use]
    pub fn logins(&self, before: Option<&Profile>) -> Logins {
        let after = |given: &Option<String>, before: Option<&Text>| match given {
            Some(text) => Some(text.clone()),
            None => before.and_then(Option::as_deref).map(str::to_owned),
        };
        Logins {
            phone: after(&self.fields.phone, before.map(|profile| &profile.phone)).and_then(Login::phone),
            email: after(&self.fields.email, before.map(|profile| &profile.email)).and_then(Login::email),
        }
    }

    /// Whether the change contains no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.external_image_url.is_none() && self.fields == ProfileFields::default()
    }
}

impl Profile {
    /// The profile of a new user; `None` if it has no field.
    #[must_use]
    pub fn new(fields: ProfileChange) -> Option<Box<Self>> {
        (!fields.is_empty()).then(|| {
            let mut profile = Box::new(Self::default());
            profile.apply(fields);
            profile
        })
    }

    /// Changes the fields that `change` contains \[V\].
    pub fn apply(&mut self, change: ProfileChange) {
        fn set(field: &mut Text, value: Option<String>) {
            if let Some(value) = value {
                *field = Some(value.into());
            }
        }
        let ProfileChange { fields, birthday, external_image_url } = change;
        set(&mut self.first_name, fields.first_name);
        set(&mut self.last_name, fields.last_name);
        set(&mut self.nickname, fields.nickname);
        set(&mut self.phone, fields.phone);
        set(&mut self.email, fields.email);
        self.gender = fields.gender.unwrap_or(self.gender);
        self.birthday = birthday.or(self.birthday);
        set(&mut self.marital_status, fields.marital_status);
        self.children_count = fields.children_count.or(self.children_count);
        set(&mut self.country, fields.country);
        set(&mut self.district, fields.district);
        set(&mut self.city, fields.city);
        set(&mut self.address, fields.address);
        set(&mut self.image_url, fields.image_url);
        set(&mut self.external_image_url, external_image_url);
    }

    /// The profile as the contract shows it.
    #[must_use]
    pub fn record(&self) -> UserProfile {
        fn text(field: &Text) -> Option<String> {
            field.as_deref().map(str::to_owned)
        }
        UserProfile {
            first_name: text(&self.first_name),
            last_name: text(&self.last_name),
            gender: Some(self.gender.as_str().to_owned()),
            birthday: self.birthday.map(Timestamp::to_wire),
            marital_status: text(&self.marital_status),
            children_count: self.children_count,
            address: text(&self.address),
            country: text(&self.country),
            district: text(&self.district),
            city: text(&self.city),
            nickname: text(&self.nickname),
            email: text(&self.email),
            phone: text(&self.phone),
            image_url: text(&self.image_url),
            external_image_url: text(&self.external_image_url),
        }
    }
}

/// A login of a user of a UBI instance \[S\].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Login {
    /// A phone number.
    Phone(Box<str>),
    /// An e-mail address in lower case, because addresses are compared without letter case \[P\].
    Email(Box<str>),
}

impl Login {
    /// The login of a phone number; `None` if it is empty.
    #[must_use]
    pub fn phone(text: String) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self::Phone(text.into()))
    }

    /// The login of an e-mail address; `None` if it is empty.
    #[must_use]
    pub fn email(text: String) -> Option<Self> {
        let text = text.trim().to_lowercase();
        (!text.is_empty()).then(|| Self::Email(text.into()))
    }

    /// Whether a user with this profile has this login.
    #[must_use]
    pub fn belongs_to(&self, profile: Option<&Profile>) -> bool {
        let Some(profile) = profile else { return false };
        match self {
            Self::Phone(phone) => profile.phone.as_deref().is_some_and(|text| text.trim() == &**phone),
            Self::Email(email) => profile.email.as_deref().is_some_and(|text| text.trim().to_lowercase() == **email),
        }
    }
}

/// The logins of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// The phone number.
    pub phone: Option<Login>,
    /// The e-mail address.
    pub email: Option<Login>,
}

impl Logins {
    /// The logins in a profile.
    #[must_use]
    pub fn in_profile(profile: Option<&Profile>) -> Self {
        let text = |text: Option<&Text>| text.and_then(Option::as_deref).map(str::to_owned);
        Self {
            phone: text(profile.map(|profile| &profile.phone)).and_then(Login::phone),
            email: text(profile.map(|profile| &profile.email)).and_then(Login::email),
        }
    }

    /// The logins, each with the name of its field.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Login)> {
        self.phone.iter().map(|login| ("Phone", login)).chain(self.email.iter().map(|login| ("Email", login)))
    }

    /// Whether there is no login.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(fields: ProfileFields) -> ProfileChange {
        ProfileChange::check(fields, None).unwrap()
    }

    #[test]
    fn a_field_that_is_not_given_stays_as_it_is() {
        let mut profile = Profile::default();
        let ada = ProfileFields { first_name: Some("Ada".into()), gender: Some(Gender::Female), ..Default::default() };
        profile.apply(change(ada));
        profile.apply(change(ProfileFields { children_count: Some(3), ..Default::default() }));
        let record = profile.record();
        assert_eq!(record.first_name.as_deref(), Some("Ada"));
        assert_eq!(record.gender.as_deref(), Some("Female"));
        assert_eq!(record.children_count, Some(3));
    }

    #[test]
    fn an_invalid_birthday_is_reported_by_its_field() {
        let fields = ProfileFields { birthday: Some("tomorrow".into()), ..Default::default() };
        let Err(Refusal::Invalid(error)) = ProfileChange::check(fields, None) else { panic!("must be refused") };
        assert_eq!(error.key, "Birthday");
    }
}
