//! The route table. The mock server matches paths with it, lists methods in `Allow` with it and makes hints from it; the
//! client takes methods and paths from it.

/// The version prefix of every path \[C\] but that of [`Call::ReadPermissions`].
pub const PREFIX: &str = "/v1";

/// An HTTP method of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates something, or starts an action.
    Post,
    /// Changes.
    Put,
    /// Changes an application or an instance.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The credentials that a call requires. The tests of the contract compare the mock server with this column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Credentials in the body: login and refresh.
    Body,
    /// The headers `InstanceId` and `InstanceKey` \[S\].
    Instance,
    /// A user's access token, or the legacy device-token headers \[S\].
    User,
    /// An admin's access token \[V\].
    Admin,
    /// A user's access token for the user's own record, or an admin's access token for any record \[V\].
    UserOrAdmin,
}

/// The method, the path and the required credentials of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path; a segment in braces is a parameter.
    pub path: &'static str,
    /// The required credentials.
    pub access: Access,
}

/// A call of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Registers one user.
    Register,
    /// Registers many users with the same fields.
    RegisterMany,
    /// Exchanges a login for a pair of tokens.
    Login,
    /// Exchanges a pair of tokens for the next one.
    RefreshToken,
    /// Reads the caller's own record.
    ReadUser,
    /// Changes a user's record.
    UpdateUser,
    /// Deletes a user permanently.
    DeleteUser,
    /// Finds users by exact criteria.
    FindUsers,
    /// Lists users page by page.
    ListUsers,
    /// Moves a user to another instance.
    ChangeInstance,
    /// Lets a user join another instance by invite code.
    JoinInstance,
    /// Tells whether a user is registered.
    UserExists,
    /// Uploads a user's picture.
    UploadImage,
    /// Changes the record of the user in the path.
    UpdateNamedUser,
    /// Creates an application of a company.
    CreateApplication,
    /// Lists the applications of a company.
    ListApplications,
    /// Reads an application.
    ReadApplication,
    /// Changes an application.
    UpdateApplication,
    /// Deletes an application and its instances.
    DeleteApplication,
    /// Creates an instance of an application.
    CreateInstance,
    /// Lists the instances of an application.
    ListInstances,
    /// Reads the instance of an application with an invite code.
    FindInstance,
    /// Reads an instance.
    ReadInstance,
    /// Changes an instance.
    UpdateInstance,
    /// Deletes an instance.
    DeleteInstance,
    /// Tells what the admin may manage.
    ReadPermissions,
}

impl Call {
    /// Every call of the contract.
    pub const ALL: [Self; 26] = [
        Self::Register,
        Self::RegisterMany,
        Self::Login,
        Self::RefreshToken,
        Self::ReadUser,
        Self::UpdateUser,
        Self::DeleteUser,
        Self::FindUsers,
        Self::ListUsers,
        Self::ChangeInstance,
        Self::JoinInstance,
        Self::UserExists,
        Self::UploadImage,
        Self::UpdateNamedUser,
        Self::CreateApplication,
        Self::ListApplications,
        Self::ReadApplication,
        Self::UpdateApplication,
        Self::DeleteApplication,
        Self::CreateInstance,
        Self::ListInstances,
        Self::FindInstance,
        Self::ReadInstance,
        Self::UpdateInstance,
        Self::DeleteInstance,
        Self::ReadPermissions,
    ];

    /// The method, the path and the required credentials of the call.
    #[must_use]
    pub const fn endpoint(self) -> Endpoint {
        const fn at(method: Method, path: &'static str, access: Access) -> Endpoint {
            Endpoint { method, path, access }
        }
        match self {
            // [S]
            Self::Register => at(Method::Post, "/v1/Registration/Create", Access::Instance),
            // The body is [S], the path [P].
            Self::RegisterMany => at(Method::Post, "/v1/Registration/CreateMultiple", Access::Instance),
            // Mentioned in [S], defined in [V, C].
            Self::Login => at(Method::Post, "/v1/Auth/Login", Access::Body),
            // [S]
            Self::RefreshToken => at(Method::Post, "/v1/Auth/RefreshToken", Access::Body),
            // [C]
            Self::ReadUser => at(Method::Get, "/v1/Management/users", Access::User),
            // [V]
            Self::UpdateUser => at(Method::Put, "/v1/Management/users", Access::UserOrAdmin),
            // [S, V]
            Self::DeleteUser => at(Method::Delete, "/v1/Management/users/{DeviceToken}", Access::Admin),
            // [V]
            Self::FindUsers => at(Method::Get, "/v1/Management/users/find", Access::Admin),
            // [V]
            Self::ListUsers => at(Method::Post, "/v1/Management/users/GetFilteredPage", Access::Admin),
            // [V]
            Self::ChangeInstance => at(Method::Post, "/v1/Management/users/instances/change", Access::Admin),
            // [C]
            Self::JoinInstance => at(Method::Post, "/v1/Management/users/instances/change/{InviteCode}", Access::User),
            // [C]; the headers are [P]
            Self::UserExists => at(Method::Get, "/v1/Check/UserExists", Access::Instance),
            // [C]
            Self::UploadImage => at(Method::Post, "/v1/Management/users/images/upload", Access::User),
            // The rest is [V]: the accounts API, which the vendor serves at another host, and its permissions at a third one.
            Self::UpdateNamedUser => at(Method::Put, "/v1/Management/users/{DeviceToken}", Access::Admin),
            Self::CreateApplication => at(Method::Post, "/v1/companies/{CompanyId}/applications", Access::Admin),
            Self::ListApplications => at(Method::Get, "/v1/companies/{CompanyId}/applications", Access::Admin),
            Self::ReadApplication => at(Method::Get, "/v1/Applications/{AppId}", Access::Admin),
            Self::UpdateApplication => at(Method::Patch, "/v1/Applications/applications/{AppId}", Access::Admin),
            Self::DeleteApplication => at(Method::Delete, "/v1/Applications/applications/{AppId}", Access::Admin),
            Self::CreateInstance => at(Method::Post, "/v1/applications/{AppId}/instances", Access::Admin),
            Self::ListInstances => at(Method::Get, "/v1/applications/{AppId}/instances", Access::Admin),
            Self::FindInstance => at(Method::Get, "/v1/applications/{AppId}/instances/{InviteCode}", Access::Admin),
            Self::ReadInstance => at(Method::Get, "/v1/Instances/{InstanceId}", Access::Admin),
            Self::UpdateInstance => at(Method::Patch, "/v1/Instances/{InstanceId}", Access::Admin),
            Self::DeleteInstance => at(Method::Delete, "/v1/Instances/{InstanceId}", Access::Admin),
            Self::ReadPermissions => at(Method::Get, "/auth/permissions", Access::Admin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_but_one_starts_with_the_version() {
        for call in Call::ALL {
            let is_versioned = call.endpoint().path.starts_with("/v1/");
            assert_eq!(is_versioned, call != Call::ReadPermissions, "{call:?}");
        }
    }

    #[test]
    fn no_two_calls_share_a_method_and_a_path_in_any_letter_case() {
        let mut seen = Vec::new();
        for call in Call::ALL {
            let endpoint = call.endpoint();
            let key = (endpoint.method, endpoint.path.to_ascii_lowercase());
            assert!(!seen.contains(&key), "{call:?}");
            seen.push(key);
        }
    }
}
