//! Finding, listing and moving users.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Secret;
use crate::user::UserRecord;

/// The query of `GET /v1/Management/users/find` \[V\]: whatever is given must fit; nothing at all is `422` \[P\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct FindUsersQuery {
    /// The permanent id.
    pub device_token: Option<String>,
    /// The e-mail address, in any letter case.
    pub email: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// The id in the integrator's own system.
    pub client_id: Option<String>,
    /// The given name, in any letter case.
    pub first_name: Option<String>,
    /// The family name, in any letter case.
    pub last_name: Option<String>,
    /// Given name, a space, family name, in any letter case.
    pub full_name: Option<String>,
    /// Whether the names in `AccountInfo` are wanted \[V\].
    pub include_account_info: Option<bool>,
}

/// `POST /v1/Management/users/GetFilteredPage` \[V\]: every filter that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListUsersRequest {
    /// Of these companies.
    pub company_ids: Option<Vec<String>>,
    /// Of these applications.
    pub application_ids: Option<Vec<String>>,
    /// Of these instances.
    pub instance_ids: Option<Vec<String>>,
    /// Which page, from 1 on; 1 unless given.
    pub page_number: Option<u32>,
    /// Users a page, 1 to [`MAX_PAGE_SIZE`]; [`DEFAULT_PAGE_SIZE`] unless given \[P\].
    pub page_size: Option<u32>,
    /// Whether the names in `AccountInfo` are wanted \[V\].
    pub include_account_info: Option<bool>,
    /// A part of a name, an address, a number or an id, in any letter case.
    pub search_term: Option<String>,
    /// The order; `DateCreated` unless given \[P\].
    pub sort: Option<Sort>,
    /// In one of these states of activity.
    pub activity_statuses: Option<Vec<ActivityStatus>>,
    /// Registered at that time or later.
    pub date_created_from: Option<String>,
    /// Registered at that time or earlier.
    pub date_created_to: Option<String>,
    /// Of that country, in any letter case.
    pub country: Option<String>,
    /// Of that city, in any letter case.
    pub city: Option<String>,
    /// Whether deactivated users are listed too; not unless asked for \[P\]. Softly deleted ones never are \[P\].
    pub show_inactive_users: Option<bool>,
    /// Only those whose online location monitoring is on, or off.
    pub rtd_enabled: Option<bool>,
}

/// Users a page, unless given \[P\].
pub const DEFAULT_PAGE_SIZE: u32 = 50;
/// The most users a page may have \[P\].
pub const MAX_PAGE_SIZE: u32 = 1_000;

/// What `GetFilteredPage` answers \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsersResponse {
    /// The users of the page.
    pub users: Vec<UserRecord>,
    /// Whether there is a page before this one.
    pub has_previous_page: bool,
    /// Whether there is a page after this one.
    pub has_next_page: bool,
    /// How many users fit.
    pub total_users: usize,
    /// How many pages they make.
    pub total_pages: usize,
    /// Which page this is.
    pub current_page: u32,
}

/// How active a user's device is \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityStatus {
    /// It sends.
    Active,
    /// It has not sent for a while.
    Inactive,
    /// It has not sent for long.
    Lost,
    /// It has never sent; reads as `No Data` in a record.
    NoData,
    /// It cannot send.
    Error,
}

/// What users are sorted by \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// The permanent id.
    DeviceToken,
    /// The given name.
    FirstName,
    /// The family name.
    LastName,
    /// The nickname.
    Nickname,
    /// The phone number.
    Phone,
    /// The e-mail address.
    Email,
    /// The gender.
    Gender,
    /// The date of birth.
    Birthday,
    /// The marital status.
    MaritalStatus,
    /// The number of children.
    ChildrenCount,
    /// The country.
    Country,
    /// The district.
    District,
    /// The city.
    City,
    /// When the user was registered.
    DateCreated,
    /// How active the device is.
    ActivityStatus,
}

impl SortKey {
    /// Every key and its name on the wire.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::DeviceToken, "DeviceToken"),
        (Self::FirstName, "FirstName"),
        (Self::LastName, "LastName"),
        (Self::Nickname, "Nickname"),
        (Self::Phone, "Phone"),
        (Self::Email, "Email"),
        (Self::Gender, "Gender"),
        (Self::Birthday, "Birthday"),
        (Self::MaritalStatus, "MaritalStatus"),
        (Self::ChildrenCount, "ChildrenCount"),
        (Self::Country, "Country"),
        (Self::District, "District"),
        (Self::City, "City"),
        (Self::DateCreated, "DateCreated"),
        (Self::ActivityStatus, "ActivityStatus"),
    ];
}

/// An order of users: a key, and `Desc` behind it for the other way round \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What to sort by.
    pub key: SortKey,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl Sort {
    /// The order of that name, in any letter case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let find = |name: &str| SortKey::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        if let Some((key, _)) = find(name) {
            return Some(Self { key: *key, descending: false });
        }
        let (stem, suffix) = name.split_at_checked(name.len().checked_sub("Desc".len())?)?;
        let (key, _) = find(stem).filter(|_| suffix.eq_ignore_ascii_case("Desc"))?;
        Some(Self { key: *key, descending: true })
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = SortKey::ALL.iter().find(|(key, _)| *key == self.key).map_or("", |(_, name)| *name);
        f.write_str(name)?;
        if self.descending { f.write_str("Desc") } else { Ok(()) }
    }
}

impl Serialize for Sort {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Sort;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an order")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Sort, E> {
                Sort::named(name.trim()).ok_or_else(|| {
                    let names: Vec<_> = SortKey::ALL.iter().map(|(_, name)| *name).collect();
                    E::custom(format_args!(
                        "Expected one of {}, or one of these with Desc behind it.",
                        names.join(", ")
                    ))
                })
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// `POST /v1/Management/users/instances/change` \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeInstanceRequest {
    /// The user to move.
    pub device_token: String,
    /// The instance to move to.
    pub to_instance_id: String,
    /// Its key.
    pub to_instance_key: Secret,
}

/// What joining an instance answers \[C\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct JoinInstanceResponse {
    /// The name of the instance that was joined.
    pub instance_name: Option<String>,
}

/// The query of `GET /v1/Check/UserExists` \[C\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UserExistsQuery {
    /// The phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The e-mail address, in any letter case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The id in the integrator's own system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// What `UserExists` answers \[C\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UserExistsResponse {
    /// Whether somebody fits.
    pub user_exists: bool,
    /// That user's given name.
    pub first_name: Option<String>,
    /// That user's family name.
    pub last_name: Option<String>,
    /// That user's nickname.
    pub nickname: Option<String>,
    /// Where that user's picture is.
    pub image_url: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_named_by_its_key_and_the_other_way_round_with_desc() {
        for (key, name) in SortKey::ALL {
            assert_eq!(Sort::named(name), Some(Sort { key, descending: false }));
            let descending = Sort { key, descending: true };
            assert_eq!(Sort::named(&format!("{}DESC", name.to_lowercase())), Some(descending));
            assert_eq!(descending.to_string(), format!("{name}Desc"));
        }
        for nonsense in ["", "Desc", "Shoe", "EmailDescDesc", "Emailé"] {
            assert_eq!(Sort::named(nonsense), None, "{nonsense}");
        }
    }
}
