//! The accounts API: companies contain applications, and applications contain instances \[V\]. The vendor serves it at another host;
//! the paths are the same here.

use serde::{Deserialize, Serialize};

use crate::{FieldError, Secret};

/// The status of an application or of an instance. It is written as a number and read as a word \[V\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountStatus {
    /// In use.
    #[default]
    Active,
    /// Not in use: it is listed only on request \[V\].
    Deactivated,
}

/// An [`AccountStatus`] as it is written: `1` is active, `2` is deactivated \[V\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct WrittenAccountStatus(pub AccountStatus);

/// The number is not a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAccountStatus;

impl std::fmt::Display for InvalidAccountStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Status is 1 (active) or 2 (deactivated).")
    }
}

impl TryFrom<u8> for WrittenAccountStatus {
    type Error = InvalidAccountStatus;

    fn try_from(number: u8) -> Result<Self, InvalidAccountStatus> {
        match number {
            1 => Ok(Self(AccountStatus::Active)),
            2 => Ok(Self(AccountStatus::Deactivated)),
            _ => Err(InvalidAccountStatus),
        }
    }
}

impl From<WrittenAccountStatus> for u8 {
    fn from(WrittenAccountStatus(status): WrittenAccountStatus) -> Self {
        match status {
            AccountStatus::Active => 1,
            AccountStatus::Deactivated => 2,
        }
    }
}

/// The changes of an application; an absent field stays unchanged \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateApplicationRequest {
    /// The name.
    pub name: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// The status.
    pub status: Option<WrittenAccountStatus>,
    /// Link to the app in the store of Google.
    pub google_play_link: Option<String>,
    /// Link to the app in the store of Apple.
    pub apple_store_link: Option<String>,
    /// The environment; the vendor's samples have `production`, `UAT` and `test`.
    pub environment: Option<String>,
}

/// `POST /v1/companies/{CompanyId}/applications` \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateApplicationRequest {
    /// The name; required.
    pub name: String,
    /// A description.
    #[serde(default)]
    pub description: Option<String>,
    /// The status; active by default.
    #[serde(default)]
    pub status: Option<WrittenAccountStatus>,
    /// Link to the app in the store of Google.
    #[serde(default)]
    pub google_play_link: Option<String>,
    /// Link to the app in the store of Apple.
    #[serde(default)]
    pub apple_store_link: Option<String>,
    /// The environment.
    #[serde(default)]
    pub environment: Option<String>,
    /// Whether the application gets an instance with the name [`DEFAULT_GROUP_NAME`]; `false` by default.
    #[serde(default)]
    pub create_default_group: Option<bool>,
}

/// The name of the instance that `CreateDefaultGroup` creates \[V\].
pub const DEFAULT_GROUP_NAME: &str = "Common";
/// Its description \[V\].
pub const DEFAULT_GROUP_DESCRIPTION: &str = "Default group";

/// A created application \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateApplicationResponse {
    /// The id of the application.
    pub app_id: String,
    /// Its instances: the default group, or none.
    pub instances: Vec<InstanceCredentials>,
}

/// The id and the key of an instance, with which users are registered \[V\]. Also the answer to
/// `POST /v1/applications/{AppId}/instances`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceCredentials {
    /// The header `InstanceId`.
    pub id: String,
    /// The header `InstanceKey`.
    pub key: Secret,
}

/// The query of `GET /v1/Applications/{AppId}` \[V\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReadApplicationQuery {
    /// Whether the answer contains the instances.
    pub include_instances: Option<bool>,
}

/// The query of `GET /v1/applications/{AppId}/instances` \[V\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListInstancesQuery {
    /// Whether deactivated instances are listed too.
    pub include_deactivated: Option<bool>,
}

/// An application, as it is read \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ApplicationView {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The status.
    pub status: AccountStatus,
    /// Link to the app in the store of Google.
    pub google_play_link: Option<String>,
    /// Link to the app in the store of Apple.
    pub apple_store_link: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// The instances; absent unless they are requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<Vec<InstanceSummary>>,
}

