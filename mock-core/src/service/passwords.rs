//! Passwords: kept as argon2id digests. The only file that knows argon2.
//!
//! The cost is the smallest that is still argon2 in earnest (1 MiB, one pass): the secrets here are test secrets, and a suite
//! registers thousands of users. Hashing is work all the same, so it never happens under the lock or on an async thread.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use telematics_contract::Secret;

use super::mac::same;

const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
const MEMORY_KIB: u32 = 1024;

/// A password that can be checked but not read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    salt: [u8; SALT_BYTES],
    digest: [u8; DIGEST_BYTES],
}

impl PasswordHash {
    /// The hash of a password; takes about a millisecond.
    #[must_use]
    pub fn new(password: &Secret, salt: [u8; SALT_BYTES]) -> Self {
        Self { salt, digest: digest(password, salt) }
    }

    /// Whether it is that password; takes about a millisecond, whatever the answer.
    #[must_use]
    pub fn is(&self, password: &Secret) -> bool {
        same(&digest(password, self.salt), &self.digest)
    }

    /// A hash that no password has: to take the time of a check where there is nothing to check.
    #[must_use]
    pub const fn of_nobody() -> Self {
        Self { salt: [0; SALT_BYTES], digest: [0; DIGEST_BYTES] }
    }
}

fn digest(password: &Secret, salt: [u8; SALT_BYTES]) -> [u8; DIGEST_BYTES] {
    let params = Params::new(MEMORY_KIB, 1, 1, Some(DIGEST_BYTES)).unwrap_or_default();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut digest = [0; DIGEST_BYTES];
    // Fails only for passwords of four gibibytes; the digest then is that of nobody, which no check accepts.
    match argon2.hash_password_into(password.expose().as_bytes(), &salt, &mut digest) {
        Ok(()) => digest,
        Err(_) => [1; DIGEST_BYTES],
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A password that is easily read out on the phone: no letters that look alike.
#[must_use]
pub fn generated(random: [u8; 10]) -> Secret {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'x');
    Secret::new(random.iter().map(letter).map(char::from).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let hash = PasswordHash::new(&"correct horse".into(), [7; 16]);
        assert!(hash.is(&"correct horse".into()));
        assert!(!hash.is(&"battery staple".into()));
        assert!(!hash.is(&"".into()));
        assert!(!PasswordHash::of_nobody().is(&"".into()));
    }

    #[test]
    fn the_same_password_of_two_users_has_two_hashes() {
        assert_ne!(PasswordHash::new(&"p".into(), [1; 16]), PasswordHash::new(&"p".into(), [2; 16]));
    }

    #[test]
    fn a_generated_password_has_no_letters_that_look_alike() {
        let password = generated([0, 31, 32, 63, 200, 255, 9, 1, 2, 3]);
        assert_eq!(password.expose().len(), 10);
        assert!(!password.expose().contains(['i', 'l', 'o', '0', '1']));
    }
}
