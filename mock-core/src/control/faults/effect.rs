//! The effect of a fault on a request and its response.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::preset::Preset;
use crate::control::header_syntax::{is_field_value, is_token};
use crate::control::invalid::InvalidField;
use crate::control::redaction::{redacted, redacted_body};

/// The longest time that a fault may hold up an answer, in milliseconds: ten minutes.
pub const MAX_MILLISECONDS: u64 = 600_000;

/// Headers that frame a response on its connection. A fault cannot change them.
const FRAMING: [&str; 9] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// Headers of a response by name: a value replaces the header, and `None` removes it.
pub type HeaderChanges = BTreeMap<String, Option<String>>;

/// The effect of a fault on a request and its answer.
///
/// ```
/// use telematics_mock_core::control::faults::FaultEffect;
///
/// let unavailable = FaultEffect { status: Some(503), ..FaultEffect::default() };
/// let lost_answer = FaultEffect { commit_then_drop: true, ..FaultEffect::default() };
/// # assert_ne!(unavailable, lost_answer);
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FaultEffect {
    /// Answer with this status instead of making the call: 200 to 599.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Answer with this body instead of making the call; with status 200 unless `status` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Change these headers of the answer, whether the call is made or not.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: HeaderChanges,
    /// Make the call, and answer with this instead of its own answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_then: Option<CommitThen>,
    /// Make the call, and change the JSON body of its answer: objects are merged, and anything else replaces what is there, `null`
    /// included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<Map<String, Value>>,
    /// Answer like a real gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// Hold the request up for this time before the call, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
    /// Hold it up for a random time on top, up to this one, in milliseconds. The time is drawn from the seed.
    #[serde(skip_serializing_if = "is_zero")]
    pub jitter_ms: u64,
    /// Hold the answer up for this time after the call, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub response_delay_ms: u64,
    /// Hold the request or its answer until it is released.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "hold")]
    pub hold: Option<Hold>,
    /// Reset the connection instead of making the call.
    #[serde(skip_serializing_if = "is_false")]
    pub reset: bool,
    /// Break the connection after this number of bytes of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate_body: Option<usize>,
    /// Send the body in pieces over this time, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub dribble_ms: u64,
    /// Make the call and close the connection without an answer: a lost refresh.
    #[serde(skip_serializing_if = "is_false")]
    pub commit_then_drop: bool,
}

/// The answer that replaces that of a call which was made.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CommitThen {
    /// The status: 200 to 599; 200 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: HeaderChanges,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// The moment at which a fault holds a request until it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// Before the call.
    Request,
    /// After the call, before the response.
    Response,
}

/// The JSON of an effect without its secrets. A text without a name can be one.
fn shown(effect: &impl Serialize) -> Value {
    let Ok(Value::Object(mut shown)) = serde_json::to_value(effect).map(redacted) else { return Value::Null };
    if let Some(body) = shown.get_mut("body") {
        *body = redacted_body(body.take());
    }
    if let Some(body) = shown.get_mut("commitThen").and_then(|answer| answer.get_mut("body")) {
        *body = redacted_body(body.take());
    }
    Value::Object(shown)
}

impl fmt::Debug for FaultEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultEffect({})", shown(self))
    }
}

impl fmt::Debug for CommitThen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitThen({})", shown(self))
    }
}

impl FaultEffect {
    /// Whether the client gets the answer of the call, whole and unchanged; it can be late, and other headers can be on it.
    #[must_use]
    pub fn keeps_answer(&self) -> bool {
        let Self { status, body, commit_then, patch, preset, reset, truncate_body, commit_then_drop, .. } = self;
        let is_replaced = status.is_some() || body.is_some() || commit_then.is_some() || preset.is_some();
        !is_replaced && patch.is_none() && !reset && truncate_body.is_none() && !commit_then_drop
    }

    pub(super) fn check(&self) -> Result<(), InvalidField> {
        check_status("then.status", self.status)?;
        for (field, milliseconds) in [
            ("delayMs", self.delay_ms),
            ("jitterMs", self.jitter_ms),
            ("responseDelayMs", self.response_delay_ms),
            ("dribbleMs", self.dribble_ms),
        ] {
            if milliseconds > MAX_MILLISECONDS {
                return Err(InvalidField::new(format!("then.{field}"), format!("must be at most {MAX_MILLISECONDS}")));
            }
        }
        check_headers("then.headers", &self.headers)?;
        if let Some(CommitThen { status, headers, body }) = &self.commit_then {
            if status.is_none() && body.is_none() {
                return Err(InvalidField::new("then.commitThen", "must have a status or a body"));
            }
            check_status("then.commitThen.status", *status)?;
            check_headers("then.commitThen.headers", headers)?;
        }
        self.check_combination()?;
        if *self == Self::default() {
            return Err(InvalidField::new("then", "must have at least one effect"));
        }
        Ok(())
    }

    /// Only one field may decide what the client receives.
    fn check_combination(&self) -> Result<(), InvalidField> {
        let deciding = [
            ("commitThenDrop", self.commit_then_drop),
            ("commitThen", self.commit_then.is_some()),
            ("patch", self.patch.is_some()),
            ("preset", self.preset.is_some()),
            ("reset", self.reset),
            ("status", self.status.is_some()),
            ("body", self.body.is_some()),
        ];
        let mut given = deciding.iter().filter(|(_, is_given)| *is_given).map(|(name, _)| *name);
        match (given.next(), given.next()) {
            (Some(one), Some(other)) if (one, other) != ("status", "body") => {
                let reason = format!("cannot be combined with {other}, because each of them decides the answer");
                Err(InvalidField::new(format!("then.{one}"), reason))
            }
            _ => Ok(()),
        }
    }
}

fn check_status(field: &str, status: Option<u16>) -> Result<(), InvalidField> {
    match status {
        Some(status) if !(200..=599).contains(&status) => {
            Err(InvalidField::new(field, "must be a status from 200 to 599"))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_headers(field: &str, headers: &HeaderChanges) -> Result<(), InvalidField> {
    for (name, value) in headers {
        let reason = if !is_token(name) || !value.as_deref().is_none_or(is_field_value) {
            "must be a valid HTTP header"
        } else if FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
            "belongs to the connection and cannot be changed; truncateBody and reset break a response"
        } else {
            continue;
        };
        return Err(InvalidField::new(format!("{field}.{name}"), reason));
    }
    Ok(())
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_false(value: &bool) -> bool {
    !value
}

/// `true` holds the request; `false` and `null` hold nothing.
fn hold<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hold>, D::Error> {
    struct Moment;
    impl Visitor<'_> for Moment {
        type Value = Option<Hold>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true, \"request\" or \"response\"")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_bool<E: de::Error>(self, is_held: bool) -> Result<Self::Value, E> {
            Ok(is_held.then_some(Hold::Request))
        }

        fn visit_str<E: de::Error>(self, moment: &str) -> Result<Self::Value, E> {
            match moment {
                "request" => Ok(Some(Hold::Request)),
                "response" => Ok(Some(Hold::Response)),
                _ => Err(E::invalid_value(de::Unexpected::Other("another text"), &self)),
            }
        }
    }
    deserializer.deserialize_any(Moment)
}
