//! A rate over time as a scenario file writes it.
//!
//! Either a rate with a course of its own (`Steps`, `Ramp`, `Spike`, `Wave`), or a plain rate that is
//! `Shaped` by percentages, which multiply: a daily wave times a weekly wave times a spike reads
//!
//! ```ron
//! Shaped(rate: "1000/s", by: [
//!     Wave(amplitude: "60%", period: "1d", peak_at: "20h"),
//!     Wave(amplitude: "15%", period: "7d", peak_at: "5d"),
//!     Spike(peak: "400%", at: "4d20h", rise: "2min", hold: "30min", fall: "20min"),
//! ])
//! ```
//!
//! It says how many arrivals to expect; the process ([`Arrivals`](super::Arrivals)) says when they come.

use serde::{Deserialize, Serialize};
use sim_core::units::{Rate, Ratio};
use sim_core::{Span, Time};

use super::curve::{Curve, Factor, Knot, Term};

/// A rate over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Profile {
    /// The same rate always: `Constant("1000/s")`.
    Constant(Rate),
    /// Each rate from its time on: `Steps([("0s", "1000/s"), ("5min", "14000/s")])`.
    Steps(Vec<(Span, Rate)>),
    /// Straight lines between the points, level before the first and after the last.
    Ramp(Vec<(Span, Rate)>),
    /// From `base` up to `peak` and back.
    Spike {
        /// The rate before and after.
        base: Rate,
        /// The rate at the top.
        peak: Rate,
        /// When it leaves the base.
        at: Span,
        /// How long it takes to the top; at once by default.
        #[serde(default)]
        rise: Span,
        /// How long it stays there.
        hold: Span,
        /// How long it takes back to the base; at once by default.
        #[serde(default)]
        fall: Span,
    },
    /// A cosine around `mean`: a day, a week.
    Wave {
        /// The rate around which it swings.
        mean: Rate,
        /// How far it swings to either side, as a share of the mean; at most 100 %.
        amplitude: Ratio,
        /// From peak to peak.
        period: Span,
        /// When a peak is; at the beginning by default.
        #[serde(default)]
        peak_at: Span,
    },
    /// A rate times each of the shapes.
    Shaped {
        /// The rate that 100 % stands for.
        rate: Rate,
        /// What it is multiplied by.
        by: Vec<Shape>,
    },
    /// All of these together.
    Sum(Vec<Profile>),
}

/// A share over time, to multiply a rate by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Shape {
    /// Each share from its time on.
    Steps(Vec<(Span, Ratio)>),
    /// Straight lines between the points, level before the first and after the last.
    Ramp(Vec<(Span, Ratio)>),
    /// From 100 % to `peak` and back.
    Spike {
        /// The share at the top; below 100 % it is a dip.
        peak: Ratio,
        /// When it leaves 100 %.
        at: Span,
        /// How long it takes to the top; at once by default.
        #[serde(default)]
        rise: Span,
        /// How long it stays there.
        hold: Span,
        /// How long it takes back to 100 %; at once by default.
        #[serde(default)]
        fall: Span,
    },
    /// A cosine around 100 %.
    Wave {
        /// How far it swings to either side; at most 100 %.
        amplitude: Ratio,
        /// From peak to peak.
        period: Span,
        /// When a peak is; at the beginning by default.
        #[serde(default)]
        peak_at: Span,
    },
}

impl Profile {
    /// The rate, in arrivals a second, from `now` on.
    pub fn rate_at(&self, now: Time) -> f64 {
        self.curve().rate_at(now)
    }

    /// The mean rate, in arrivals a second, between `begin` and `end`; zero if that is no time.
    pub fn rate_mean(&self, begin: Time, end: Time) -> f64 {
        let length = end.since(begin);
        if length == Span::ZERO { 0.0 } else { self.curve().area(begin, end) / length.as_secs_f64() }
    }

    /// Says what is wrong with the settings, if anything: the place, then the complaint.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Profile::Constant(_) => Ok(()),
            Profile::Steps(points) => check_steps(points),
            Profile::Ramp(points) => check_points(points),
            Profile::Spike { at, rise, hold, fall, .. } => check_spike(*at, *rise, *hold, *fall),
            Profile::Wave { amplitude, period, .. } => check_wave(*amplitude, *period),
            Profile::Shaped { by, .. } => check_each("by", by, Shape::check),
            Profile::Sum(parts) if parts.is_empty() => Err("a sum needs at least one part".to_owned()),
            Profile::Sum(parts) => check_each("Sum", parts, Profile::check),
        }
    }

    pub(super) fn curve(&self) -> Curve {
        let mut curve = Curve::default();
        self.add_terms(&mut curve.terms);
        curve
    }

    fn add_terms(&self, terms: &mut Vec<Term>) {
        let (per_second, factors) = match self {
            Profile::Sum(parts) => {
                parts.iter().for_each(|part| part.add_terms(terms));
                return;
            }
            Profile::Constant(rate) => (rate.as_per_second(), Vec::new()),
            Profile::Steps(points) => (1.0, vec![steps(points, Rate::as_per_second)]),
            Profile::Ramp(points) => (1.0, vec![ramp(points, Rate::as_per_second)]),
            Profile::Spike { base, peak, at, rise, hold, fall } => {
                (1.0, vec![spike([base.as_per_second(), peak.as_per_second()], *at, [*rise, *hold, *fall])])
            }
            Profile::Wave { mean, amplitude, period, peak_at } => {
                (mean.as_per_second(), vec![wave(*amplitude, *period, *peak_at)])
            }
            Profile::Shaped { rate, by } => (rate.as_per_second(), by.iter().map(Shape::factor).collect()),
        };
        // A term of rate zero would only add bends.
        if per_second > 0.0 {
            terms.push(Term { per_second, factors });
        }
    }
}

