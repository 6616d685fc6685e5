//! The ready line: the one thing on standard output.

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;

use crate::service::instances::{DEMO_INSTANCE, DEMO_INVITE_CODE, DEMO_KEY};

/// What a server says when it is ready.
#[derive(Debug, Serialize)]
pub struct Ready {
    event: &'static str,
    url: String,
    instance: Credentials,
}

/// What an integrator needs to use an instance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    instance_id: String,
    instance_key: String,
    invite_code: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Ready {
    /// For a server that listens there.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        let instance = Credentials {
            instance_id: DEMO_INSTANCE.to_string(),
            instance_key: DEMO_KEY.expose(),
            invite_code: DEMO_INVITE_CODE.to_owned(),
        };
        Self { event: "ready", url: format!("http://{address}"), instance }
    }

    /// One line of JSON, for programs.
    ///
    /// # Errors
    ///
    /// None that can happen: the keys are strings.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

/// For people.
impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, instance, .. } = self;
        writeln!(f, "telematics-mock {} listening on {url}", env!("CARGO_PKG_VERSION"))?;
        writeln!(f)?;
        writeln!(f, "  InstanceId   {}", instance.instance_id)?;
        writeln!(f, "  InstanceKey  {}", instance.instance_key)?;
        write!(f, "  InviteCode   {}", instance.invite_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Ready {
        Ready::at(SocketAddr::from(([127, 0, 0, 1], 4600)))
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
    }

    #[test]
    fn the_ready_line_says_where_for_people() {
        let text = ready().to_string();
        assert!(text.starts_with("telematics-mock 0.1.0 listening on http://127.0.0.1:4600\n"), "{text}");
        assert!(text.contains("11111111-1111-4111-8111-111111111111"), "{text}");
    }
}
