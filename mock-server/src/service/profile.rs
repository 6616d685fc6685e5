//! Who a user is and how the SDK works for the user: kept small, because there may be a million of them.

use telematics_contract::user::{Gender, ProfileFields, UserFields, UserFieldsRecord, UserProfile};

use super::refusal::Refusal;
use super::time::Timestamp;

type Text = Option<Box<str>>;

/// Who a user is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    first_name: Text,
    last_name: Text,
    nickname: Text,
    phone: Text,
    email: Text,
    gender: Gender,
    birthday: Option<Timestamp>,
    marital_status: Text,
    children_count: Option<u32>,
    country: Text,
    district: Text,
    city: Text,
    address: Text,
    image_url: Text,
    external_image_url: Text,
}

/// Profile fields that were found good.
#[derive(Debug)]
pub struct ProfileChange {
    fields: ProfileFields,
    birthday: Option<Timestamp>,
    external_image_url: Option<String>,
}

impl ProfileChange {
    /// Checks profile fields before anything is changed.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a field cannot be what it says.
    pub fn check(fields: ProfileFields, external_image_url: Option<String>) -> Result<Self, Refusal> {
        let birthday = fields.birthday.as_deref().map(Timestamp::parse_lenient).transpose();
        let birthday = birthday.map_err(|error| Refusal::invalid("Birthday", error.to_string()))?;
        Ok(Self { fields, birthday, external_image_url })
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.external_image_url.is_none() && self.fields == ProfileFields::default()
    }
}

impl Profile {
    /// Changes what is given and leaves the rest \[V\].
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

    /// As the contract shows it.
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

/// The telematics parameters of a user \[S\].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telematics {
    /// Whether the SDK tracks.
    pub enable_tracking: bool,
    /// Whether the SDK logs.
    pub enable_logging: bool,
    /// Whether the SDK reports its place all the time.
    pub enable_real_time_location: bool,
    /// The master switch of the account.
    pub enabled: bool,
    /// The user's id in the integrator's system.
    pub client_id: Text,
}

impl Default for Telematics {
    fn default() -> Self {
        let UserFieldsRecord { client_id, enable_logging, enable_real_time_location, enable_tracking, enabled } =
            UserFieldsRecord::default();
        let client_id = client_id.map(Into::into);
        Self { enable_tracking, enable_logging, enable_real_time_location, enabled, client_id }
    }
}

impl Telematics {
    /// Changes what is given and leaves the rest \[V\].
    pub fn apply(&mut self, fields: UserFields) {
        let UserFields { enable_tracking, enable_logging, enable_real_time_location, enabled, client_id } = fields;
        self.enable_tracking = enable_tracking.unwrap_or(self.enable_tracking);
        self.enable_logging = enable_logging.unwrap_or(self.enable_logging);
        self.enable_real_time_location = enable_real_time_location.unwrap_or(self.enable_real_time_location);
        self.enabled = enabled.unwrap_or(self.enabled);
        if let Some(client_id) = client_id {
            self.client_id = Some(client_id.into());
        }
    }

    /// As the contract shows them.
    #[must_use]
    pub fn record(&self) -> UserFieldsRecord {
        UserFieldsRecord {
            client_id: self.client_id.as_deref().map(str::to_owned),
            enable_logging: self.enable_logging,
            enable_real_time_location: self.enable_real_time_location,
            enable_tracking: self.enable_tracking,
            enabled: self.enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(fields: ProfileFields) -> ProfileChange {
        ProfileChange::check(fields, None).unwrap()
    }

    #[test]
    fn what_is_not_given_stays() {
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
    fn a_birthday_that_is_no_date_is_named() {
        let fields = ProfileFields { birthday: Some("tomorrow".into()), ..Default::default() };
        let Err(Refusal::Invalid(error)) = ProfileChange::check(fields, None) else { panic!("must be refused") };
        assert_eq!(error.key, "Birthday");
    }

    #[test]
    fn the_telematics_parameters_start_with_the_defaults_of_the_specification() {
        let fresh = Telematics::default();
        assert!(fresh.enable_tracking && fresh.enabled);
        assert!(!fresh.enable_logging && !fresh.enable_real_time_location);
    }

    #[test]
    fn a_switch_leaves_the_other_switches() {
        let mut telematics = Telematics::default();
        telematics.apply(UserFields { enable_tracking: Some(false), ..Default::default() });
        assert_eq!(telematics, Telematics { enable_tracking: false, ..Telematics::default() });
    }
}
