//! Exponential and normal numbers by the ziggurat method: one random word and one multiplication a draw.
//!
//! The density is covered by 256 horizontal layers of equal area. A draw picks a layer and a point
//! along its width; 98.9 % of the points lie left of the next narrower layer, hence under the curve,
//! and are done. The rest fall on a layer's edge, where the curve decides, or in the tail.
//!
//! Source: Marsaglia and Tsang, "The ziggurat method for generating random variables" (2000), with
//! Doornik's correction (2005): the layer comes from bits 0 to 7 of the word, the sign from bit 8
//! and the position from bits 11 to 63, so that none depends on another. The tables are computed by
//! the compiler, in software arithmetic: they are the same on every machine and cost no start-up.

use crate::rng::Draw;

const LAYERS: usize = 256;

/// The layers of one density: layer `i` spans `0..x[i]` in width and `y[i]..y[i + 1]` in height.
///
/// Layer 0 is the rectangle at the base with the tail folded in, so `x[0]` lies beyond the tail's
/// start `x[1]`; the top is the point `(0, 1)`.
struct Layers {
    x: [f64; LAYERS + 1],
    y: [f64; LAYERS + 1],
}

/// Where the exponential's tail begins; the number that makes 256 equal layers close at the top.
const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
/// Each layer's area under exp(-x).
const EXPONENTIAL_AREA: f64 = 0.003_949_659_822_581_557;
/// Where the normal's tail begins.
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;
/// Each layer's area under exp(-x²/2).
const NORMAL_AREA: f64 = 0.004_928_673_233_974_655;
/// exp(-x²/2) at the start of the normal's tail.
const NORMAL_TAIL_HEIGHT: f64 = 0.001_260_285_930_498_597_6;

static EXPONENTIAL: Layers = {
    // The tail's area is e^-r and its rectangle's r e^-r, which gives e^-r without an exponential.
    let height = EXPONENTIAL_AREA / (EXPONENTIAL_TAIL + 1.0);
    layers(EXPONENTIAL_TAIL, EXPONENTIAL_AREA, height, false)
};
static NORMAL: Layers = layers(NORMAL_TAIL, NORMAL_AREA, NORMAL_TAIL_HEIGHT, true);

/// Stacks layers of equal `area` on the base, which ends at `tail` with the density `height`.
const fn layers(tail: f64, area: f64, height: f64, is_normal: bool) -> Layers {
    let mut layers = Layers { x: [0.0; LAYERS + 1], y: [0.0; LAYERS + 1] };
    layers.x[0] = area / height;
    layers.x[1] = tail;
    layers.y[1] = height;
    let mut i = 2;
    while i < LAYERS {
        let y = layers.y[i - 1] + area / layers.x[i - 1];
        layers.y[i] = y;
        layers.x[i] = if is_normal { const_sqrt(-2.0 * const_ln(y)) } else { -const_ln(y) };
        i += 1;
    }
    layers.y[LAYERS] = 1.0;
    layers
}

/// The natural logarithm for 0 < y <= 1, at compile time, where libm cannot go.
const fn const_ln(y: f64) -> f64 {
    let (mut mantissa, mut halvings) = (y, 0.0);
    while mantissa < 0.75 {
        mantissa *= 2.0;
        halvings += 1.0;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); |z| <= 1/7, so 12 terms leave less than 2^-64.
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let mut series = 0.0;
    let mut k = 12;
    while k > 0 {
        k -= 1;
        series = series * z * z + 1.0 / (2 * k + 1) as f64;
    }
    2.0 * z * series - halvings * std::f64::consts::LN_2
}

/// The square root of 0 < y < 16 by Newton's method, at compile time.
const fn const_sqrt(y: f64) -> f64 {
    let mut root = 4.0;
    let mut step = 0;
    while step < 32 {
        root = 0.5 * (root + y / root);
        step += 1;
    }
    root
}

