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

pub use super::claims::{AccessClaims, KeyEpoch, OpenedToken, SdkClaims, Subject, TokenId};
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
        // Serialization cannot fail: every claim is a string, a number or `null`.
        let _ = match (claims.subject, sdk) {
            (Subject::User { device_token, instance }, Some(sdk)) => {
                let claims = WrittenClaims::new(device_token, claims).of_user(instance, sdk);
                serde_json::to_writer(&mut json, &claims)
            }
            (Subject::User { device_token, .. }, None) => {
                serde_json::to_writer(&mut json, &WrittenClaims::new(device_token, claims))
            }
            (Subject::Admin(admin), _) => serde_json::to_writer(&mut json, &WrittenClaims::new(admin, claims)),
        };
        let mut token = String::with_capacity(self.header.len() + json.len().div_ceil(3) * 4 + 1 + SIGNATURE_CHARS);
        token.push_str(&self.header);
        BASE64_URL_SAFE_NO_PAD.encode_string(&json, &mut token);
        let signature = self.key.seal(&[token.as_bytes()]);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
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
mod tests {
    use jsonwebtoken::{DecodingKey, EncodingKey, Validation};
    use serde_json::{Value, json};

    use super::*;

    fn signer() -> Signer {
        Signer::new(&[1; 32], KeyEpoch(1))
    }

    fn claims() -> (AccessClaims, SdkClaims) {
        let claims = AccessClaims {
            subject: Subject::User { device_token: DeviceToken::from_u128(1), instance: InstanceId::from_u128(4) },
            id: TokenId { incarnation: 2, number: 3 },
            issued: Timestamp::from_seconds(100),
            expires: Timestamp::from_seconds(200),
            refresh_token_expires: Timestamp::from_seconds(300),
        };
        let sdk = SdkClaims {
            application: ApplicationId::from_u128(5),
            company: CompanyId::from_u128(6),
            enable_tracking: true,
            enable_logging: false,
            enable_real_time_location: false,
            client_id: Some("client-7".into()),
        };
        (claims, sdk)
    }

    fn opened(claims: &AccessClaims) -> OpenedToken {
        let AccessClaims { subject, id, issued, expires, .. } = *claims;
        OpenedToken { subject, id, issued, expires, epoch: KeyEpoch(1) }
    }

    /// The claims as the library reads them after its own check of the signature.
    fn verified_by_the_library(token: &str) -> Value {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        jsonwebtoken::decode(token, &DecodingKey::from_secret(&[1; 32]), &validation).unwrap().claims
    }

    #[test]
    fn a_token_opens_again_even_after_it_expired() {
        let (claims, sdk) = claims();
        assert_eq!(signer().open(&signer().sign(&claims, Some(&sdk))), Some(opened(&claims)));
    }

    #[test]
    fn an_admins_token_has_no_device_token_and_no_instance() {
        let claims = AccessClaims { subject: Subject::Admin(AdminId::from_u128(9)), ..claims().0 };
        let token = signer().sign(&claims, None);
        assert_eq!(signer().open(&token), Some(opened(&claims)));
        let names = ["RefreshTokenExpiredDate", "exp", "iat", "jti", "sub"];
        let json = verified_by_the_library(&token);
        assert!(json.as_object().unwrap().keys().eq(names), "{json}");
    }

    #[test]
    fn the_claims_have_the_vendors_names_and_contain_no_secret() {
        let (claims, sdk) = claims();
        let expected = json!({
            "sub": "00000000-0000-0000-0000-000000000001", "jti": "00000000000000020000000000000003",
            "iat": 100, "exp": 200, "RefreshTokenExpiredDate": "1970-01-01T00:05:00",
            "DeviceToken": "00000000-0000-0000-0000-000000000001",
            "InstanceId": "00000000-0000-0000-0000-000000000004",
            "ApplicationId": "00000000-0000-0000-0000-000000000005",
            "CompanyId": "00000000-0000-0000-0000-000000000006",
            "SdkEnableTracking": "True", "SdkEnableLogging": "False", "SdkEnableRealTimeLocation": "False",
            "SdkClientId": "client-7",
        });
        assert_eq!(verified_by_the_library(&signer().sign(&claims, Some(&sdk))), expected);
        let nameless = SdkClaims { client_id: None, ..sdk };
        let json = verified_by_the_library(&signer().sign(&claims, Some(&nameless)));
        assert_eq!(json.get("SdkClientId"), Some(&Value::Null));
    }

