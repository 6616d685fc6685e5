//! The ready line: the only output to standard output.

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;
use telematics_mock_core::service::admins::{DEMO_ADMIN_EMAIL, DEMO_ADMIN_PASSWORD};
use telematics_mock_core::service::instances::NewInstance;

/// The announcement that a server is ready.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    event: &'static str,
    url: String,
    /// Whether static files are served at the URL.
    #[serde(skip)]
    has_page: bool,
    instance: InstanceCredentials,
    ubi_instance: InstanceCredentials,
    admin: AdminCredentials,
}

/// The credentials of an instance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InstanceCredentials {
    instance_id: String,
    instance_key: String,
    invite_code: String,
}

/// The credentials of the admin.
#[derive(Serialize)]
struct AdminCredentials {
    email: &'static str,
    password: &'static str,
}

impl fmt::Debug for AdminCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminCredentials(…)")
    }
}

impl fmt::Debug for InstanceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstanceCredentials(…)")
    }
}

impl Ready {
    /// The announcement of a server that listens on this address.
    #[must_use]
    pub fn new(address: SocketAddr, has_page: bool) -> Self {
        let [instance, ubi_instance] = NewInstance::well_known().map(|instance| InstanceCredentials {
            instance_id: instance.id.to_string(),
            instance_key: instance.key.expose(),
            invite_code: instance.invite_code.into(),
        });
        let admin = AdminCredentials { email: DEMO_ADMIN_EMAIL, password: DEMO_ADMIN_PASSWORD };
        Self { event: "ready", url: format!("http://{address}"), has_page, instance, ubi_instance, admin }
    }

    /// One line of JSON, for programs.
    ///
    /// # Errors
    ///
    /// serde_json cannot write it. That does not happen, because the keys are strings.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

/// For people.
impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, has_page, instance, ubi_instance, admin, .. } = self;
        writeln!(f, "telematics-mock {} listening on {url}", env!("CARGO_PKG_VERSION"))?;
        if *has_page {
            writeln!(f)?;
            writeln!(f, "  Page           {url}/")?;
        }
        for (name, credentials) in [("Demo", instance), ("Demo UBI", ubi_instance)] {
            let InstanceCredentials { instance_id, instance_key, invite_code } = credentials;
            writeln!(f)?;
            writeln!(f, "  {name}")?;
            writeln!(f, "    InstanceId   {instance_id}")?;
            writeln!(f, "    InstanceKey  {instance_key}")?;
            writeln!(f, "    InviteCode   {invite_code}")?;
        }
        writeln!(f)?;
        write!(f, "  Admin          {} / {}", admin.email, admin.password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Ready {
        Ready::new(SocketAddr::from(([127, 0, 0, 1], 4600)), true)
    }

    #[test]
    fn the_ready_line_is_one_line_of_json_for_programs() {
        let line = ready().json().unwrap();
        assert!(!line.contains('\n'));
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(json["event"], "ready");
        assert_eq!(json["url"], "http://127.0.0.1:4600");
        assert_eq!(json["instance"]["inviteCode"], "DEMO01");
        assert_eq!(json["instance"]["instanceKey"], "22222222-2222-4222-8222-222222222222");
        assert_eq!(json["ubiInstance"]["inviteCode"], "UBI001");
        assert_eq!(json["admin"]["email"], "admin@example.com");
    }

    #[test]
    fn the_ready_line_for_people_names_the_address_the_page_and_the_credentials() {
        let text = ready().to_string();
        assert!(text.starts_with("telematics-mock 0.1.0 listening on http://127.0.0.1:4600\n"), "{text}");
        assert!(text.contains("Page           http://127.0.0.1:4600/"), "{text}");
        assert!(text.contains("11111111-1111-4111-8111-111111111111"), "{text}");
    }
}
