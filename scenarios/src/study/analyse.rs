//! From samples to answers: estimates, paired differences, winners, the Pareto frontier.

use std::collections::BTreeSet;

use sim_core::digest::Digest;
use sim_core::stats::{Interval, Welford, holm, student_p_value};
use sim_core::study::{Better, Comparison, Estimate, Factor, Metric, Point, StudyResults, Verdict, Winner};

use super::execute::Sample;
use super::factor::Level;
use super::plan::Plan;
use crate::figures::{CHANCE, over_replications};

/// Confidence of all intervals and verdicts.
const LEVEL: f64 = 0.95;

/// Figures that a frontier is over, where a study looks at them: of cost, latency and availability.
const FRONTIER: [&[&str]; 3] =
    [&["cost", "node_hours", "replica_hours"], &["latency.p99", "latency.mean"], &["ok_share"]];

/// What the samples of a plan's points say.
///
/// # Panics
///
/// If there is not a list of samples for each point.
pub fn analyse(plan: &Plan, samples: &[Vec<Sample>]) -> StudyResults {
    assert_eq!(plan.points.len(), samples.len(), "every point has its samples");
    let factors = factors(plan);
    let points: Vec<Point> = (0..samples.len()).map(|index| point(plan, &factors, index, &samples[index])).collect();
    let metrics: Vec<Metric> = plan
        .metrics
        .iter()
        .map(|metric| Metric { name: metric.label(), unit: metric.unit.clone(), better: metric.better() })
        .collect();
    let judge = Judge { points: &points, metrics: &metrics, margin: plan.margin };
    let mut comparisons = Vec::new();
    for group in plan.groups.iter().filter(|_| plan.compares) {
        for metric in 0..metrics.len() {
            let pairs: Vec<_> = group[1..].iter().map(|other| (group[0], *other)).collect();
            comparisons.extend(judge.family(metric, &pairs));
        }
    }
    let winners = match &plan.goal {
        Some(goal) => {
            let metric = plan.index_of(&goal.metric);
            let best = |group: &Vec<usize>| judge.winner(metric, goal.least, &keeping(plan, &points, group), group);
            plan.groups.iter().filter_map(best).collect()
        }
        None => Vec::new(),
    };
    // Between groups, such as loads, there is no choice.
    let frontier_metrics = if plan.groups.len() <= 1 { frontier_metrics(plan) } else { Vec::new() };
    StudyResults {
        study: plan.name.clone(),
        description: plan.description.clone(),
        scenario: plan.scenario.clone(),
        seed: plan.seed,
        warm_up_seconds: plan.warm_up.as_secs_f64(),
        warm_up_found: plan.warm_up_found,
        frontier: frontier(&points, &metrics, &frontier_metrics),
        frontier_metrics,
        comparisons,
        unmet: if plan.goal.is_some() && winners.is_empty() { limits(plan) } else { Vec::new() },
        winners,
        factors,
        metrics,
        points,
    }
}

/// `best` as the winner over `others`, by the metric with the number `metric`.
pub(super) fn against(plan: &Plan, results: &StudyResults, metric: usize, best: usize, others: &[usize]) -> Winner {
    let judge = Judge { points: &results.points, metrics: &results.metrics, margin: plan.margin };
    judge.over(metric, best, others, vec![None; results.factors.len()])
}

/// The plan's limits, as they were written.
fn limits(plan: &Plan) -> Vec<String> {
    plan.limits.iter().map(|limit| limit.text.clone()).collect()
}

/// The points of `group` that keep the plan's limits, by their means.
fn keeping(plan: &Plan, points: &[Point], group: &[usize]) -> Vec<usize> {
    let keeps = |point: &usize| {
        plan.limits.iter().all(|limit| limit.excess(points[*point].estimates[plan.index_of(&limit.metric)].mean) <= 0.0)
    };
    group.iter().copied().filter(keeps).collect()
}

