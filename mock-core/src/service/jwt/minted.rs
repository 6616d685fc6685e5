//! Access tokens with chosen claims and a chosen signature, for tests of what receives such tokens.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{AccessClaims, SdkClaims, Signer};
use crate::json_tree::to_text;
use crate::service::mac::MacKey;

/// The signature of a minted token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MintedSignature {
    /// That of this server.
    #[default]
    Valid,
    /// That of another key.
    WrongKey,
    /// That of this server, in which one bit was changed.
    Tampered,
    /// None, and the header has `"alg": "none"`.
    None,
}

impl Signer {
    /// The claims of a user's access token by their names.
    #[must_use]
    pub fn claims(claims: &AccessClaims, sdk: &SdkClaims) -> Map<String, Value> {
        let mut json = Vec::new();
        Self::write_claims(&mut json, claims, Some(sdk));
        serde_json::from_slice(&json).unwrap_or_default()
    }

    /// A token with these claims and this signature; `other` is the key of [`MintedSignature::WrongKey`].
    #[must_use]
    pub fn mint(&self, claims: &Map<String, Value>, signature: MintedSignature, other: &MacKey) -> String {
        let header = match signature {
            MintedSignature::Valid | MintedSignature::WrongKey | MintedSignature::Tampered => self.header.clone(),
            MintedSignature::None => {
                let header = to_text(&json!({ "alg": "none", "typ": "JWT" }));
                format!("{}.", BASE64_URL_SAFE_NO_PAD.encode(header))
            }
        };
        let claims = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
        let message = header + &claims;
        let seal = |key: &MacKey| key.seal(&[message.as_bytes()]);
        let signature = match signature {
            MintedSignature::Valid => BASE64_URL_SAFE_NO_PAD.encode(seal(&self.key)),
            MintedSignature::WrongKey => BASE64_URL_SAFE_NO_PAD.encode(seal(other)),
            MintedSignature::Tampered => {
                let [first, rest @ ..] = seal(&self.key);
                BASE64_URL_SAFE_NO_PAD.encode([&[first ^ 1], rest.as_slice()].concat())
            }
            MintedSignature::None => String::new(),
        };
        format!("{message}.{signature}")
    }
}
