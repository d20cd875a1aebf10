//! Figures held against what is expected of them, on as many replications as that takes.
//!
//! The tolerance is 3.5 standard errors of the tested runs, and it is only worth something if those
//! are small: replications are added until the half width of the 95 % interval is under its limit.
//! Among a thousand true figures one or two stray beyond 3.5 standard errors by chance. So a
//! deviation has to show again on fresh customers, three times as many, before it counts: a real one
//! then stands out all the more.

use crate::estimate::{Control, Estimate};
use crate::experiment::{Experiment, Figure, Run};

/// Standard errors that an estimate may be off.
const ERRORS_MAX: f64 = 3.5;
/// How many times the replications of the first round there may be.
const GROWTH_MAX: u32 = 60;
/// How many calls are made only for the sake of rare things.
const CALLS_MAX: f64 = 5e5;

/// A figure and what is expected of it.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// Its column in the file.
    pub(crate) name: String,
    /// What is measured.
    pub(crate) figure: Figure,
    /// What is expected.
    pub(crate) expected: Expected,
    /// How wide the confidence interval may be.
    pub(crate) width: Width,
    /// A figure of the same customers elsewhere, which goes along with this one, and its expectation.
    /// The difference is looked at. (Regression would read too much into a jam or two in all.)
    pub(crate) paired: Option<(Figure, f64)>,
}

/// What is expected of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// Just this.
    Exactly(f64),
    /// This, which has a standard error itself.
    Measured(f64, f64),
    /// This, but for a deviation up to the second.
    Roughly(f64, f64),
    /// This or less.
    AtMost(f64),
    /// The share of a rare event that comes in clusters with this index of dispersion (variance of
    /// the count over its mean): so few may happen that their scatter cannot be judged from the runs.
    Rare(f64, f64),
}

/// How wide the confidence interval of a figure may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Width {
    /// As wide as it is.
    Any,
    /// Half of it at most this.
    Half(f64),
    /// Half of it at most this, as far as [`CALLS_MAX`] go: for what few customers meet.
    HalfOfFew(f64),
    /// The figure is the share above a quantile, 5 % either way of which are these shares, and the
    /// quantile's half width should be this multiple of the quantile itself. Far out in the tail of
    /// a busy queue this is beyond reach: a thousandth of all customers may mean one jam in many
    /// millions of them. So it is met as far as [`CALLS_MAX`] go.
    Quantile(Figure, Figure, f64),
}

impl Check {
    /// A figure of which `expected` is known exactly, and half of whose interval may be `half` wide.
    pub(crate) fn new(name: &str, figure: Figure, expected: f64, half: f64) -> Check {
        let (expected, width) = (Expected::Exactly(expected), Width::Half(half));
        Check { name: name.to_owned(), figure, expected, width, paired: None }
    }

    /// A check that time in line or response time exceed `quantile` with probability `share`: the
    /// share above it has no bias, as a sample's quantile has. `half` is for the quantile, in seconds.
    pub(crate) fn quantile(name: &str, above: fn(f64) -> Figure, share: f64, quantile: f64, half: f64) -> Check {
        let (expected, width) = if quantile > 0.0 {
            let width = Width::Quantile(above(0.95 * quantile), above(1.05 * quantile), half / quantile);
            (Expected::Exactly(share), width)
        } else {
            (Expected::AtMost(share), Width::Any)
        };
        Check { name: name.to_owned(), figure: above(quantile), expected, width, paired: None }
    }

    /// Looks at the difference from a figure of which the expectation is known.
    pub(crate) fn paired(self, with: (Figure, f64)) -> Check {
        Check { paired: Some(with), ..self }
    }

    fn estimate(&self, runs: &[Run], experiment: &Experiment) -> Estimate {
        let samples = |figure: Figure| runs.iter().map(|run| figure.of(run)).collect::<Vec<_>>();
        let known = experiment.controls.iter().filter(|(control, _)| *control != self.figure);
        let controls: Vec<Control> = known.map(|&(figure, mean)| Control { samples: samples(figure), mean }).collect();
        let mut own = samples(self.figure);
        if let Some((figure, mean)) = self.paired {
            own.iter_mut().zip(samples(figure)).for_each(|(own, paired)| *own += mean - paired);
        }
        Estimate::of(&own, &controls)
    }

