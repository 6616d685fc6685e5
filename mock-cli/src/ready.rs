//! The ready line: the only output to standard output.

use std::fmt;

use serde::Serialize;
use telematics_contract::Secret;
use telematics_mock_core::mock::{Identities, InstanceCredentials};

use crate::config::Config;

/// The announcement that a server is ready.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    event: &'static str,
    pub(crate) url: String,
    /// Whether static files are served at the URL.
    #[serde(skip)]
    has_page: bool,
    #[serde(flatten)]
    pub(crate) identities: Identities,
    /// The configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<String>,
    /// The token of the control API, for a command.
    #[serde(skip)]
    pub(crate) control_token: Option<Secret>,
}

impl Ready {
    /// The announcement of a server at this URL, with the configuration that it was started with.
    #[must_use]
    pub fn new(url: String, config: &Config) -> Self {
        Self {
            event: "ready",
            url,
            has_page: config.page.is_some(),
            identities: Identities::with(&config.initial_data),
            config: config.file.as_ref().map(|path| path.display().to_string()),
            control_token: config.control_token.clone(),
        }
    }

    /// One line of JSON, for programs.
    #[must_use]
    pub fn json(&self) -> String {
        // It can always be written, because the keys are strings.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// For people.
impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, has_page, identities, config, .. } = self;
        let Identities { instance, ubi_instance, admin, configured_instances } = identities;
        writeln!(f, "telematics-mock {} listening on {url}", env!("CARGO_PKG_VERSION"))?;
        if *has_page || config.is_some() {
            writeln!(f)?;
        }
        if *has_page {
            writeln!(f, "  Page           {url}/")?;
        }
        if let Some(config) = config {
            writeln!(f, "  Configuration  {config}")?;
        }
        let configured = configured_instances.iter().map(|credentials| {
            let name = if credentials.name.is_empty() { "Configured" } else { &*credentials.name };
            (name, credentials)
        });
        for (name, credentials) in [("Demo", instance), ("Demo UBI", ubi_instance)].into_iter().chain(configured) {
            let InstanceCredentials { instance_id, instance_key, invite_code, .. } = credentials;
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
        let initial_data = r#"{"instances":[{"id":"7","key":"8","invite-code":"MINE","name":"Mine"}]}"#;
        let config = Config {
            initial_data: serde_json::from_str(initial_data).unwrap(),
            file: Some("mock.toml".into()),
            page: Some("page".into()),
            ..Config::default()
        };
        Ready::new("http://127.0.0.1:4600".to_owned(), &config)
    }

    #[test]
    fn the_ready_line_is_one_line_of_json_for_programs() {
        let line = ready().json();
        assert!(!line.contains('\n'));
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(json["event"], "ready");
        assert_eq!(json["url"], "http://127.0.0.1:4600");
        assert_eq!(json["instance"]["inviteCode"], "DEMO01");
        assert_eq!(json["instance"]["instanceKey"], "22222222-2222-4222-8222-222222222222");
        assert_eq!(json["ubiInstance"]["inviteCode"], "UBI001");
        assert_eq!(json["admin"]["email"], "admin@example.com");
        let mine = serde_json::json!({ "name": "Mine", "instanceId": "7", "instanceKey": "8", "inviteCode": "MINE" });
        assert_eq!(json["configuredInstances"], serde_json::json!([mine]));
        assert_eq!(json["config"], "mock.toml");
    }

    #[test]
    fn the_ready_line_for_people_names_the_address_the_page_and_the_credentials() {
        let text = ready().to_string();
        assert!(text.starts_with("telematics-mock 0.1.0 listening on http://127.0.0.1:4600\n"), "{text}");
        assert!(text.contains("Page           http://127.0.0.1:4600/"), "{text}");
        assert!(text.contains("11111111-1111-4111-8111-111111111111"), "{text}");
        assert!(text.contains("  Configuration  mock.toml\n"), "{text}");
        assert!(text.contains("  Mine\n    InstanceId   7\n    InstanceKey  8\n    InviteCode   MINE\n"), "{text}");
    }
}
