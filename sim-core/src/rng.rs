//! Random numbers: named ChaCha streams, and the cheap stream that each request carries.
//!
//! A model owns a stream named after what it is ("workload/web/arrivals"), so adding a pod, a fault
//! or an observer shifts nobody else's draws. ChaCha8 costs about 2 ns a number but 300 bytes of
//! state, so streams are dozens, not thousands; what belongs to one request is drawn from
//! [`Draws`], a SplitMix64 sequence (Steele, Lea, Flood 2014) that starts at a number drawn from
//! its workload's stream. Two strategies thus face the very same customers.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng};

/// A source of random 64-bit words, with the draws that models need.
pub trait Draw {
    /// The next 64 random bits.
    fn next_u64(&mut self) -> u64;

    /// Uniform in [0, 1), a multiple of 2^-53.
    fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in (0, 1], for logarithms.
    fn unit_open(&mut self) -> f64 {
        1.0 - self.unit()
    }

    /// Uniform in `0..bound`, by multiplication (bias below `bound` / 2^64); panics if `bound` is 0.
    fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "no number is below zero");
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// True with probability `p`; draws nothing when `p` is 0 or 1.
    fn chance(&mut self, p: f64) -> bool {
        if p <= 0.0 {
            false
        } else if p >= 1.0 {
            true
        } else {
            self.unit() < p
        }
    }
}

/// The root of all chance in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The seed that a user gives.
    pub const fn new(seed: u64) -> Seed {
        Seed(seed)
    }

    /// The seed of replication `index`; replication 0 is the run itself.
    pub fn replication(self, index: u32) -> Seed {
        if index == 0 { self } else { Seed(mix(self.0 ^ mix(u64::from(index)))) }
    }

    /// The stream called `name`; the same name gives the same stream.
    pub fn stream(self, name: &str) -> Rng {
        let mut key = [0; 32];
        let mut hash = self.0;
        for byte in name.bytes() {
            hash = mix(hash ^ u64::from(byte));
        }
        for chunk in key.chunks_exact_mut(8) {
            hash = mix(hash);
            chunk.copy_from_slice(&hash.to_le_bytes());
        }
        Rng(ChaCha8Rng::from_seed(key))
    }
}

/// A named stream: ChaCha8, the same on every processor.
#[derive(Clone, Debug)]
pub struct Rng(ChaCha8Rng);

impl Draw for Rng {
    #[inline]
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// The draws of one request: SplitMix64 from a number that its workload's stream gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draws(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Draws {
    /// The sequence that starts at `seed`.
    pub const fn new(seed: u64) -> Draws {
        Draws(seed)
    }

    /// The number that the sequence goes on from: another for another request, and for each part of it.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// An independent sequence for the part of this request's work called `part`; does not draw.
    #[inline]
    pub const fn branch(self, part: u64) -> Draws {
        Draws(mix(self.0 ^ mix(part.wrapping_add(GOLDEN))))
    }
}

impl Draw for Draws {
    #[inline]
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        finish(self.0)
    }
}

/// Spreads every input bit over all output bits; [`hash_words`] and the streams stand on it.
#[inline]
pub const fn mix(word: u64) -> u64 {
    finish(word.wrapping_add(GOLDEN))
}

#[inline]
const fn finish(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A fixed hash of several words, for consistent hashing and the like.
pub fn hash_words(words: &[u64]) -> u64 {
    words.iter().fold(0, |hash, word| mix(hash ^ word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_seed_and_name_alone() {
        let first = |seed: Seed, name| seed.stream(name).next_u64();
        assert_eq!(first(Seed::new(1), "a"), first(Seed::new(1), "a"));
        assert_ne!(first(Seed::new(1), "a"), first(Seed::new(1), "b"));
        assert_ne!(first(Seed::new(1), "a"), first(Seed::new(2), "a"));
        assert_ne!(first(Seed::new(1).replication(1), "a"), first(Seed::new(1), "a"));
        assert_eq!(Seed::new(7).replication(0), Seed::new(7));
    }

    #[test]
    fn splitmix_yields_its_published_sequence() {
        // The reference vector of seed 1234567.
        let mut draws = Draws::new(1_234_567);
        let got: Vec<u64> = (0..5).map(|_| draws.next_u64()).collect();
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(got, published);
    }

    #[test]
    fn bounded_draws_stay_in_bounds() {
        let mut rng = Seed::new(1).stream("bounds");
        for _ in 0..10_000 {
            assert!(rng.below(3) < 3);
            assert!((0.0..1.0).contains(&rng.unit()));
            assert!(rng.unit_open() > 0.0);
        }
        assert!(!rng.chance(0.0) && rng.chance(1.0));
    }
}
