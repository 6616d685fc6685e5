//! Access tokens for tests of other back ends: with chosen claims and a chosen signature, and the key that verifies them.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use telematics_contract::Secret;

use super::UserService;
use super::claims::{AccessClaims, SdkClaims, Subject, TokenId};
use super::fixtures::FixtureError;
use super::ids::DeviceToken;
use super::jwt::{MintedSignature, Signer};
use super::mac::MacKey;
use super::scope::Scope;
use super::state::ACCESS_TOKEN_PURPOSE;

/// An access token to mint, with the names of the control API.
///
/// ```
/// use telematics_mock_core::service::{MintOptions, MintedSignature};
/// use telematics_mock_core::service::ids::DeviceToken;
///
/// let forged = MintOptions {
///     signature: MintedSignature::WrongKey,
///     ..MintOptions::new(DeviceToken::from_u128(1))
/// };
/// # assert!(forged.drop.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MintOptions {
    /// The user.
    pub device_token: DeviceToken,
    /// The time until the token expires, in seconds; negative for a token that has expired. The lifetime of a login by default.
    #[serde(default)]
    pub expires_in: Option<i64>,
    /// Claims that replace those of the user's tokens or are added to them.
    #[serde(default)]
    pub claims: Map<String, Value>,
    /// The names of claims that the token does not have.
    #[serde(default)]
    pub drop: Vec<String>,
    /// The signature.
    #[serde(default)]
    pub signature: MintedSignature,
}

/// A key that verifies the signatures of access tokens with HS256. It also signs them: whoever has it can make tokens that the
/// server accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTokenKey {
    /// The key in base64url without padding, as in a JSON Web Key (RFC 7518, section 6.4.1).
    pub k: Secret,
}

impl MintOptions {
    /// A token like those that the user gets from a login.
    #[must_use]
    pub fn new(device_token: DeviceToken) -> Self {
        Self {
            device_token,
            expires_in: None,
            claims: Map::new(),
            drop: Vec::new(),
            signature: MintedSignature::default(),
        }
    }
}

impl UserService {
    /// Mints an access token of a user. The user's other tokens stay as they are.
    ///
    /// # Errors
    ///
    /// The scope has no such user, `expires_in` is out of range, or `drop` names a claim that the token does not have.
    pub fn mint(&self, scope: Scope, options: &MintOptions) -> Result<Secret, FixtureError> {
        let MintOptions { device_token, expires_in, claims: own, drop, signature } = options;
        let limit = i64::from(u32::MAX);
        if expires_in.is_some_and(|seconds| !(-limit..=limit).contains(&seconds)) {
            let reason = format!("must be a whole number of seconds from -{limit} to {limit}");
            return Err(FixtureError::invalid("expiresIn", reason));
        }
        let real = self.time.now();
        let mut state = self.write();
        let (address, user) = state.in_scope(scope, *device_token)?;
        let id = user.instance;
        let ownership = &state.instances.get(id).ok_or(FixtureError::NoSuchUser)?.details.ownership;
        let sdk = SdkClaims::new(user, ownership);
        let (now, lifetimes) = (state.now(id.into(), real), state.settings_of(id.into()).login_lifetimes());
        let credentials = state.users.credentials_at(address).ok_or(FixtureError::NoSuchUser)?;
        let refresh_token_expires = credentials.family().map(|family| family.current().refresh_expires);
        let incarnation = credentials.incarnation();
        let pair = credentials.issue_access_token(now, lifetimes);
        let keys = Arc::clone(&state.keys);
        std::mem::drop(state);
        let mut claims = Signer::claims(
            &AccessClaims {
                subject: Subject::User { device_token: *device_token, instance: id },
                id: TokenId { incarnation, number: pair.access_number },
                issued: pair.issued,
                expires: pair.access_expires,
                refresh_token_expires: refresh_token_expires.unwrap_or(now),
            },
            &sdk,
        );
        if let Some(seconds) = expires_in {
            claims.insert("exp".to_owned(), now.seconds_rounded_up().saturating_add(*seconds).into());
        }
        claims.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        for (index, name) in drop.iter().enumerate() {
            if claims.remove(name).is_none() {
                let names: Vec<_> = claims.keys().map(String::as_str).collect();
                let reason = format!("is not a claim of the token; the claims are {}", names.join(", "));
                return Err(FixtureError::invalid(format!("drop[{index}]"), reason));
            }
        }
        let other = MacKey::new(&keys.seed.secret("other access token"));
        Ok(Secret::new(keys.signer.mint(&claims, *signature, &other)))
    }

    /// The keys that verify access tokens.
    #[must_use]
    pub fn access_token_keys(&self) -> Vec<AccessTokenKey> {
        let secret = self.keys().seed.secret(ACCESS_TOKEN_PURPOSE);
        vec![AccessTokenKey { k: Secret::new(BASE64_URL_SAFE_NO_PAD.encode(secret)) }]
    }
}