/// Studies held against the first of them, point by point, where all have a point of that label and
/// met the same customers: what has changed since.
///
/// # Errors
///
/// Why they cannot be compared, in a sentence.
pub fn across(studies: &[(String, StudyResults)], margin: f64) -> Result<StudyResults, String> {
    let (name, base) = studies.first().ok_or_else(|| "there is nothing to compare".to_owned())?;
    for (other, study) in studies {
        if study.seed != base.seed {
            return Err(format!("{name} and {other} have different seeds, so their runs are no pairs"));
        }
    }
    let has = |study: &StudyResults, metric: &Metric| study.metrics.iter().any(|known| known == metric);
    let metrics: Vec<Metric> =
        base.metrics.iter().filter(|metric| studies.iter().all(|(_, study)| has(study, metric))).cloned().collect();
    let (mut points, mut pairs) = (Vec::new(), Vec::new());
    for (index, (name, study)) in studies.iter().enumerate() {
        for (at, point) in study.points.iter().enumerate() {
            let baseline = base.points.iter().position(|known| known.label == point.label);
            if let Some(baseline) = baseline.filter(|_| index > 0) {
                pairs.push((baseline, points.len()));
            }
            let number = |metric| study.metrics.iter().position(|known| known == metric).expect("all have it");
            let estimates = metrics.iter().map(|metric| study.points[at].estimates[number(metric)].clone()).collect();
            let label = if study.points.len() == 1 { name.clone() } else { format!("{name}: {}", point.label) };
            points.push(Point { label, levels: Vec::new(), estimates, ..point.clone() });
        }
    }
    if pairs.is_empty() {
        return Err(format!("nothing has the points of {name}"));
    }
    let judge = Judge { points: &points, metrics: &metrics, margin };
    let comparisons = (0..metrics.len()).flat_map(|metric| judge.family(metric, &pairs)).collect();
    Ok(StudyResults {
        study: format!("{} since {name}", base.study),
        factors: Vec::new(),
        winners: Vec::new(),
        unmet: Vec::new(),
        frontier: Vec::new(),
        frontier_metrics: Vec::new(),
        comparisons,
        metrics,
        points,
        ..base.clone()
    })
}

/// The factors with the settings that occur, quantities by size.
fn factors(plan: &Plan) -> Vec<Factor> {
    let levels = |factor: usize| {
        let mut levels: Vec<&Level> = Vec::new();
        let mut seen = BTreeSet::new();
        levels.extend(plan.points.iter().map(|point| &point.levels[factor]).filter(|level| seen.insert(&level.label)));
        if levels.iter().all(|level| level.magnitude().is_some()) {
            levels.sort_by(|a, b| a.magnitude().unwrap_or(0.0).total_cmp(&b.magnitude().unwrap_or(0.0)));
        }
        levels.into_iter().map(Level::data).collect()
    };
    let factor = |(index, (name, path)): (usize, &(String, String))| Factor {
        name: name.clone(),
        path: path.clone(),
        levels: levels(index),
    };
    plan.factors.iter().enumerate().map(factor).collect()
}

fn point(plan: &Plan, factors: &[Factor], index: usize, samples: &[Sample]) -> Point {
    let planned = &plan.points[index];
    let level = |(factor, level): (&Factor, &Level)| {
        factor.levels.iter().position(|known| known.label == level.label).expect("collected from the points")
    };
    let estimate = |metric: usize| {
        estimate(samples.iter().map(|sample| sample.values[metric]).collect(), &plan.metrics[metric].unit)
    };
    Point {
        label: planned.label.clone(),
        levels: factors.iter().zip(&planned.levels).map(level).collect(),
        replications: samples.len() as u32,
        digest: Digest::combine(samples.iter().map(|sample| sample.digest)),
        estimates: (0..plan.metrics.len()).map(estimate).collect(),
    }
}

fn estimate(samples: Vec<f64>, unit: &str) -> Estimate {
    let values: Vec<f64> = samples.iter().copied().filter(|value| !value.is_nan()).collect();
    let mean = if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / values.len() as f64 };
    Estimate {
        mean,
        half_width: over_replications(&values, unit).map(|one| match unit {
            // Wilson's interval is uneven: its wider side, for there is one figure for both.
            CHANCE => (one.high - mean).max(mean - one.low),
            _ => one.half_width(),
        }),
        median: Interval::median(&values, LEVEL).map(|median| [median.value, median.low, median.high]),
        samples,
    }
}

/// Compares points.
struct Judge<'a> {
    points: &'a [Point],
    metrics: &'a [Metric],
    margin: f64,
}