/// An instance in the record of its application \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceSummary {
    /// The id.
    pub id: String,
    /// The key.
    pub key: Secret,
    /// The name.
    pub name: String,
    /// The status.
    pub status: AccountStatus,
}

/// `POST /v1/applications/{AppId}/instances` \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateInstanceRequest {
    /// The name; required.
    pub name: String,
    /// A description.
    #[serde(default)]
    pub description: Option<String>,
    /// The status; active by default.
    #[serde(default)]
    pub status: Option<WrittenAccountStatus>,
}

/// The query of `PATCH /v1/Instances/{InstanceId}`; an absent field stays unchanged \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateInstanceQuery {
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The status.
    pub status: Option<WrittenAccountStatus>,
}

/// An instance, as it is read \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceView {
    /// The id.
    pub id: String,
    /// The key.
    pub key: Secret,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The status.
    pub status: AccountStatus,
    /// The code with which users register or join.
    pub invite_code: String,
    /// The id of the application.
    pub app_id: String,
    /// The name of the application.
    pub app_name: String,
    /// The id of the company.
    pub company_id: String,
}

/// The answer to `GET /auth/permissions`, whose names are in camelCase \[V\]. A failure has the ordinary envelope \[P\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionsEnvelope {
    /// The permissions.
    pub result: Permissions,
    /// The HTTP status.
    pub status: u16,
    /// Empty in a successful answer.
    pub title: String,
    /// Empty in a successful answer.
    pub errors: Vec<FieldError>,
}

impl PermissionsEnvelope {
    /// A successful answer.
    #[must_use]
    pub const fn success(result: Permissions) -> Self {
        Self { result, status: 200, title: String::new(), errors: Vec::new() }
    }
}

/// What an admin may manage: only the list of the admin's level has entries \[V\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// The id of the admin.
    pub user_id: String,
    /// Whether the admin belongs to the vendor.
    pub is_god: bool,
    /// The companies, for an admin of whole companies.
    pub companies_permissions: Vec<CompanyPermission>,
    /// The applications, for an admin of whole applications.
    pub apps_permissions: Vec<ApplicationPermission>,
    /// The instances, for an admin of single instances.
    pub instances_permissions: Vec<InstancePermission>,
}

/// The permission for a company; no sample of it is published, so its fields are those that the other levels have too \[P\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompanyPermission {
    /// The id of the company.
    pub company_id: String,
    /// A number of the company.
    pub company_int_id: u32,
    /// The role of the admin.
    pub role_id: String,
}

/// The permission for an application \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationPermission {
    /// The id of the company.
    pub company_id: String,
    /// A number of the company.
    pub company_int_id: u32,
    /// The id of the application.
    pub app_id: String,
    /// A number of the application.
    pub app_int_id: u32,
    /// The role of the admin.
    pub role_id: String,
}

/// The permission for an instance \[V\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstancePermission {
    /// The id of the company.
    pub company_id: String,
    /// A number of the company.
    pub company_int_id: u32,
    /// The id of the application.
    pub app_id: String,
    /// A number of the application.
    pub app_int_id: u32,
    /// The id of the instance.
    pub instance_id: String,
    /// A number of the instance.
    pub instance_int_id: u32,
    /// The role of the admin.
    pub role_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_written_as_a_number_and_read_as_a_word() {
        let written: WrittenAccountStatus = serde_json::from_str("2").unwrap();
        assert_eq!(serde_json::to_string(&written.0).unwrap(), r#""Deactivated""#);
        assert_eq!(serde_json::to_string(&written).unwrap(), "2");
        assert!(serde_json::from_str::<WrittenAccountStatus>("3").is_err());
    }

    #[test]
    fn an_application_has_no_instances_unless_they_are_requested() {
        let view = ApplicationView {
            id: String::new(),
            name: String::new(),
            description: None,
            status: AccountStatus::Active,
            google_play_link: None,
            apple_store_link: None,
            environment: None,
            instances: None,
        };
        let text = serde_json::to_string(&view).unwrap();
        assert!(text.contains(r#""GooglePlayLink":null"#) && !text.contains("Instances"), "{text}");
    }
}