    /// The half width as a multiple of its limit.
    fn width(&self, runs: &[Run], experiment: &Experiment) -> f64 {
        let half = || self.estimate(runs, experiment).half_width();
        match self.width {
            Width::Any => 0.0,
            Width::Half(limit) | Width::HalfOfFew(limit) => half() / limit,
            Width::Quantile(shorter, longer, limit) => {
                let share = |figure: Figure| runs.iter().map(|run| figure.of(run)).sum::<f64>() / runs.len() as f64;
                half() / (share(shorter) - share(longer)) * 0.1 / limit
            }
        }
    }

    /// Whether the runs agree with what is expected.
    fn verdict(&self, runs: &[Run], experiment: &Experiment) -> Result<(), String> {
        let Estimate { value, error, .. } = self.estimate(runs, experiment);
        let customers = runs.iter().map(|run| run.arrived).sum::<u64>() as f64;
        let (expected, tolerance) = match self.expected {
            Expected::Exactly(expected) => (expected, ERRORS_MAX * error),
            Expected::AtMost(expected) => (expected.min(value), ERRORS_MAX * error),
            Expected::Roughly(expected, deviation) => (expected, deviation.max(ERRORS_MAX * error)),
            Expected::Measured(expected, of) => (expected, ERRORS_MAX * (error * error + of * of).sqrt()),
            Expected::Rare(expected, dispersion) => {
                let scatter = (dispersion * expected / customers).sqrt();
                // Up to four of them say nothing.
                (expected, (ERRORS_MAX * error.max(scatter)).max(4.0 / customers))
            }
        };
        // Constant figures are as exact as their arithmetic.
        let rounding = 1e-9 * (1.0 + expected.abs());
        if (value - expected).abs() <= tolerance + rounding {
            return Ok(());
        }
        let Check { name, .. } = self;
        Err(format!(
            "{name}: expected {expected:.6}, got {value:.6}, standard error {error:.2e}, tolerance {tolerance:.2e}"
        ))
    }
}

/// Runs an experiment until every figure is known well enough, and holds each to its check.
pub(crate) fn examine(experiment: &Experiment, checks: &[Check]) -> Result<Vec<Result<(), String>>, String> {
    let paired = checks.iter().filter_map(|check| check.paired).map(|(figure, _)| figure);
    let figures: Vec<Figure> = checks.iter().map(|check| check.figure).chain(paired).collect();
    let (runs, widest) = run_long_enough(experiment, checks, &figures)?;
    let count = runs.len() as u32;
    if widest > 1.0 {
        return Err(format!("after {count} replications the half width is still {widest:.2} times its limit"));
    }
    let verdicts = |runs: &[Run]| checks.iter().map(|check| check.verdict(runs, experiment)).collect::<Vec<_>>();
    let first_look = verdicts(&runs);
    if first_look.iter().all(Result::is_ok) {
        return Ok(first_look);
    }
    let second_look = verdicts(&experiment.runs(count..4 * count, &figures)?);
    Ok(first_look.into_iter().zip(second_look).map(|(first, second)| first.or(second)).collect())
}

/// Replications in such a number that their half widths are under their limits, and the widest half
/// width that had to be met, as a multiple of its limit.
fn run_long_enough(experiment: &Experiment, checks: &[Check], figures: &[Figure]) -> Result<(Vec<Run>, f64), String> {
    let first = experiment.replications;
    let most = first * GROWTH_MAX;
    let calls = experiment.rate * experiment.length * f64::from(experiment.fan_out);
    let enough = most.min((CALLS_MAX / calls) as u32);
    let mut runs = experiment.runs(0..first, figures)?;
    loop {
        let count = runs.len() as u32;
        let (mut must, mut should) = (0.0f64, 0.0f64);
        for check in checks {
            let of = if matches!(check.width, Width::Half(_)) { &mut must } else { &mut should };
            *of = of.max(check.width(&runs, experiment));
        }
        let wanted = |widest: f64| (f64::from(count) * widest * widest * 1.1) as u32;
        let goal = (wanted(must).min(most)).max(wanted(should).min(enough));
        if goal <= count || must <= 1.0 && should <= 1.0 {
            return Ok((runs, must));
        }
        runs.extend(experiment.runs(count..goal, figures)?);
    }
}
