//! Access tokens: JWTs signed with HS256. The only file that knows jsonwebtoken.
//!
//! The library would read the machine's clock, so its own check of `exp` is switched off: whoever opens a token compares
//! [`AccessClaims::expires`] with the virtual clock.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::ids::{AdminId, ApplicationId, CompanyId, DeviceToken, InstanceId};
use super::time::Timestamp;

/// Which access token of which user it is; travels as `jti`, thirty-two hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenId {
    /// Tells this user from an earlier one with the same DeviceToken.
    pub birth: u64,
    /// Counts the access tokens given to the user.
    pub number: u64,
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.birth, self.number)
    }
}

impl TokenId {
    fn parse(text: &str) -> Option<Self> {
        let (birth, number) = text.split_at_checked(16)?;
        let digits = |text: &str| u64::from_str_radix(text, 16).ok().filter(|_| text.len() == 16);
        Some(Self { birth: digits(birth)?, number: digits(number)? })
    }
}

/// Whose access token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A user's.
    User {
        /// The user.
        device_token: DeviceToken,
        /// The user's instance at that time.
        instance: InstanceId,
    },
    /// An admin's.
    Admin(AdminId),
}

impl Subject {
    /// The user's instance at that time.
    #[must_use]
    pub const fn instance(&self) -> Option<InstanceId> {
        match self {
            Self::User { instance, .. } => Some(*instance),
            Self::Admin(_) => None,
        }
    }
}

/// What an access token says, in the service's own types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose it is.
    pub subject: Subject,
    /// Which of the tokens it is.
    pub id: TokenId,
    /// When it was issued, in whole seconds.
    pub issued: Timestamp,
    /// From when on it is expired, in whole seconds.
    pub expires: Timestamp,
    /// When the refresh token of the same pair expires.
    pub refresh_token_expires: Timestamp,
}

/// What is read back of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedToken {
    /// Whose it is.
    pub subject: Subject,
    /// Which of the tokens it is.
    pub id: TokenId,
    /// When it was issued, in whole seconds.
    pub issued: Timestamp,
    /// From when on it is expired, in whole seconds.
    pub expires: Timestamp,
    /// The world that has signed it.
    pub world: World,
}

/// A world of tokens: all that was signed with keys of one seed. A server whose state is replaced while a request is under
/// way may be another world by the time the request gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World(pub u64);

/// What a user's access token says beside [`AccessClaims`]: for the SDK to read, never read back.
#[derive(Clone, Debug)]
pub struct SdkClaims {
    /// The application of the user's instance.
    pub application: ApplicationId,
    /// The company of that application.
    pub company: CompanyId,
    /// Whether the SDK tracks.
    pub enable_tracking: bool,
    /// Whether the SDK logs.
    pub enable_logging: bool,
    /// Whether the SDK reports its place all the time.
    pub enable_real_time_location: bool,
    /// The user's id in the integrator's system.
    pub client_id: Option<Box<str>>,
}

/// The claims on the wire, with the names of the vendor's old documentation \[S-era\]. That sample also carried the instance
/// key and the refresh token, in a document anyone can decode; this server never does \[P\].
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenClaims<'a> {
    #[serde(rename = "sub")]
    subject: &'a str,
    #[serde(rename = "jti")]
    id: String,
    #[serde(rename = "iat")]
    issued: i64,
    #[serde(rename = "exp")]
    expires: i64,
    #[serde(flatten)]
    user: Option<UserClaims<'a>>,
    refresh_token_expired_date: String,
}

/// The claims of a user's token alone.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UserClaims<'a> {
    device_token: &'a str,
    instance_id: String,
    application_id: String,
    company_id: String,
    sdk_enable_tracking: &'static str,
    sdk_enable_logging: &'static str,
    sdk_enable_real_time_location: &'static str,
    sdk_client_id: Option<&'a str>,
}

#[derive(Deserialize)]
struct ReadClaims {
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
    /// Only a user's token has one.
    #[serde(rename = "InstanceId")]
    instance_id: Option<String>,
}

