//! Finding, listing and moving users.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Secret;
use crate::user::UserRecord;

/// The query of `GET /v1/Management/users/find` \[V\]: a user must match every given criterion. A query without a criterion is `422` \[P\].
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
    /// Whether `AccountInfo` contains names \[V\].
    pub include_account_info: Option<bool>,
}

/// `POST /v1/Management/users/GetFilteredPage` \[V\]: a user must match every given filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListUsersRequest {
    /// The user belongs to one of these companies.
    pub company_ids: Option<Vec<String>>,
    /// The user belongs to one of these applications.
    pub application_ids: Option<Vec<String>>,
    /// The user belongs to one of these instances.
    pub instance_ids: Option<Vec<String>>,
    /// The number of the page, counted from 1; 1 by default.
    pub page_number: Option<u32>,
    /// Users per page, from 1 to [`MAX_PAGE_SIZE`]; [`DEFAULT_PAGE_SIZE`] by default \[P\].
    pub page_size: Option<u32>,
    /// Whether `AccountInfo` contains names \[V\].
    pub include_account_info: Option<bool>,
    /// A part of a name, an e-mail address, a phone number or an id, in any letter case.
    pub search_term: Option<String>,
    /// The order; `DateCreated` by default \[P\].
    pub sort: Option<Sort>,
    /// The activity of the user is one of these.
    pub activity_statuses: Option<Vec<ActivityStatus>>,
    /// The user was registered at this time or later.
    pub date_created_from: Option<String>,
    /// The user was registered at this time or earlier.
    pub date_created_to: Option<String>,
    /// The country of the user, in any letter case.
    pub country: Option<String>,
    /// The city of the user, in any letter case.
    pub city: Option<String>,
    /// Whether deactivated users are listed too; `false` by default \[P\]. Softly deleted users are never listed \[P\].
    pub show_inactive_users: Option<bool>,
    /// Whether online location monitoring of the user is on.
    pub rtd_enabled: Option<bool>,
}

/// The default number of users per page \[P\].
pub const DEFAULT_PAGE_SIZE: u32 = 50;
/// The largest number of users per page \[P\].
pub const MAX_PAGE_SIZE: u32 = 1_000;

/// The result of `GetFilteredPage` \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsersResponse {
    /// The users of the page.
    pub users: Vec<UserRecord>,
    /// Whether there is a page before this one.
    pub has_previous_page: bool,
    /// Whether there is a page after this one.
    pub has_next_page: bool,
    /// The number of users that match.
    pub total_users: usize,
    /// The number of pages of these users.
    pub total_pages: usize,
    /// The number of this page.
    pub current_page: u32,
}

/// The activity of a user's device \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityStatus {
    /// It sends data.
    Active,
    /// It has not sent data for a while.
    Inactive,
    /// It has not sent data for a long time.
    Lost,
    /// It has never sent data; a record contains `No Data`.
    NoData,
    /// It cannot send data.
    Error,
}

/// A key by which users are sorted \[V\].
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
    /// The time of the registration.
    DateCreated,
    /// The activity of the device.
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

/// An order of users: a key, with the suffix `Desc` for the descending order \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The key.
    pub key: SortKey,
    /// Whether the largest value comes first.
    pub descending: bool,
}

impl Sort {
    /// The order with this name, in any letter case; `None` if there is no such order.
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
                f.write_str("the name of a sort order")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Sort, E> {
                Sort::named(name.trim()).ok_or_else(|| {
                    let names: Vec<_> = SortKey::ALL.iter().map(|(_, name)| *name).collect();
                    E::custom(format_args!(
                        "Expected one of {}, or one of these with the suffix Desc.",
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
    /// The key of that instance.
    pub to_instance_key: Secret,
}

/// The result of joining an instance \[C\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct JoinInstanceResponse {
    /// The name of the joined instance.
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

/// The result of `UserExists` \[C\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UserExistsResponse {
    /// Whether a user matches.
    pub user_exists: bool,
    /// The given name of that user.
    pub first_name: Option<String>,
    /// The family name of that user.
    pub last_name: Option<String>,
    /// The nickname of that user.
    pub nickname: Option<String>,
    /// The URL of that user's picture.
    pub image_url: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_named_by_its_key_with_desc_for_the_descending_order() {
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
