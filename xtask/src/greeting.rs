//! The ready line of the mock server as a greeting for people.

use std::fmt;

use serde::Deserialize;

/// The members of the ready line that a person needs to try the server.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Greeting {
    /// The address of the server.
    pub(crate) url: String,
    instance: Instance,
    ubi_instance: Instance,
    admin: Admin,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    instance_id: String,
    instance_key: String,
    invite_code: String,
}

#[derive(Deserialize)]
struct Admin {
    email: String,
    password: String,
}

impl Greeting {
    /// Reads the line that the server prints with `--json`; `None` if the line is another one.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

impl fmt::Display for Greeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, instance, ubi_instance, admin } = self;
        writeln!(f, "The mock server listens on {url}")?;
        for (name, instance) in [("Demo", instance), ("Demo UBI", ubi_instance)] {
            writeln!(f, "\n  {name}")?;
            writeln!(f, "    InstanceId   {}", instance.instance_id)?;
            writeln!(f, "    InstanceKey  {}", instance.instance_key)?;
            writeln!(f, "    InviteCode   {}", instance.invite_code)?;
        }
        writeln!(f, "\n  Admin          {} / {}", admin.email, admin.password)?;
        write!(f, "\nThe page: {url}/ (Ctrl-C stops the server)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"event":"ready","url":"http://127.0.0.1:4600",
        "instance":{"instanceId":"1111","instanceKey":"2222","inviteCode":"DEMO01"},
        "ubiInstance":{"instanceId":"3333","instanceKey":"4444","inviteCode":"UBI001"},
        "admin":{"email":"admin@example.com","password":"admin-password"}}"#;

    #[test]
    fn the_greeting_names_the_address_the_credentials_and_the_page() {
        let greeting = Greeting::parse(LINE).unwrap().to_string();
        let lines: Vec<_> = greeting.lines().collect();
        assert_eq!(lines.first(), Some(&"The mock server listens on http://127.0.0.1:4600"));
        assert!(lines.contains(&"    InstanceId   1111") && lines.contains(&"    InstanceKey  4444"), "{greeting}");
        assert!(lines.contains(&"  Admin          admin@example.com / admin-password"), "{greeting}");
        assert_eq!(lines.last(), Some(&"The page: http://127.0.0.1:4600/ (Ctrl-C stops the server)"));
    }

    #[test]
    fn any_other_line_is_not_a_greeting() {
        assert!(Greeting::parse("telematics-mock listens").is_none());
        assert!(Greeting::parse(r#"{"event":"ready"}"#).is_none());
    }
}