impl Judge<'_> {
    /// All pairs compared, the second with the first, corrected for there being so many.
    fn family(&self, metric: usize, pairs: &[(usize, usize)]) -> Vec<Comparison> {
        let pair = |&(baseline, other): &(usize, usize)| self.pair(metric, baseline, other);
        let mut all: Vec<Comparison> = pairs.iter().filter_map(pair).collect();
        let raw: Vec<f64> = all.iter().filter_map(|one| one.p).collect();
        let mut corrected = holm(&raw).into_iter();
        for one in all.iter_mut().filter(|one| one.p.is_some()) {
            one.p = corrected.next();
        }
        all.iter_mut().for_each(|one| one.verdict = self.verdict(one));
        all
    }

    /// One comparison, its p-value not yet corrected; `None` if no replication has both figures.
    fn pair(&self, metric: usize, baseline: usize, other: usize) -> Option<Comparison> {
        let samples = |point: usize| &self.points[point].estimates[metric].samples;
        let both = samples(baseline).iter().zip(samples(other)).filter(|(a, b)| !a.is_nan() && !b.is_nan());
        let (a, b): (Vec<f64>, Vec<f64>) = both.map(|(a, b)| (*a, *b)).unzip();
        if a.is_empty() {
            return None;
        }
        let differences: Welford = a.iter().zip(&b).map(|(a, b)| b - a).collect();
        let apart = |values: &[f64]| values.iter().copied().collect::<Welford>().variance();
        let interval = Interval::paired(&b, &a, LEVEL);
        let ratio = Interval::ratio(&b, &a, LEVEL);
        let t = |error: f64| if differences.mean() == 0.0 { 0.0 } else { differences.mean() / error };
        let independent = apart(&a) + apart(&b);
        Some(Comparison {
            metric,
            baseline,
            other,
            pairs: a.len() as u32,
            difference: differences.mean(),
            interval: interval.map(|interval| (interval.low, interval.high)),
            relative: ratio.map(|ratio| (ratio.value - 1.0, ratio.low - 1.0, ratio.high - 1.0)),
            p: differences.standard_error().map(|error| student_p_value(a.len() as f64 - 1.0, t(error))),
            gain: (differences.variance() > 0.0).then(|| independent / differences.variance()),
            verdict: Verdict::Inconclusive,
        })
    }

    fn verdict(&self, one: &Comparison) -> Verdict {
        let significant = one.p.is_some_and(|p| p < 1.0 - LEVEL);
        if significant {
            return match self.metrics[one.metric].better {
                Better::Lower if one.difference < 0.0 => Verdict::Better,
                Better::Higher if one.difference > 0.0 => Verdict::Better,
                Better::Neither => Verdict::Different,
                _ => Verdict::Worse,
            };
        }
        let matters = |share: f64| share.abs() > self.margin;
        match (one.relative, one.interval) {
            (Some((_, low, high)), _) if !matters(low) && !matters(high) => Verdict::NoDifference,
            (_, Some((low, high))) if low == 0.0 && high == 0.0 => Verdict::NoDifference,
            _ => Verdict::Inconclusive,
        }
    }

    /// The best of `candidates` and who of them may be as good; `None` if there is no figure of any.
    fn winner(&self, metric: usize, least: bool, candidates: &[usize], group: &[usize]) -> Option<Winner> {
        let mean = |point: usize| self.points[point].estimates[metric].mean;
        let worth = |point: &usize| if least { -mean(*point) } else { mean(*point) };
        let measured = candidates.iter().copied().filter(|point| !mean(*point).is_nan());
        let best = measured.reduce(|best, next| if worth(&next) > worth(&best) { next } else { best })?;
        let others: Vec<usize> = candidates.iter().copied().filter(|point| *point != best).collect();
        let level = |factor: usize| {
            let mut all = group.iter().map(|point| self.points[*point].levels[factor]);
            let first = all.next();
            if all.all(|level| Some(level) == first) { first } else { None }
        };
        let shared = (0..self.points[best].levels.len()).map(level).collect();
        Some(self.over(metric, best, &others, shared))
    }

    fn over(&self, metric: usize, best: usize, others: &[usize], shared: Vec<Option<usize>>) -> Winner {
        let pairs: Vec<_> = others.iter().map(|other| (best, *other)).collect();
        let comparisons = self.family(metric, &pairs);
        let as_good = |one: &&Comparison| one.p.is_none_or(|p| p >= 1.0 - LEVEL);
        let rivals = comparisons.iter().filter(as_good).map(|one| one.other).collect();
        Winner { metric, shared, best, rivals, comparisons }
    }
}

/// One metric of each concern that the plan looks at, the first of its name.
fn frontier_metrics(plan: &Plan) -> Vec<usize> {
    let first = |name: &&str| plan.metrics.iter().position(|metric| metric.name == *name);
    let found: Vec<usize> = FRONTIER.iter().filter_map(|names| names.iter().find_map(first)).collect();
    if found.len() < 2 { Vec::new() } else { found }
}

/// The points that no other is at least as good as in everything and better than in something.
fn frontier(points: &[Point], metrics: &[Metric], over: &[usize]) -> Vec<usize> {
    let cost = |point: &Point, metric: usize| match metrics[metric].better {
        Better::Higher => -point.estimates[metric].mean,
        _ => point.estimates[metric].mean,
    };
    let dominates = |a: &Point, b: &Point| {
        over.iter().all(|&metric| cost(a, metric) <= cost(b, metric))
            && over.iter().any(|&metric| cost(a, metric) < cost(b, metric))
    };
    let measured = |point: &Point| over.iter().all(|&metric| !point.estimates[metric].mean.is_nan());
    let on = |point: &Point| !over.is_empty() && measured(point) && !points.iter().any(|other| dominates(other, point));
    (0..points.len()).filter(|&index| on(&points[index])).collect()
}

