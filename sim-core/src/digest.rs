//! The fingerprint of a run: one 64-bit number that every executed event changes.
//!
//! Two runs that executed the same events at the same times in the same order have the same
//! digest; any difference changes it, but for a chance of about 2^-64 (it is no defence against
//! someone who looks for a collision). Each word is folded in by one 64 x 64 to 128 bit
//! multiplication whose halves are xored, as in wyhash (Wang Yi 2019): a few cycles beside the
//! event's own work, so it is always on.
//!
//! [`Digest`] is a [`Hasher`], so `#[derive(Hash)]` on an event is all that a model needs.

use std::hash::{Hash, Hasher};

const START: u64 = 0x2d35_8dcc_aa6c_78a5;
const FACTOR: u64 = 0x8bb8_4b93_962e_acc9;

/// A running fingerprint, the same on every 64- or 32-bit platform of the same byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Digest {
        Digest(START)
    }
}

impl Digest {
    /// The fingerprint of `parts` in their order, such as the digests of replications.
    pub fn combine(parts: impl IntoIterator<Item = u64>) -> u64 {
        let mut digest = Digest::default();
        for part in parts {
            digest.write_u64(part);
        }
        digest.finish()
    }

    /// Folds in one value.
    pub fn add(&mut self, value: &impl Hash) {
        value.hash(self);
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        crate::rng::mix(self.0)
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        // Without the sum a run of zeros would leave a state of zero as it is.
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        self.0 = ((product as u64) ^ (product >> 64) as u64).wrapping_add(START);
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(u64::from(word));
    }

    fn write_u16(&mut self, word: u16) {
        self.write_u64(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u128(&mut self, word: u128) {
        self.write_u64(word as u64);
        self.write_u64((word >> 64) as u64);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.write_u64(word as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(value: impl Hash) -> u64 {
        let mut digest = Digest::default();
        digest.add(&value);
        digest.finish()
    }

    #[test]
    fn order_number_and_place_of_words_all_count() {
        let sequences: [&[u64]; 7] = [&[], &[0], &[0, 0], &[1, 2], &[2, 1], &[3], &[1, 0, 2]];
        let digests = sequences.map(|words| Digest::combine(words.iter().copied()));
        for (index, digest) in digests.iter().enumerate() {
            assert!(!digests[..index].contains(digest), "{:?}", sequences[index]);
        }
    }

    #[test]
    fn a_platforms_word_size_does_not_show() {
        assert_eq!(digest_of(7usize), digest_of(7u64));
        assert_eq!(digest_of(-7isize), digest_of(-7i64));
    }

    #[test]
    fn every_bit_of_a_word_reaches_about_half_of_the_digest() {
        for bit in 0..64 {
            let changed = (digest_of(1u64 << bit) ^ digest_of(0u64)).count_ones();
            assert!((12..=52).contains(&changed), "bit {bit} changes {changed} bits");
        }
    }

    /// A digest is quoted in results and snapshots, so it may not change by accident.
    #[test]
    fn stays_as_published() {
        #[derive(Hash)]
        enum Event {
            Arrival { shop: u32 },
            Timeout(u64),
        }
        let events = [Event::Arrival { shop: 3 }, Event::Timeout(1 << 40), Event::Arrival { shop: 4 }];
        let mut digest = Digest::default();
        for event in &events {
            digest.add(event);
        }
        assert_eq!(format!("{:016x}", digest.finish()), "dca38ca4398d9d90");
    }
}
