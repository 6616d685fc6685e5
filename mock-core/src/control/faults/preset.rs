//! Presets: the responses of real gateways in front of a service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::effect::{CommitThen, FaultEffect, HeaderChanges};

/// The response of a real gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The call runs, and the gateway answers `504` with a page in HTML, because it did not wait for the service.
    GatewayTimeout,
    /// The call does not run: the sign-in page of a public network, with `200`.
    CaptivePortal,
    /// The call does not run: a firewall answers `403` with a page in HTML.
    WafHtml,
    /// The call does not run: `200` with an empty body and without a content type.
    #[serde(rename = "empty-200")]
    Empty200,
    /// The call does not run: `429` with `Retry-After: 2` and a message in JSON that is not an envelope.
    RateLimited,
}

impl Preset {
    /// Adds the response to the other fields of an effect. Headers of the effect replace those of the preset.
    #[must_use]
    pub fn resolved(self, effect: &FaultEffect) -> FaultEffect {
        let mut effect = FaultEffect { preset: None, ..effect.clone() };
        let own = std::mem::take(&mut effect.headers);
        let headers = |pairs: &[(&str, Option<&str>)]| -> HeaderChanges {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect()
        };
        let html = [("content-type", Some("text/html; charset=utf-8")), ("cache-control", Some("no-store"))];
        let page = |title: &str, text: &str| Value::from(page(title, text));
        match self {
            Self::GatewayTimeout => {
                let text = "The gateway did not receive a timely response from the upstream server.";
                effect.commit_then = Some(CommitThen {
                    status: Some(504),
                    headers: BTreeMap::new(),
                    body: Some(page("504 Gateway Timeout", text)),
                });
                effect.headers = headers(&html);
            }
            Self::CaptivePortal => {
                effect.status = Some(200);
                effect.body =
                    Some(page("Sign in to the network", "Accept the terms of use to connect to the internet."));
                effect.headers = headers(&html);
            }
            Self::WafHtml => {
                effect.status = Some(403);
                effect.body =
                    Some(page("Request blocked", "The request was blocked by the security rules of this site."));
                effect.headers = headers(&html);
            }
            Self::Empty200 => {
                effect.status = Some(200);
                effect.body = Some(Value::from(""));
                effect.headers = headers(&[("content-type", None)]);
            }
            Self::RateLimited => {
                effect.status = Some(429);
                effect.body = Some(json!({ "message": "Too Many Requests" }));
                effect.headers = headers(&[("retry-after", Some("2"))]);
            }
        }
        effect.headers.extend(own.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
        effect
    }
}

fn page(title: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1><p>{text}</p></body>\n</html>\n"
    )
}