#[cfg(test)]
mod tests {
    use sim_core::{Draw, Draws};

    use super::*;

    fn metric(name: &str, better: Better) -> Metric {
        Metric { name: name.to_owned(), unit: "ms".to_owned(), better }
    }

    /// A point with one list of samples a metric.
    fn point(samples: &[Vec<f64>]) -> Point {
        let estimates = samples.iter().map(|list| estimate(list.clone(), "ms")).collect();
        Point { label: String::new(), levels: Vec::new(), replications: 20, digest: 0, estimates }
    }

    /// Twenty days of luck that all points share, and a point that is `factor` times as slow, give or take.
    fn days(factor: f64, scatter: f64, seed: u64) -> Vec<f64> {
        let (mut luck, mut own) = (Draws::new(1), Draws::new(seed));
        (0..20).map(|_| factor * (10.0 + 5.0 * luck.unit()) + scatter * (own.unit() - 0.5)).collect()
    }

    #[test]
    fn verdicts_follow_from_direction_confidence_and_margin() {
        let points: Vec<Point> = [(1.0, 0.1), (1.0, 0.1), (1.2, 0.1), (0.8, 0.1), (1.02, 40.0)]
            .iter()
            .zip(2..)
            .map(|(&(factor, scatter), seed)| point(&[days(factor, scatter, seed)]))
            .collect();
        let verdicts = |better| {
            let metrics = [metric("latency.p99", better)];
            let judge = Judge { points: &points, metrics: &metrics, margin: 0.05 };
            let all = judge.family(0, &[(0, 1), (0, 2), (0, 3), (0, 4), (0, 0)]);
            all.iter().map(|one| one.verdict).collect::<Vec<_>>()
        };
        use Verdict::{Different, Inconclusive, NoDifference, Worse};
        let won = Verdict::Better;
        assert_eq!(verdicts(Better::Lower), [NoDifference, Worse, won, Inconclusive, NoDifference]);
        assert_eq!(verdicts(Better::Higher), [NoDifference, won, Worse, Inconclusive, NoDifference]);
        assert_eq!(verdicts(Better::Neither), [NoDifference, Different, Different, Inconclusive, NoDifference]);
    }

    #[test]
    fn pairing_is_worth_what_the_days_share() {
        let points = [point(&[days(1.0, 0.5, 2)]), point(&[days(1.0, 0.5, 3)]), point(&[vec![f64::NAN; 20]])];
        let metrics = [metric("latency.p99", Better::Lower)];
        let judge = Judge { points: &points, metrics: &metrics, margin: 0.05 };
        // The days vary with 25 / 12 each, what is a point's own with 0.25 / 12: about a hundredfold.
        let gain = judge.pair(0, 0, 1).and_then(|one| one.gain).unwrap();
        assert!((30.0..300.0).contains(&gain), "{gain}");
        assert_eq!(judge.pair(0, 0, 2), None, "a figure that makes no sense is not compared");
    }

    #[test]
    fn winners_name_whom_they_cannot_be_told_from() {
        let points = [point(&[days(1.0, 3.0, 2)]), point(&[days(1.0, 3.0, 3)]), point(&[days(1.5, 3.0, 4)])];
        let metrics = [metric("latency.p99", Better::Lower)];
        let judge = Judge { points: &points, metrics: &metrics, margin: 0.05 };
        let winner = judge.winner(0, true, &[0, 1, 2], &[0, 1, 2]).unwrap();
        assert_eq!(winner.rivals, [1 - winner.best]);
        assert_eq!(judge.winner(0, false, &[0, 1, 2], &[0, 1, 2]).unwrap().best, 2);
        assert_eq!(judge.winner(0, true, &[], &[0, 1, 2]), None, "none keeps the limits");
    }

    #[test]
    fn the_frontier_is_beaten_by_nobody() {
        let at = |cost: f64, share: f64| point(&[vec![cost; 3], vec![share; 3]]);
        let points = [at(1.0, 90.0), at(2.0, 99.0), at(3.0, 98.0), at(2.0, 95.0), at(5.0, 99.9)];
        let metrics = [metric("cost", Better::Lower), metric("ok_share", Better::Higher)];
        assert_eq!(frontier(&points, &metrics, &[0, 1]), [0, 1, 4]);
        assert_eq!(frontier(&points, &metrics, &[]), [0; 0]);
    }
}
