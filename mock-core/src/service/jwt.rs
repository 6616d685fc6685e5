//! Access tokens: JWTs signed with HS256. The only file that uses `jsonwebtoken`.
//!
//! The library chooses its cryptography once for a whole process. This server runs inside other people's test processes, which
//! may use the library with other algorithms, so it must not make that choice. It takes the header and the reading of the
//! claims from the library and computes the HMAC with [`MacKey`], whose key schedule is computed once.
//!
//! Every token of this server has the same header. [`Signer::open`] compares the header as text, so `alg: none` and every other
//! algorithm are refused before anything is decoded.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize, Serializer};

mod minted;

pub use super::claims::{AccessClaims, KeyEpoch, OpenedToken, SdkClaims, Subject, TokenId};
pub use minted::MintedSignature;

use super::ids::{AdminId, ApplicationId, CompanyId, DeviceToken, InstanceId};
use super::mac::MacKey;
use super::time::Timestamp;

/// The number of bytes of an HS256 signature.
const SIGNATURE_BYTES: usize = 32;
/// The number of base64url characters of an HS256 signature.
const SIGNATURE_CHARS: usize = 43;
/// The usual size of the claims in bytes; a longer `SdkClientId` only costs a reallocation.
const CLAIMS_BYTES: usize = 640;

/// The claims on the wire, with the names of the vendor's old documentation \[S-era\]. The sample there also contained the
/// instance key and the refresh token, in a document that anybody can decode; this server never includes them \[P\].
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenClaims<'a, Id> {
    #[serde(rename = "sub")]
    subject: Id,
    #[serde(rename = "jti")]
    id: TokenId,
    #[serde(rename = "iat")]
    issued: i64,
    #[serde(rename = "exp")]
    expires: i64,
    refresh_token_expired_date: WireDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<InstanceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_id: Option<ApplicationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<CompanyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_enable_tracking: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_enable_logging: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_enable_real_time_location: Option<&'static str>,
    // A user without a ClientId has this claim too, with `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sdk_client_id: Option<Option<&'a str>>,
}

/// A date as the contract writes it.
struct WireDate(Timestamp);

impl Serialize for WireDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.wire())
    }
}

impl<'a, Id: Copy> WrittenClaims<'a, Id> {
    /// The claims that every access token has.
    fn new(subject: Id, claims: &AccessClaims) -> Self {
        Self {
            subject,
            id: claims.id,
            issued: claims.issued.seconds(),
            expires: claims.expires.seconds(),
            refresh_token_expired_date: WireDate(claims.refresh_token_expires),
            device_token: None,
            instance_id: None,
            application_id: None,
            company_id: None,
            sdk_enable_tracking: None,
            sdk_enable_logging: None,
            sdk_enable_real_time_location: None,
            sdk_client_id: None,
        }
    }

    /// Adds the claims of a user's token.
    fn of_user(self, instance: InstanceId, sdk: &'a SdkClaims) -> Self {
        const fn text(value: bool) -> &'static str {
            if value { "True" } else { "False" }
        }
        Self {
            device_token: Some(self.subject),
            instance_id: Some(instance),
            application_id: Some(sdk.application),
            company_id: Some(sdk.company),
            sdk_enable_tracking: Some(text(sdk.enable_tracking)),
            sdk_enable_logging: Some(text(sdk.enable_logging)),
            sdk_enable_real_time_location: Some(text(sdk.enable_real_time_location)),
            sdk_client_id: Some(sdk.client_id.as_deref()),
            ..self
        }
    }
}

#[derive(Deserialize)]
struct ReadClaims {
    /// The DeviceToken of a user, or the id of an admin.
    sub: AdminId,
    jti: TokenId,
    iat: i64,
    exp: i64,
    /// Only a user's token has this claim.
    #[serde(rename = "InstanceId")]
    instance_id: Option<InstanceId>,
}

/// Signs access tokens and opens them again.
pub struct Signer {
    epoch: KeyEpoch,
    key: MacKey,
    /// The header of every token in base64url, with the dot that follows it.
    header: String,
}

impl Signer {
    /// A signer with this secret.
    #[must_use]
    pub fn new(secret: &[u8; 32], epoch: KeyEpoch) -> Self {
        let header = serde_json::to_vec(&Header::new(Algorithm::HS256)).unwrap_or_default();
        let header = format!("{}.", BASE64_URL_SAFE_NO_PAD.encode(header));
        Self { epoch, key: MacKey::new(secret), header }
    }

    /// Signs a token.
    #[must_use]
    pub fn sign(&self, claims: &AccessClaims, sdk: Option<&SdkClaims>) -> String {
        let mut json = Vec::with_capacity(CLAIMS_BYTES);
        Self::write_claims(&mut json, claims, sdk);
        let mut token = String::with_capacity(self.header.len() + json.len().div_ceil(3) * 4 + 1 + SIGNATURE_CHARS);
        token.push_str(&self.header);
        BASE64_URL_SAFE_NO_PAD.encode_string(&json, &mut token);
        let signature = self.key.seal(&[token.as_bytes()]);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }

    fn write_claims(json: &mut Vec<u8>, claims: &AccessClaims, sdk: Option<&SdkClaims>) {
        // Serialization cannot fail: every claim is a string, a number or `null`.
        let _ = match (claims.subject, sdk) {
            (Subject::User { device_token, instance }, Some(sdk)) => {
                let claims = WrittenClaims::new(device_token, claims).of_user(instance, sdk);
                serde_json::to_writer(json, &claims)
            }
            (Subject::User { device_token, .. }, None) => {
                serde_json::to_writer(json, &WrittenClaims::new(device_token, claims))
            }
            (Subject::Admin(admin), _) => serde_json::to_writer(json, &WrittenClaims::new(admin, claims)),
        };
    }

    /// Opens a token of this signer, expired or not; `None` if it is malformed or has another signature or header. Signatures
    /// are compared in constant time.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<OpenedToken> {
        let (message, signature) = token.rsplit_once('.')?;
        if !message.starts_with(&self.header) || signature.len() != SIGNATURE_CHARS {
            return None;
        }
        // 43 characters are 32 bytes; the library asks for room for one more.
        let mut buffer = [0; SIGNATURE_BYTES + 1];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(signature, &mut buffer).ok()?;
        let signature = buffer.get(..length)?;
        if !self.key.verify_start(&[message.as_bytes()], signature) {
            return None;
        }
        // The signature is valid, so the claims can be trusted. `exp` is compared with the virtual clock, by the caller.
        let ReadClaims { sub, jti, iat, exp, instance_id } = insecure_decode_claims(token).ok()?;
        let subject = match instance_id {
            Some(instance) => Subject::User { device_token: DeviceToken::from_bytes(*sub.as_bytes()), instance },
            None => Subject::Admin(sub),
        };
        Some(OpenedToken {
            subject,
            id: jti,
            issued: Timestamp::from_seconds(iat),
            expires: Timestamp::from_seconds(exp),
            epoch: self.epoch,
        })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

#[cfg(test)]
mod tests;
