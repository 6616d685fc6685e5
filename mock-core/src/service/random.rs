//! The random source: one seed, from which a secret for each purpose and a stream for each instance are derived. The only
//! file that uses `rand_chacha`.
//!
//! With the same seed, the same requests in the same order give the same tokens. With a random seed, nothing can be guessed.

use std::fmt;

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::mac::MacKey;

/// The seed of every random value of a server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The seed with these bytes. With bytes from the entropy of the platform, nobody can guess the tokens.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The seed of this number. Everything derived from it can be repeated, and guessed.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let mut bytes = [0; 32];
        let (head, _) = bytes.split_at_mut(8);
        head.copy_from_slice(&number.to_le_bytes());
        Self(bytes)
    }

    /// Whether the seed is that of a number, so that everything derived from it can be repeated. A random seed is never like that.
    #[must_use]
    pub fn is_of_number(&self) -> bool {
        let Self([_, _, _, _, _, _, _, _, rest @ ..]) = self;
        rest.iter().all(|byte| *byte == 0)
    }

    /// Another seed, which nobody can guess who cannot guess this one.
    #[must_use]
    pub fn successor(&self) -> Self {
        Self(self.secret("successor"))
    }

    /// The secret for one purpose.
    #[must_use]
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        self.derive(purpose, &[])
    }

    /// The random stream of one owner, such as an instance.
    #[must_use]
    pub fn stream(&self, owner: &[u8]) -> RandomStream {
        RandomStream(ChaCha12Rng::from_seed(self.derive("stream", owner)))
    }

    fn derive(&self, purpose: &str, owner: &[u8]) -> [u8; 32] {
        // The length separates purpose "ab" with owner "c" from purpose "a" with owner "bc".
        MacKey::new(&self.0).seal(&[&(purpose.len() as u64).to_be_bytes(), purpose.as_bytes(), owner])
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// An endless sequence of random bytes.
#[derive(Clone)]
pub struct RandomStream(ChaCha12Rng);

impl RandomStream {
    /// The next bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// The number of words taken so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        u64::try_from(self.0.get_word_pos()).unwrap_or(u64::MAX)
    }

    /// The stream at this position.
    #[must_use]
    pub fn at(mut self, position: u64) -> Self {
        self.0.set_word_pos(u128::from(position));
        self
    }

    /// A number from 0 (included) to 1 (excluded).
    pub fn fraction(&mut self) -> f64 {
        // An f64 holds 53 bits.
        self.portable_number() as f64 / (1_u64 << 53) as f64
    }

    /// The next number below 2^53, which JSON carries through every language.
    pub fn portable_number(&mut self) -> u64 {
        self.number() >> 11
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }
}

impl fmt::Debug for RandomStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RandomStream(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_stream() {
        let draw = |number| Seed::from_number(number).stream(b"instance").bytes::<16>();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_stream_continues_from_its_position() {
        let seed = Seed::from_number(7);
        let mut original = seed.stream(b"a");
        let _: [u8; 5] = original.bytes();
        let mut restored = seed.stream(b"a").at(original.position());
        assert_eq!(original.bytes::<16>(), restored.bytes::<16>());
    }

    #[test]
    fn purposes_and_owners_get_different_bytes() {
        let seed = Seed::from_number(7);
        assert_ne!(seed.secret("jwt"), seed.secret("refresh"));
        assert_ne!(seed.stream(b"a").bytes::<16>(), seed.stream(b"b").bytes::<16>());
    }

    #[test]
    fn seeds_of_different_bytes_differ() {
        assert_ne!(Seed::from_bytes([1; 32]).secret("jwt"), Seed::from_bytes([2; 32]).secret("jwt"));
        let bytes = [[7, 0, 0, 0, 0, 0, 0, 0], [0; 8], [0; 8], [0; 8]].concat().try_into().unwrap();
        assert_eq!(Seed::from_bytes(bytes), Seed::from_number(7));
    }

    #[test]
    fn a_random_seed_and_its_successor_are_not_those_of_a_number() {
        assert!(Seed::from_number(u64::MAX).is_of_number() && Seed::from_number(0).is_of_number());
        let random = Seed::from_bytes([7; 32]);
        assert!(!random.is_of_number() && !random.successor().is_of_number());
        assert!(random.successor() != random && random.successor().successor() != random.successor());
    }

    #[test]
    fn debug_does_not_show_a_seed() {
        assert_eq!(format!("{:?}", Seed::from_number(7)), "Seed(…)");
    }
}