    #[test]
    fn a_token_of_another_key_does_not_open() {
        let (claims, sdk) = claims();
        let token = signer().sign(&claims, Some(&sdk));
        assert_eq!(Signer::new(&[2; 32], KeyEpoch(2)).open(&token), None);
    }

    #[test]
    fn a_token_without_a_signature_does_not_open() {
        let (claims, sdk) = claims();
        let token = signer().sign(&claims, Some(&sdk));
        let mut parts = token.split('.');
        let (header, payload, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        for forged in [
            format!("{none}.{payload}."),
            format!("{none}.{payload}"),
            format!("{none}.{payload}.{signature}"),
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{header}.{signature}"),
            "a.b.c".to_owned(),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(signer().open(&forged), None, "{forged}");
        }
    }

    #[test]
    fn another_header_is_refused_even_if_the_right_key_signed_it() {
        let (claims, sdk) = claims();
        let token = signer().sign(&claims, Some(&sdk));
        let payload = token.split('.').nth(1).unwrap();
        for header in [r#"{"typ":"JWT","alg":"none"}"#, r#"{"typ":"JWT","alg":"HS512"}"#, "{}"] {
            let message = format!("{}.{payload}", BASE64_URL_SAFE_NO_PAD.encode(header));
            let signature = MacKey::new(&[1; 32]).seal(&[message.as_bytes()]);
            let forged = format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
            assert_eq!(signer().open(&forged), None, "{header}");
        }
    }

    #[test]
    fn a_token_opens_only_byte_for_byte() {
        let (claims, sdk) = claims();
        let token = signer().sign(&claims, Some(&sdk));
        for (index, byte) in token.bytes().enumerate() {
            let other = if byte == b'A' { 'B' } else { 'A' };
            let mut tampered = token.clone();
            tampered.replace_range(index..=index, &other.to_string());
            assert_eq!(signer().open(&tampered), None, "{tampered}");
        }
        for tampered in [format!("{token}="), format!("{token}A"), format!("{token}."), format!(" {token}")] {
            assert_eq!(signer().open(&tampered), None, "{tampered}");
        }
        // The last character of a signature holds two unused bits, which must be zero.
        let last = token.bytes().last().unwrap();
        let tampered = format!("{}{}", &token[..token.len() - 1], char::from(last + 1));
        assert_eq!(signer().open(&tampered), None, "{tampered}");
    }

    #[test]
    fn a_token_of_another_algorithm_does_not_open_even_with_the_right_key() {
        let (claims, _) = claims();
        let json = json!({ "sub": DeviceToken::from_u128(1).to_string(), "jti": claims.id.to_string(),
            "iat": 100, "exp": 200, "InstanceId": InstanceId::from_u128(4).to_string() });
        let sign = |algorithm| {
            jsonwebtoken::encode(&Header::new(algorithm), &json, &EncodingKey::from_secret(&[1; 32])).unwrap()
        };
        for other in [Algorithm::HS384, Algorithm::HS512] {
            assert_eq!(signer().open(&sign(other)), None);
        }
        assert_eq!(signer().open(&sign(Algorithm::HS256)), Some(opened(&claims)));
    }

    #[test]
    fn a_signed_token_with_other_claims_does_not_open() {
        let json = json!({ "sub": "nobody", "jti": "1", "iat": 100, "exp": 200 });
        let key = EncodingKey::from_secret(&[1; 32]);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &json, &key).unwrap();
        assert_eq!(signer().open(&token), None);
    }
}