impl Shape {
    fn check(&self) -> Result<(), String> {
        match self {
            Shape::Steps(points) => check_steps(points),
            Shape::Ramp(points) => check_points(points),
            Shape::Spike { at, rise, hold, fall, .. } => check_spike(*at, *rise, *hold, *fall),
            Shape::Wave { amplitude, period, .. } => check_wave(*amplitude, *period),
        }
    }

    fn factor(&self) -> Factor {
        match self {
            Shape::Steps(points) => steps(points, Ratio::fraction),
            Shape::Ramp(points) => ramp(points, Ratio::fraction),
            Shape::Spike { peak, at, rise, hold, fall } => spike([1.0, peak.fraction()], *at, [*rise, *hold, *fall]),
            Shape::Wave { amplitude, period, peak_at } => wave(*amplitude, *period, *peak_at),
        }
    }
}

fn steps<T: Copy>(points: &[(Span, T)], value: impl Fn(T) -> f64) -> Factor {
    let mut before = points.first().map_or(0.0, |&(_, first)| value(first));
    let knot = |&(at, level): &(Span, T)| {
        let knot = Knot { at: at.as_nanos(), before, after: value(level) };
        before = knot.after;
        knot
    };
    Factor::Line(points.iter().map(knot).collect())
}

fn ramp<T: Copy>(points: &[(Span, T)], value: impl Fn(T) -> f64) -> Factor {
    let knot = |&(at, level): &(Span, T)| Knot { at: at.as_nanos(), before: value(level), after: value(level) };
    Factor::Line(points.iter().map(knot).collect())
}

fn spike([base, peak]: [f64; 2], at: Span, [rise, hold, fall]: [Span; 3]) -> Factor {
    let mut knots: Vec<Knot> = Vec::with_capacity(4);
    for (at, value) in [(at, base), (at + rise, peak), (at + rise + hold, peak), (at + rise + hold + fall, base)] {
        let at = at.as_nanos();
        match knots.last_mut() {
            // A rise or fall of no length is a jump.
            Some(last) if last.at == at => last.after = value,
            _ => knots.push(Knot { at, before: value, after: value }),
        }
    }
    Factor::Line(knots)
}

fn wave(amplitude: Ratio, period: Span, peak_at: Span) -> Factor {
    Factor::Wave { amplitude: amplitude.fraction(), period: period.as_nanos(), peak_at: peak_at.as_nanos() }
}

fn check_each<T>(name: &str, parts: &[T], check: impl Fn(&T) -> Result<(), String>) -> Result<(), String> {
    parts.iter().enumerate().try_for_each(|(index, part)| {
        check(part).map_err(|wrong| {
            // `by[1].period: …`, but `by[1][0]: …`
            let dot = if wrong.starts_with('[') { "" } else { "." };
            format!("{name}[{index}]{dot}{wrong}")
        })
    })
}

fn check_steps<T>(points: &[(Span, T)]) -> Result<(), String> {
    check_points(points)?;
    match points[0].0 {
        Span::ZERO => Ok(()),
        later => Err(format!("[0]: the first step must be at 0s, not at {later}: what comes before it?")),
    }
}

fn check_points<T>(points: &[(Span, T)]) -> Result<(), String> {
    if points.is_empty() {
        return Err("[0]: at least one point is needed".to_owned());
    }
    let unordered = points.windows(2).position(|pair| pair[1].0 <= pair[0].0);
    unordered.map_or(Ok(()), |index| {
        let (before, after) = (points[index].0, points[index + 1].0);
        Err(format!("[{}]: {after} must come after the point before it, {before}", index + 1))
    })
}

fn check_spike(at: Span, rise: Span, hold: Span, fall: Span) -> Result<(), String> {
    if rise + hold + fall == Span::ZERO {
        return Err("hold: a spike that neither rises, holds nor falls is none".to_owned());
    }
    if at + rise + hold + fall == Span::MAX {
        return Err("at: the spike ends after the end of time".to_owned());
    }
    Ok(())
}

fn check_wave(amplitude: Ratio, period: Span) -> Result<(), String> {
    if amplitude > Ratio::ONE {
        return Err(format!("amplitude: {amplitude} is above 100%: the rate would fall below zero"));
    }
    if period == Span::ZERO {
        return Err("period: must be longer than 0s".to_owned());
    }
    Ok(())
}
