//! Passwords, stored as argon2id digests. The only file that uses `argon2`.
//!
//! The cost is the smallest that argon2 allows in practice (1 MiB, one pass): these are test passwords, and a suite registers
//! thousands of users. Hashing still takes about a millisecond, so it never happens under the lock or on an async thread.

use std::fmt;
#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use telematics_contract::Secret;

use super::mac::equal_in_constant_time;

const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
const MEMORY_KIB: u32 = 1024;
/// The number of work areas that are kept; more are made if more passwords are hashed at the same time.
const KEPT_AREAS: usize = 16;

/// The digest of a password, from which the password cannot be read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    salt: [u8; SALT_BYTES],
    digest: [u8; DIGEST_BYTES],
}

impl PasswordHash {
    /// A hash that no password has. Checking it takes the time of a real check.
    #[must_use]
    pub const fn of_nobody() -> Self {
        Self { salt: [0; SALT_BYTES], digest: [0; DIGEST_BYTES] }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Hashes and checks passwords. It reuses its work areas of 1 MiB: an allocator does not return blocks of this size to the
/// operating system, and later small allocations would keep each of them alive.
#[derive(Default)]
pub struct PasswordHasher {
    areas: Mutex<Vec<Vec<Block>>>,
    #[cfg(test)]
    made: AtomicUsize,
}

impl PasswordHasher {
    /// The hash of a password; takes about a millisecond.
    #[must_use]
    pub fn hash(&self, password: &Secret, salt: [u8; SALT_BYTES]) -> PasswordHash {
        PasswordHash { salt, digest: self.digest(password, salt) }
    }

    /// Whether the hash is that of the password; takes about a millisecond in both cases.
    #[must_use]
    pub fn verify(&self, hash: &PasswordHash, password: &Secret) -> bool {
        equal_in_constant_time(&self.digest(password, hash.salt), &hash.digest)
    }

    fn digest(&self, password: &Secret, salt: [u8; SALT_BYTES]) -> [u8; DIGEST_BYTES] {
        let params = Params::new(MEMORY_KIB, 1, 1, Some(DIGEST_BYTES)).unwrap_or_default();
        let mut area = self.take_area(params.block_count());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut digest = [0; DIGEST_BYTES];
        let password = password.expose().as_bytes();
        let hashed = argon2.hash_password_into_with_memory(password, &salt, &mut digest, &mut area);
        self.put_area(area);
        // Fails only for a password of four gibibytes. No check accepts this digest, because no password has it.
        hashed.map_or([1; DIGEST_BYTES], |()| digest)
    }

    fn take_area(&self, blocks: usize) -> Vec<Block> {
        let kept = self.areas.lock().pop();
        kept.unwrap_or_else(|| {
            #[cfg(test)]
            self.made.fetch_add(1, Ordering::Relaxed);
            vec![Block::new(); blocks]
        })
    }

    fn put_area(&self, area: Vec<Block>) {
        let mut areas = self.areas.lock();
        if areas.len() < KEPT_AREAS {
            areas.push(area);
        }
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHasher(…)")
    }
}

/// A generated password that is easy to read out on the phone: its letters do not look alike.
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
    fn a_hash_matches_only_its_password() {
        let passwords = PasswordHasher::default();
        let hash = passwords.hash(&"correct horse".into(), [7; 16]);
        assert!(passwords.verify(&hash, &"correct horse".into()));
        assert!(!passwords.verify(&hash, &"battery staple".into()));
        assert!(!passwords.verify(&hash, &"".into()));
        assert!(!passwords.verify(&PasswordHash::of_nobody(), &"".into()));
    }

    #[test]
    fn the_same_password_of_two_users_has_two_hashes() {
        let passwords = PasswordHasher::default();
        assert_ne!(passwords.hash(&"p".into(), [1; 16]), passwords.hash(&"p".into(), [2; 16]));
    }

    #[test]
    fn the_hash_is_the_argon2id_digest_of_the_library() {
        let params = Params::new(MEMORY_KIB, 1, 1, Some(DIGEST_BYTES)).unwrap();
        let mut expected = [0; DIGEST_BYTES];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(b"second", &[9; 16], &mut expected).unwrap();
        let passwords = PasswordHasher::default();
        let _ = passwords.hash(&"first".into(), [1; 16]);
        assert_eq!(passwords.hash(&"second".into(), [9; 16]).digest, expected, "a used work area changes nothing");
    }

    #[test]
    fn one_hash_after_another_uses_one_work_area() {
        let passwords = PasswordHasher::default();
        for number in 0..20 {
            let _ = passwords.hash(&"p".into(), [number; 16]);
        }
        assert_eq!(passwords.made.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_generated_password_has_no_letters_that_look_alike() {
        let password = generated([0, 31, 32, 63, 200, 255, 9, 1, 2, 3]);
        assert_eq!(password.expose().len(), 10);
        assert!(!password.expose().contains(['i', 'l', 'o', '0', '1']));
    }
}
