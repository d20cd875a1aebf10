//! Which key a request asks for: `Zipf(keys: 100000, exponent: 0.99)`.
//!
//! Keys are the numbers 1 to n from most to least popular. Popularity decides how well a cache does
//! and how unevenly hashing loads its servers. Left out: popularity that changes with time.

use serde::{Deserialize, Serialize};

use crate::rng::Draw;
use crate::units::Ratio;
use crate::zipf::Zipf;

/// A distribution of keys over 1 to `keys`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Keys {
    /// Every key equally likely.
    Uniform {
        /// How many keys there are.
        keys: u64,
    },
    /// Popularity falls as a power of the rank; web requests have exponents between 0.6 and 1.2.
    Zipf {
        /// How many keys there are.
        keys: u64,
        /// The power; 0 is uniform.
        exponent: f64,
    },
    /// A few hot keys take a share of the requests; within both groups all are alike.
    Hot {
        /// How many keys there are.
        keys: u64,
        /// Which part of the keys is hot, at least one key: the first ones.
        hot: Ratio,
        /// Which part of the requests goes to hot keys.
        share: Ratio,
    },
}

/// Ranks are drawn as floats, which are whole up to here.
const KEYS_MAX: u64 = 1 << 53;
const EXPONENT_MAX: f64 = 100.0;

impl Keys {
    /// How many keys there are.
    pub fn count(&self) -> u64 {
        match *self {
            Keys::Uniform { keys } | Keys::Zipf { keys, .. } | Keys::Hot { keys, .. } => keys,
        }
    }

    /// Whether the parameters make sense.
    ///
    /// # Errors
    ///
    /// One sentence that names the parameter, what was found and what would do.
    pub fn check(&self) -> Result<(), String> {
        let count = self.count();
        if count == 0 || count > KEYS_MAX {
            return Err(format!("`keys` must be between 1 and {KEYS_MAX}, found {count}"));
        }
        match *self {
            Keys::Zipf { exponent, .. } if !(0.0..=EXPONENT_MAX).contains(&exponent) => {
                Err(format!("Zipf: `exponent` must be between 0 and {EXPONENT_MAX}, found {exponent}"))
            }
            Keys::Hot { hot, .. } if hot >= Ratio::ONE => Err(format!("Hot: `hot` must be below 100%, found {hot}")),
            Keys::Hot { share, .. } if share > Ratio::ONE => {
                Err(format!("Hot: `share` must be at most 100%, found {share}"))
            }
            Keys::Hot { keys: 1, .. } => Err("Hot: `keys` must be at least 2, one hot and one not".to_owned()),
            _ => Ok(()),
        }
    }

    /// Makes ready to draw keys; the parameters have passed [`Keys::check`].
    pub fn sampler(&self) -> KeySampler {
        KeySampler(match *self {
            Keys::Uniform { keys } => Kind::Uniform { keys: keys as usize },
            Keys::Zipf { keys, exponent } => Kind::Zipf(Zipf::new(keys, exponent)),
            Keys::Hot { keys, hot, share } => {
                let hot = ((keys as f64 * hot.fraction()).round() as usize).clamp(1, keys as usize - 1);
                Kind::Hot { hot, cold: keys as usize - hot, share: share.fraction() }
            }
        })
    }
}

/// A key distribution made ready to draw from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeySampler(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Uniform { keys: usize },
    Zipf(Zipf),
    Hot { hot: usize, cold: usize, share: f64 },
}

impl KeySampler {
    /// The next key, from 1.
    #[inline]
    pub fn draw(&self, draws: &mut impl Draw) -> u64 {
        match &self.0 {
            Kind::Uniform { keys } => 1 + draws.below(*keys) as u64,
            Kind::Zipf(zipf) => zipf.draw(draws),
            Kind::Hot { hot, cold, share } => {
                let index = if draws.chance(*share) { draws.below(*hot) } else { hot + draws.below(*cold) };
                1 + index as u64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Draws;

    #[test]
    fn files_are_read_and_checked() {
        for (text, expected) in [
            ("Uniform(keys:10)", Ok(())),
            ("Zipf(keys:10,exponent:0.99)", Ok(())),
            ("Hot(keys:10,hot:\"1%\",share:\"50%\")", Ok(())),
            ("Uniform(keys:0)", Err("`keys` must be between 1 and 9007199254740992, found 0")),
            ("Zipf(keys:5,exponent:-1.0)", Err("Zipf: `exponent` must be between 0 and 100, found -1")),
            ("Hot(keys:10,hot:\"100%\",share:\"50%\")", Err("Hot: `hot` must be below 100%, found 100%")),
            ("Hot(keys:10,hot:\"1%\",share:\"101%\")", Err("Hot: `share` must be at most 100%, found 101%")),
            ("Hot(keys:1,hot:\"1%\",share:\"50%\")", Err("Hot: `keys` must be at least 2, one hot and one not")),
        ] {
            let keys: Keys = ron::from_str(text).unwrap();
            assert_eq!(ron::to_string(&keys).unwrap(), text);
            assert_eq!(keys.check(), expected.map_err(str::to_owned));
        }
    }

    #[test]
    fn every_key_gets_its_share() {
        const DRAWS: usize = 50_000;
        let hot = Keys::Hot { keys: 10, hot: Ratio::new(0.2), share: Ratio::new(0.6) };
        for (keys, shares) in [
            (Keys::Uniform { keys: 4 }, vec![0.25; 4]),
            (hot, [vec![0.3; 2], vec![0.05; 8]].concat()),
            (Keys::Zipf { keys: 3, exponent: 1.0 }, vec![6.0 / 11.0, 3.0 / 11.0, 2.0 / 11.0]),
            // Less than one key rounds up to one.
            (Keys::Hot { keys: 2, hot: Ratio::ZERO, share: Ratio::new(0.9) }, vec![0.9, 0.1]),
        ] {
            let (sampler, mut draws) = (keys.sampler(), Draws::new(5));
            let mut counts = vec![0_u32; shares.len()];
            (0..DRAWS).for_each(|_| counts[sampler.draw(&mut draws) as usize - 1] += 1);
            for (count, share) in counts.into_iter().zip(shares) {
                let error = (DRAWS as f64 * share * (1.0 - share)).sqrt();
                assert!((f64::from(count) - DRAWS as f64 * share).abs() < 4.5 * error, "{keys:?}: {count} for {share}");
            }
        }
    }
}