/// Signs access tokens and opens them again.
pub struct Signer {
    world: World,
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Signer {
    /// A signer with that secret.
    #[must_use]
    pub fn new(secret: &[u8; 32], world: World) -> Self {
        // Only HS256: neither `alg: none` nor a key of another kind gets past this.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Self {
            world,
            header: Header::new(Algorithm::HS256),
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// Signs a token. The text is empty only if the claims could not be written as JSON, which these always can.
    #[must_use]
    pub fn sign(&self, claims: &AccessClaims, sdk: Option<&SdkClaims>) -> String {
        const fn text(value: bool) -> &'static str {
            if value { "True" } else { "False" }
        }
        let (subject, instance) = match claims.subject {
            Subject::User { device_token, instance } => (device_token.to_string(), Some(instance)),
            Subject::Admin(admin) => (admin.to_string(), None),
        };
        let user = instance.zip(sdk).map(|(instance, sdk)| UserClaims {
            device_token: &subject,
            instance_id: instance.to_string(),
            application_id: sdk.application.to_string(),
            company_id: sdk.company.to_string(),
            sdk_enable_tracking: text(sdk.enable_tracking),
            sdk_enable_logging: text(sdk.enable_logging),
            sdk_enable_real_time_location: text(sdk.enable_real_time_location),
            sdk_client_id: sdk.client_id.as_deref(),
        });
        let written = WrittenClaims {
            subject: &subject,
            id: claims.id.to_string(),
            issued: claims.issued.seconds(),
            expires: claims.expires.seconds(),
            user,
            refresh_token_expired_date: claims.refresh_token_expires.to_wire(),
        };
        jsonwebtoken::encode(&self.header, &written, &self.encoding).unwrap_or_default()
    }

    /// Opens a token of this signer, expired or not; `None` where it is malformed or signed with another key.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<OpenedToken> {
        let claims = jsonwebtoken::decode::<ReadClaims>(token, &self.decoding, &self.validation).ok()?.claims;
        let subject = match claims.instance_id {
            Some(instance) => {
                Subject::User { device_token: claims.sub.parse().ok()?, instance: instance.parse().ok()? }
            }
            None => Subject::Admin(claims.sub.parse().ok()?),
        };
        Some(OpenedToken {
            subject,
            id: TokenId::parse(&claims.jti)?,
            issued: Timestamp::from_seconds(claims.iat),
            expires: Timestamp::from_seconds(claims.exp),
            world: self.world,
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
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;

    fn claims() -> (AccessClaims, SdkClaims) {
        let claims = AccessClaims {
            subject: Subject::User { device_token: DeviceToken::from_u128(1), instance: InstanceId::from_u128(4) },
            id: TokenId { birth: 2, number: 3 },
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
        OpenedToken { subject, id, issued, expires, world: World(1) }
    }

    fn decoded(token: &str) -> serde_json::Value {
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    #[test]
    fn a_token_opens_again_even_after_it_expired() {
        let signer = Signer::new(&[1; 32], World(1));
        let (claims, sdk) = claims();
        assert_eq!(signer.open(&signer.sign(&claims, Some(&sdk))), Some(opened(&claims)));
    }

    #[test]
    fn an_admins_token_has_no_device_token_and_no_instance() {
        let signer = Signer::new(&[1; 32], World(1));
        let claims = AccessClaims { subject: Subject::Admin(AdminId::from_u128(9)), ..claims().0 };
        let token = signer.sign(&claims, None);
        assert_eq!(signer.open(&token), Some(opened(&claims)));
        assert!(decoded(&token).get("DeviceToken").is_none());
    }

    #[test]
    fn the_claims_have_the_names_of_the_vendor_and_carry_no_secret() {
        let (claims, sdk) = claims();
        let json = decoded(&Signer::new(&[1; 32], World(1)).sign(&claims, Some(&sdk)));
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "ApplicationId",
                "CompanyId",
                "DeviceToken",
                "InstanceId",
                "RefreshTokenExpiredDate",
                "SdkClientId",
                "SdkEnableLogging",
                "SdkEnableRealTimeLocation",
                "SdkEnableTracking",
                "exp",
                "iat",
                "jti",
                "sub"
            ]
        );
        assert_eq!(json["SdkEnableTracking"], "True");
        assert_eq!(json["sub"], json["DeviceToken"]);
    }

    #[test]
    fn a_token_of_another_key_does_not_open() {
        let (claims, sdk) = claims();
        assert_eq!(
            Signer::new(&[2; 32], World(2)).open(&Signer::new(&[1; 32], World(1)).sign(&claims, Some(&sdk))),
            None
        );
    }

    #[test]
    fn a_token_without_a_signature_does_not_open() {
        let signer = Signer::new(&[1; 32], World(1));
        let (claims, sdk) = claims();
        let token = signer.sign(&claims, Some(&sdk));
        let payload = token.split('.').nth(1).unwrap();
        let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        for forged in [format!("{none}.{payload}."), format!("{none}.{payload}"), "a.b.c".to_owned(), String::new()] {
            assert_eq!(signer.open(&forged), None, "{forged}");
        }
    }

    #[test]
    fn a_token_of_another_algorithm_does_not_open_even_with_the_right_key() {
        let (claims, _) = claims();
        let json = serde_json::json!({ "sub": DeviceToken::from_u128(1).to_string(), "jti": claims.id.to_string(),
            "iat": 100, "exp": 200, "InstanceId": InstanceId::from_u128(4).to_string() });
        let sign = |algorithm| {
            jsonwebtoken::encode(&Header::new(algorithm), &json, &EncodingKey::from_secret(&[1; 32])).unwrap()
        };
        let signer = Signer::new(&[1; 32], World(1));
        assert_eq!(signer.open(&sign(Algorithm::HS512)), None);
        assert_eq!(signer.open(&sign(Algorithm::HS256)), Some(opened(&claims)));
    }
}