/// The word's high bits as a fraction in [0, 1); bits 0 to 10 stay free for other uses.
fn fraction(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A number from the exponential distribution of mean 1; may be zero.
#[inline]
pub fn exponential(draws: &mut impl Draw) -> f64 {
    let word = draws.next_u64();
    let layer = (word & 0xff) as usize;
    let x = fraction(word) * EXPONENTIAL.x[layer];
    if x < EXPONENTIAL.x[layer + 1] { x } else { exponential_edge(draws, layer, x) }
}

/// Decides a point that fell on the edge of its layer, or draws from the tail.
#[cold]
fn exponential_edge(draws: &mut impl Draw, layer: usize, x: f64) -> f64 {
    if layer == 0 {
        // The exponential has no memory: its tail is the whole again, further out.
        return EXPONENTIAL_TAIL + exponential(draws);
    }
    if height(&EXPONENTIAL, layer, draws.unit()) < libm::exp(-x) { x } else { exponential(draws) }
}

/// A number from the normal distribution of mean 0 and standard deviation 1.
#[inline]
pub fn normal(draws: &mut impl Draw) -> f64 {
    let word = draws.next_u64();
    let layer = (word & 0xff) as usize;
    let x = fraction(word) * NORMAL.x[layer];
    if x < NORMAL.x[layer + 1] { with_sign(x, word) } else { normal_edge(draws, layer, x, word) }
}

/// Decides a point that fell on the edge of its layer, or draws from the tail.
#[cold]
fn normal_edge(draws: &mut impl Draw, layer: usize, x: f64, word: u64) -> f64 {
    if layer == 0 {
        return with_sign(normal_tail(draws), word);
    }
    if height(&NORMAL, layer, draws.unit()) < libm::exp(-0.5 * x * x) { with_sign(x, word) } else { normal(draws) }
}

/// A number from the normal distribution beyond [`NORMAL_TAIL`] (Marsaglia 1964).
fn normal_tail(draws: &mut impl Draw) -> f64 {
    loop {
        let beyond = exponential(draws) / NORMAL_TAIL;
        if 2.0 * exponential(draws) > beyond * beyond {
            return NORMAL_TAIL + beyond;
        }
    }
}

/// The height at the share `along` of a layer's thickness.
fn height(layers: &Layers, layer: usize, along: f64) -> f64 {
    layers.y[layer] + along * (layers.y[layer + 1] - layers.y[layer])
}

/// Moves bit 8 of the word to the sign of `x`, which is not negative.
fn with_sign(x: f64, word: u64) -> f64 {
    f64::from_bits(x.to_bits() | (word & 0x100) << 55)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Draws, Seed};

    fn assert_closed(layers: &Layers, area: f64, curve: impl Fn(f64) -> f64) {
        for i in 1..=LAYERS {
            assert!((layers.y[i] - curve(layers.x[i])).abs() < 4e-16, "layer {i}");
        }
        let top = layers.x[LAYERS - 1] * (1.0 - layers.y[LAYERS - 1]);
        assert!((top - area).abs() < 1e-13, "{top} {area}");
    }

    #[test]
    fn the_layers_lie_on_the_curve_and_close_at_the_top() {
        assert_closed(&EXPONENTIAL, EXPONENTIAL_AREA, |x| libm::exp(-x));
        assert_closed(&NORMAL, NORMAL_AREA, |x| libm::exp(-0.5 * x * x));
    }

    /// The largest distance between the sample's distribution function and `cdf`, times sqrt(n).
    fn kolmogorov_smirnov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let distance = sample.iter().enumerate().fold(0.0_f64, |worst, (i, &x)| {
            let below = cdf(x);
            worst.max(below - i as f64 / n).max((i + 1) as f64 / n - below)
        });
        distance * n.sqrt()
    }

    // 1.95 is exceeded by chance once in a thousand; the seeds are fixed, so never.
    const KS_LIMIT: f64 = 1.95;
    const MANY: usize = 1_000_000;

    #[test]
    fn draws_follow_their_distribution_functions() {
        let mut draws = Draws::new(1);
        let sample = (0..MANY).map(|_| exponential(&mut draws)).collect();
        assert!(kolmogorov_smirnov(sample, |x| -libm::expm1(-x)) < KS_LIMIT);
        let sample = (0..MANY).map(|_| normal(&mut draws)).collect();
        assert!(kolmogorov_smirnov(sample, |x| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)) < KS_LIMIT);
        let mut rng = Seed::new(1).stream("ziggurat");
        let sample = (0..MANY / 4).map(|_| normal(&mut rng)).collect();
        assert!(kolmogorov_smirnov(sample, |x| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)) < KS_LIMIT);
    }

    #[test]
    fn tails_beyond_the_base_have_their_share_and_shape() {
        let mut draws = Draws::new(2);
        let beyond: Vec<f64> =
            (0..2 * MANY).map(|_| exponential(&mut draws) - EXPONENTIAL_TAIL).filter(|x| *x > 0.0).collect();
        let expected = 2.0 * MANY as f64 * libm::exp(-EXPONENTIAL_TAIL);
        assert!((beyond.len() as f64 - expected).abs() < 4.0 * expected.sqrt(), "{} {expected}", beyond.len());
        assert!(kolmogorov_smirnov(beyond, |x| -libm::expm1(-x)) < KS_LIMIT);
        // The normal's tail is one draw in 3,900: draw it by itself.
        let survivors = |x: f64| libm::erfc(x * std::f64::consts::FRAC_1_SQRT_2);
        let sample = (0..20_000).map(|_| normal_tail(&mut draws)).collect();
        assert!(kolmogorov_smirnov(sample, |x| 1.0 - survivors(x) / survivors(NORMAL_TAIL)) < KS_LIMIT);
    }

    #[test]
    fn a_seed_gives_these_bits_on_every_machine() {
        let mut draws = Draws::new(3);
        let mut hash = 0;
        for _ in 0..10_000 {
            hash = crate::rng::hash_words(&[hash, exponential(&mut draws).to_bits(), normal(&mut draws).to_bits()]);
        }
        assert_eq!(hash, 11_858_686_054_731_375_015);
    }
}
