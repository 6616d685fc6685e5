//! Refresh tokens: computed from their position and their owner, never stored.
//!
//! A refresh token is `family ‖ generation ‖ HMAC`. The server computes the HMAC again, so it stores no secret, and it recognises
//! an authentic token of an older generation: a reuse.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::mac::MacKey;

/// The position of a refresh token: its family among those of the owner, and its generation in the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenPosition {
    /// Counts the families of an owner, from 1.
    pub family: u32,
    /// Counts the generations of a family, from 1.
    pub generation: u32,
}

impl TokenPosition {
    const fn to_bytes(self) -> [u8; POSITION_BYTES] {
        ((self.family as u64) << 32 | self.generation as u64).to_be_bytes()
    }

    const fn from_bytes(bytes: [u8; POSITION_BYTES]) -> Self {
        let both = u64::from_be_bytes(bytes);
        Self { family: (both >> 32) as u32, generation: both as u32 }
    }
}

/// The owner of a refresh token: one incarnation of a user or an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The bytes of the user's or the admin's id.
    pub id: [u8; 16],
    /// Differs from that of an earlier user with the same DeviceToken.
    pub incarnation: u64,
}

/// Makes refresh tokens and recognises them.
#[derive(Debug)]
pub struct Mint {
    key: MacKey,
}

const POSITION_BYTES: usize = 8;
const SEAL_BYTES: usize = 24;
const TOKEN_BYTES: usize = POSITION_BYTES + SEAL_BYTES;

impl Mint {
    /// A mint with this secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: MacKey::new(secret) }
    }

    /// The refresh token of an owner at a position; the same every time.
    #[must_use]
    pub fn token(&self, owner: Owner, position: TokenPosition) -> String {
        let position = position.to_bytes();
        let seal = self.key.seal(&[&owner.id, &owner.incarnation.to_be_bytes(), &position]);
        let mut token = [0; TOKEN_BYTES];
        for (slot, byte) in token.iter_mut().zip(position.iter().chain(&seal)) {
            *slot = *byte;
        }
        BASE64_URL_SAFE_NO_PAD.encode(token)
    }

    /// The position of a refresh token; `None` if it was not made here for this owner. Tokens are compared in constant time.
    #[must_use]
    pub fn position(&self, owner: Owner, token: &str) -> Option<TokenPosition> {
        let mut buffer = [0; TOKEN_BYTES + 2];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(token, &mut buffer).ok()?;
        let (position, seal) = buffer.get(..length)?.split_first_chunk::<POSITION_BYTES>()?;
        let sealed: [&[u8]; 3] = [&owner.id, &owner.incarnation.to_be_bytes(), position];
        let authentic = seal.len() == SEAL_BYTES && self.key.verify_start(&sealed, seal);
        authentic.then(|| TokenPosition::from_bytes(*position))
    }
}

/// Whether a text has the form of a refresh token, whoever made it for whom. Families and generations are counted, so that those of
/// real tokens start with zeros.
#[must_use]
pub fn has_form_of_token(text: &str) -> bool {
    let mut buffer = [0; TOKEN_BYTES + 2];
    let Ok(length) = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut buffer) else { return false };
    length == TOKEN_BYTES && matches!(buffer, [0, 0, _, _, 0, 0, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn position(family: u32, generation: u32) -> TokenPosition {
        TokenPosition { family, generation }
    }

    fn owner(incarnation: u64) -> Owner {
        Owner { id: [1; 16], incarnation }
    }

    #[test]
    fn a_token_is_recognised_only_for_its_owner_and_its_server() {
        let mint = Mint::new(&[1; 32]);
        let token = mint.token(owner(1), position(7, 9));
        assert_eq!(mint.position(owner(1), &token), Some(position(7, 9)));
        assert_eq!(mint.position(owner(2), &token), None, "an earlier user with the same DeviceToken");
        assert_eq!(Mint::new(&[2; 32]).position(owner(1), &token), None, "another server");
    }

    #[test]
    fn a_token_is_recognised_by_its_form_for_any_owner() {
        let token = Mint::new(&[1; 32]).token(owner(1), position(7, 9));
        assert!(has_form_of_token(&token));
        for other in ["", "nonsense", &token[..42], &format!("{token}AA"), &"Z".repeat(43)] {
            assert!(!has_form_of_token(other), "{other}");
        }
    }

    #[test]
    fn a_tampered_token_is_unknown() {
        let mint = Mint::new(&[1; 32]);
        let token = mint.token(owner(1), position(1, 1));
        let other = mint.token(owner(1), position(1, 2));
        let mixed = format!("{}{}", &token[..11], &other[11..]);
        let (longer, padded, endless) = (format!("{token}AA"), format!("{token}="), "A".repeat(10_000));
        for forged in ["", "nonsense", &longer, &padded, &endless, &token[..20], &token[..42], &mixed] {
            assert_eq!(mint.position(owner(1), forged), None, "{forged}");
        }
    }
}
