//! Quantiles of the normal and Student's t distribution, and the binomial distribution function.
//!
//! Both quantiles come from one observation: the upper tail is a falling convex function, so Newton's
//! method started left of the root climbs to it without ever stepping past. The tails are libm's
//! erfc and the incomplete beta function, by Lentz's continued fraction (Press et al., Numerical
//! Recipes, 6.4). About 1e-12 relative; not meant for inner loops.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The x that a standard normal number stays below with probability `p`.
///
/// # Panics
///
/// If `p` is not strictly between 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a probability to invert is between 0 and 1: {p}");
    if p > 0.5 {
        return -lower_normal_quantile(1.0 - p);
    }
    lower_normal_quantile(p)
}

/// For p up to one half.
fn lower_normal_quantile(p: f64) -> f64 {
    let tail = |x: f64| 0.5 * libm::erfc(x * FRAC_1_SQRT_2);
    let density = |x: f64| libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt();
    -climb(0.0, p, tail, density)
}

/// Student's two-sided quantile: the t that |T| stays below with probability `level`, for `df`
/// degrees of freedom (not necessarily a whole number).
///
/// # Panics
///
/// If `df` is not positive or `level` is not strictly between 0 and 1.
pub fn student(df: f64, level: f64) -> f64 {
    assert!(df > 0.0, "degrees of freedom are positive: {df}");
    assert!(level > 0.0 && level < 1.0, "a level is between 0 and 1: {level}");
    let tail = |t: f64| 0.5 * incomplete_beta(df / 2.0, 0.5, df / (df + t * t), t * t / (df + t * t));
    let log_peak = libm::lgamma((df + 1.0) / 2.0) - libm::lgamma(df / 2.0) - 0.5 * libm::log(df * PI);
    let density = |t: f64| libm::exp(log_peak - (df + 1.0) / 2.0 * libm::log1p(t * t / df));
    climb(0.0, (1.0 - level) / 2.0, tail, density)
}

/// The probability that |T| is `t` or more, for `df` degrees of freedom: the two-sided p-value.
///
/// # Panics
///
/// If `df` is not positive.
pub fn student_p_value(df: f64, t: f64) -> f64 {
    assert!(df > 0.0, "degrees of freedom are positive: {df}");
    if t.is_infinite() {
        return 0.0;
    }
    incomplete_beta(df / 2.0, 0.5, df / (df + t * t), t * t / (df + t * t))
}

/// The x >= `from` where the falling convex `tail`, whose slope is `-density`, comes down to `target`.
fn climb(from: f64, target: f64, tail: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> f64 {
    let mut x = from;
    // Each step at least adds one to ln(1 / tail): a tail of 1e-300 takes 700.
    for _ in 0..1_000 {
        let step = (tail(x) - target) / density(x);
        x += step;
        if step.abs() <= 1e-14 * x.abs() {
            break;
        }
    }
    x
}

/// The probability that fewer than `k` of `n` independent trials succeed, each with probability `p`.
pub(super) fn binomial_below(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        0.0
    } else if k > n {
        1.0
    } else {
        incomplete_beta((n - k + 1) as f64, k as f64, 1.0 - p, p)
    }
}

/// The regularised incomplete beta function I_x(a, b); `y` is 1 - `x`, given to keep its digits.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log(y);
    let front = libm::exp(log_front);
    // The fraction converges fast below the mean; above it, the mirror image does.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y) / b
    }
}

/// The continued fraction of the incomplete beta function; needs about sqrt(max(a, b)) terms.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    let mut m = 0.0;
    loop {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            factor = c * d;
            fraction *= factor;
        }
        if (factor - 1.0).abs() < 1e-15 || m > 1e6 {
            return fraction;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64, relative: f64) -> bool {
        (got - expected).abs() <= relative * expected.abs()
    }

    #[test]
    fn student_agrees_with_the_published_table() {
        // Abramowitz and Stegun, table 26.10, three decimals.
        for (df, table) in [
            (1.0, [6.314, 12.706, 63.657]),
            (2.0, [2.920, 4.303, 9.925]),
            (5.0, [2.015, 2.571, 4.032]),
            (9.0, [1.833, 2.262, 3.250]),
            (19.0, [1.729, 2.093, 2.861]),
            (30.0, [1.697, 2.042, 2.750]),
            (120.0, [1.658, 1.980, 2.617]),
        ] {
            for (level, expected) in [0.90, 0.95, 0.99].into_iter().zip(table) {
                assert!((student(df, level) - expected).abs() < 5.1e-4, "t({df}, {level})");
            }
        }
    }

    #[test]
    fn p_values_invert_quantiles() {
        for df in [1.0, 4.5, 19.0, 300.0] {
            for level in [0.5, 0.9, 0.95, 0.999] {
                assert!(close(student_p_value(df, -student(df, level)), 1.0 - level, 1e-9), "{df}, {level}");
            }
            assert_eq!((student_p_value(df, 0.0), student_p_value(df, f64::INFINITY)), (1.0, 0.0));
        }
    }

    #[test]
    fn student_is_exact_where_it_has_a_closed_form() {
        for level in [0.01, 0.5, 0.9, 0.95, 0.99, 0.9999] {
            // One degree of freedom is Cauchy; two have t = level sqrt(2 / (1 - level^2)).
            assert!(close(student(1.0, level), libm::tan(PI / 2.0 * level), 1e-9), "df 1, {level}");
            assert!(close(student(2.0, level), level * (2.0 / (1.0 - level * level)).sqrt(), 1e-9), "df 2, {level}");
            // Many are normal: Cornish-Fisher's first correction is z (z² + 1) / 4 df.
            let z = normal_quantile(0.5 + level / 2.0);
            assert!(close(student(1e7, level), z + z * (z * z + 1.0) / 4e7, 1e-8), "df 1e7, {level}");
        }
    }

    #[test]
    fn normal_quantiles_agree_with_published_digits() {
        for (p, expected) in [
            (0.5, 0.0),
            (0.9, 1.281_551_565_544_600_4),
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_901),
            (0.025, -1.959_963_984_540_054),
            (1e-9, -5.997_807_015_007_687),
            (1e-300, -37.047_096_299_361_2),
        ] {
            assert!(close(normal_quantile(p), expected, 1e-12), "{p}: {}", normal_quantile(p));
        }
    }

    #[test]
    fn binomial_agrees_with_its_sum() {
        for (n, p) in [(1_u64, 0.3), (16, 0.5), (200, 0.99), (1_000, 0.02)] {
            let (mut sum, mut log_term) = (0.0, n as f64 * libm::log(1.0 - p));
            for k in 0..=n {
                assert!((binomial_below(k, n, p) - sum).abs() < 1e-10, "{k} of {n}");
                sum += libm::exp(log_term);
                log_term += libm::log((n - k) as f64 / (k + 1) as f64 * p / (1.0 - p));
            }
            assert_eq!(binomial_below(n + 1, n, p), 1.0);
        }
    }
}
