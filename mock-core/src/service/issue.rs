//! Tokens between the decision to issue them and their signatures.

use std::sync::Arc;

use telematics_contract::Secret;
use telematics_contract::auth::{AccessToken, TokensResponse};

use super::admins::Admin;
use super::family::Pair;
use super::ids::DeviceToken;
use super::instances::Instance;
use super::jwt::{AccessClaims, SdkClaims, Subject, TokenId};
use super::refresh_token::Owner;
use super::state::Keys;
use super::time::Timestamp;
use super::users::User;

/// The tokens that a verb decided to issue under the lock. They are signed outside it.
pub(super) struct Issue {
    keys: Arc<Keys>,
    owner: Owner,
    device_token: Option<DeviceToken>,
    grant: Option<Grant>,
}

/// A pair of tokens to be signed.
struct Grant {
    pair: Pair,
    expires_in: u32,
    claims: AccessClaims,
    sdk: Option<SdkClaims>,
    has_access_token: bool,
    has_refresh_token: bool,
}

impl Issue {
    /// A pair for a user.
    pub(super) fn for_user(keys: &Arc<Keys>, user: &User, instance: &Instance, pair: Pair, now: Timestamp) -> Self {
        let subject = Subject::User { device_token: user.device_token, instance: instance.id() };
        let sdk = SdkClaims::new(user, &instance.details.ownership);
        let grant = Grant::new(subject, user.owner(), Some(sdk), pair, now);
        Self { keys: Arc::clone(keys), owner: user.owner(), device_token: Some(user.device_token), grant: Some(grant) }
    }

    /// Hands out only some tokens of the pair.
    pub(super) fn only(mut self, access_token: bool, refresh_token: bool) -> Self {
        if let Some(grant) = &mut self.grant {
            (grant.has_access_token, grant.has_refresh_token) = (access_token, refresh_token);
        }
        self
    }

    /// A user without tokens.
    pub(super) fn without_tokens(keys: &Arc<Keys>, user: &User) -> Self {
        Self { keys: Arc::clone(keys), owner: user.owner(), device_token: Some(user.device_token), grant: None }
    }

    /// A pair for an admin.
    pub(super) fn for_admin(keys: &Arc<Keys>, admin: &Admin, pair: Pair, now: Timestamp) -> Self {
        let grant = Grant::new(Subject::Admin(admin.id), admin.owner(), None, pair, now);
        Self { keys: Arc::clone(keys), owner: admin.owner(), device_token: None, grant: Some(grant) }
    }

    /// Signs the tokens.
    pub(super) fn sign(self) -> TokensResponse {
        let Self { keys, owner, device_token, grant } = self;
        let device_token = device_token.map(|token| token.to_string());
        let Some(Grant { pair, expires_in, claims, sdk, has_access_token, has_refresh_token }) = grant else {
            return TokensResponse { device_token, access_token: None, refresh_token: None };
        };
        let token = || Secret::new(keys.signer.sign(&claims, sdk.as_ref()));
        TokensResponse {
            device_token,
            access_token: has_access_token.then(|| AccessToken { token: token(), expires_in }),
            refresh_token: has_refresh_token.then(|| Secret::new(keys.mint.token(owner, pair.position))),
        }
    }
}

impl Grant {
    fn new(subject: Subject, owner: Owner, sdk: Option<SdkClaims>, pair: Pair, now: Timestamp) -> Self {
        let claims = AccessClaims {
            subject,
            id: TokenId { incarnation: owner.incarnation, number: pair.access_number },
            issued: pair.issued,
            expires: pair.access_expires,
            refresh_token_expires: pair.refresh_expires,
        };
        Self { pair, expires_in: pair.expires_in(now), claims, sdk, has_access_token: true, has_refresh_token: true }
    }
}
