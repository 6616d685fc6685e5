//! HMAC-SHA256, and the comparison of secrets. The only file that uses `hmac` and `sha2`.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Whether two secrets are equal. The time that this takes depends only on their lengths.
#[must_use]
pub fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// A key for HMAC-SHA256. It holds the hash states that the key leads to, so that the key is hashed once and not for every
/// message.
#[derive(Clone)]
pub struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// The key for this secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        // HMAC pads a key with zeros to the block size. Padding it here makes the call infallible.
        let mut block = [0; 64];
        for (slot, byte) in block.iter_mut().zip(secret) {
            *slot = *byte;
        }
        Self(Hmac::new(&block.into()))
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }

    /// The HMAC of the concatenation of these parts.
    #[must_use]
    pub fn seal(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Whether the HMAC of the concatenation of these parts starts with `start`; the comparison takes constant time. An empty
    /// `start` is never accepted.
    #[must_use]
    pub fn verify_start(&self, parts: &[&[u8]], start: &[u8]) -> bool {
        self.over(parts).verify_truncated_left(start).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_valid_only_for_its_text_and_its_key() {
        let key = MacKey::new(&[1; 32]);
        let seal = key.seal(&[b"a", b"b"]);
        assert!(key.verify_start(&[b"a", b"b"], &seal[..24]));
        assert!(!key.verify_start(&[b"a", b"c"], &seal[..24]));
        assert!(!MacKey::new(&[2; 32]).verify_start(&[b"a", b"b"], &seal[..24]));
        assert!(!key.verify_start(&[b"a", b"b"], &[]), "an empty seal is never valid");
    }

    #[test]
    fn secrets_are_equal_only_byte_for_byte() {
        assert!(equal_in_constant_time(b"secret", b"secret"));
        assert!(equal_in_constant_time(b"", b""));
        for other in [&b"secres"[..], b"Secret", b"secre", b"secrets", b""] {
            assert!(!equal_in_constant_time(b"secret", other), "{other:?}");
        }
    }

    #[test]
    fn the_seal_is_hmac_sha256() {
        // RFC 4231, test case 1, whose key of twenty bytes is padded with zeros like ours.
        let mut secret = [0; 32];
        secret[..20].fill(0x0b);
        let seal = MacKey::new(&secret).seal(&[b"Hi ", b"There"]);
        assert_eq!(seal[..8], [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53]);
    }
}
