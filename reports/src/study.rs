//! What a study says, in words: who wins where and how sure that is, and what was run for it.
//!
//! The terminal, the page and the charts share these, so that they cannot disagree.

use sim_core::stats::Interval;
use sim_core::study::{Comparison, Estimate, StudyResults, Verdict, Winner};

use crate::words;

/// Confidence of all intervals.
const LEVEL: f64 = 0.95;
/// Names that a headline lists.
const NAMES_MAX: usize = 4;

/// The answer in a sentence.
pub(crate) fn headline(results: &StudyResults) -> String {
    match &results.winners[..] {
        [] if !results.unmet.is_empty() => {
            format!("No candidate keeps the limits: {}. {}", results.unmet.join(", "), verdicts(results))
        }
        [] => verdicts(results),
        [only] => format!("{}.", sentence(results, only)),
        several => tally(results, several),
    }
}

/// "PeakEwma wins at 3 of 5 settings of rate, Random at 2, by latency.p99; 4 of 5 are clear."
fn tally(results: &StudyResults, winners: &[Winner]) -> String {
    let mut names: Vec<(String, usize)> = Vec::new();
    for winner in winners {
        let name = own(results, winner, winner.best);
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => *times += 1,
            None => names.push((name, 1)),
        }
    }
    names.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let n = winners.len();
    let shared = results.factors.iter().zip(&winners[0].shared).filter(|(_, shared)| shared.is_some());
    let shared: Vec<&str> = shared.map(|(factor, _)| factor.name.as_str()).collect();
    let told = names.iter().take(NAMES_MAX).enumerate().map(|(at, (name, times))| match at {
        0 => format!("{name} wins at {times} of {n} settings of {}", shared.join(" and ")),
        _ => format!("{name} at {times}"),
    });
    let told: Vec<String> = told.collect();
    let more = if names.len() > NAMES_MAX { " and others at the rest" } else { "" };
    let clear = winners.iter().filter(|winner| winner.rivals.is_empty()).count();
    let sure = match clear {
        0 => "none of it is certain".to_owned(),
        all if all == n => "all of it is clear".to_owned(),
        some => format!("{some} of {n} are clear"),
    };
    let metric = &results.metrics[winners[0].metric].name;
    format!("{}{more}, by {metric}; {sure}.", told.join(", "))
}

/// "Of 6 comparisons 2 are better, 1 worse, 3 inconclusive."
fn verdicts(results: &StudyResults) -> String {
    let all = [Verdict::Better, Verdict::Worse, Verdict::Different, Verdict::NoDifference, Verdict::Inconclusive];
    let count = |verdict: Verdict| results.comparisons.iter().filter(|one| one.verdict == verdict).count();
    let told = all.into_iter().map(|verdict| (count(verdict), verdict.words())).filter(|(n, _)| *n > 0);
    let told: Vec<String> = told.map(|(n, words)| format!("{n} {words}")).collect();
    match results.comparisons.len() {
        // Nobody wins: there is no goal, or none keeps the limits.
        0 if !results.frontier.is_empty() => {
            let names: Vec<&str> =
                results.frontier_metrics.iter().map(|at| results.metrics[*at].name.as_str()).collect();
            let (on, all) = (results.frontier.len(), results.points.len());
            format!("{on} of {all} points are beaten by no other in {} together.", names.join(" and "))
        }
        0 => format!(
            "{} at {}.",
            words::plural(runs(results) as f64, "run"),
            words::plural(results.points.len() as f64, "point")
        ),
        n => format!("Of {}: {}.", words::plural(n as f64, "comparison"), told.join(", ")),
    }
}

/// Runs in all.
pub(crate) fn runs(results: &StudyResults) -> u64 {
    results.points.iter().map(|point| u64::from(point.replications)).sum()
}

/// What the points of a winner's group share: "rate 100/s"; empty if nothing.
pub(crate) fn place(results: &StudyResults, shared: &[Option<usize>]) -> String {
    let shared = results.factors.iter().zip(shared);
    let shared =
        shared.filter_map(|(factor, level)| Some(format!("{} {}", factor.name, factor.levels[(*level)?].label)));
    shared.collect::<Vec<_>>().join(", ")
}

/// Who wins, over whom, and how sure that is.
pub(crate) fn sentence(results: &StudyResults, winner: &Winner) -> String {
    let place = place(results, &winner.shared);
    let name = |point: usize| own(results, winner, point);
    let metric = &results.metrics[winner.metric];
    let best = &results.points[winner.best].estimates[winner.metric];
    let mut text = if place.is_empty() { String::new() } else { format!("{place}: ") };
    text.push_str(&format!("{} wins with {} {}", name(winner.best), metric.name, estimate(best, &metric.unit)));
    match (&winner.rivals[..], nearest(winner)) {
        (_, None) => {}
        ([], Some(nearest)) => {
            let apart = behind(nearest, &metric.unit);
            text.push_str(&format!(", clearly: the next, {}, is {apart} behind", name(nearest.other)));
        }
        (rivals, Some(_)) => {
            let names: Vec<String> = rivals.iter().map(|point| name(*point)).collect();
            text.push_str(&format!(", but cannot be told from {}", names.join(", ")));
        }
    }
    text
}

/// The comparison with who comes next.
pub(crate) fn nearest(winner: &Winner) -> Option<&Comparison> {
    winner.comparisons.iter().min_by(|a, b| a.difference.abs().total_cmp(&b.difference.abs()))
}

/// How far, with the margin of that.
pub(crate) fn behind(one: &Comparison, unit: &str) -> String {
    words::with_margin(one.difference.abs(), margin(one), unit)
}

/// What a point has of its own in the winner's group.
pub(crate) fn own(results: &StudyResults, winner: &Winner, point: usize) -> String {
    let point = &results.points[point];
    let own = results.factors.iter().zip(&winner.shared).zip(&point.levels);
    let own: Vec<&str> = own
        .filter(|((_, shared), _)| shared.is_none())
        .map(|((factor, _), level)| factor.levels[*level].label.as_str())
        .collect();
    if own.is_empty() { point.label.clone() } else { own.join(", ") }
}

/// The interval of a difference whose sign is left out.
fn margin(one: &Comparison) -> Option<(f64, f64)> {
    let half = one.interval.map(|(low, high)| (high - low) / 2.0)?;
    Some((one.difference.abs() - half, one.difference.abs() + half))
}

/// A figure at a point, with half of its interval.
pub(crate) fn estimate(estimate: &Estimate, unit: &str) -> String {
    let interval = estimate.half_width.map(|half| (estimate.mean - half, estimate.mean + half));
    if estimate.mean.is_nan() { words::NOTHING.to_owned() } else { words::with_margin(estimate.mean, interval, unit) }
}

/// A p-value.
pub(crate) fn p_value(p: f64) -> String {
    if p < 1e-4 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}

/// A share as a difference in percent: "+12.3 %".
pub(crate) fn percent(share: f64) -> String {
    format!("{}{} %", if share > 0.0 { "+" } else { "" }, words::grouped(100.0 * share, 1))
}

/// The mean of `points` together with half of its 95 % interval: all points meet the same customers, so
/// they are averaged replication by replication. `None` where the figure makes no sense.
pub(crate) fn together(results: &StudyResults, metric: usize, points: &[usize]) -> Option<(f64, Option<f64>)> {
    let estimates: Vec<&Estimate> = points.iter().map(|point| &results.points[*point].estimates[metric]).collect();
    if let [only] = estimates[..] {
        return only.mean.is_finite().then_some((only.mean, only.half_width));
    }
    let replications = estimates.iter().map(|estimate| estimate.samples.len()).min()?;
    let mean = |at: usize| estimates.iter().map(|estimate| estimate.samples[at]).sum::<f64>() / estimates.len() as f64;
    let means: Vec<f64> = (0..replications).map(mean).filter(|mean| mean.is_finite()).collect();
    let half = Interval::of(&means, LEVEL).map(|interval| interval.half_width());
    (!means.is_empty()).then(|| (means.iter().sum::<f64>() / means.len() as f64, half))
}

/// What was run, and what pairing was worth.
pub(crate) fn closing(results: &StudyResults) -> String {
    let mut text = format!(
        "seed {} · {} · {}",
        results.seed,
        words::plural(results.points.len() as f64, "point"),
        words::plural(runs(results) as f64, "run")
    );
    if results.warm_up_seconds > 0.0 {
        let found = if results.warm_up_found { " (found)" } else { "" };
        text.push_str(&format!(" · warm-up {}{found}", words::length(results.warm_up_seconds)));
    }
    let pairs = results.comparisons.iter().chain(results.winners.iter().flat_map(|winner| &winner.comparisons));
    let mut gains: Vec<f64> = pairs.filter_map(|one| one.gain).collect();
    gains.sort_by(f64::total_cmp);
    if let (Some(middle), Some(most)) = (gains.get(gains.len() / 2), gains.last()) {
        let (middle, most) = (words::figure(*middle), words::figure(*most));
        text.push_str(&format!(" · the same customers everywhere: worth {middle} times as many runs, at best {most}"));
    }
    text.push_str(" · ± is half of the 95 % confidence interval");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_study::balancers;

    #[test]
    fn the_headline_names_winners_and_how_sure_they_are() {
        let mut results = balancers();
        insta::assert_snapshot!(headline(&results), @"LeastConnections wins at 2 of 2 settings of rate, by latency.p99; 1 of 2 are clear.");
        results.winners.remove(0);
        insta::assert_snapshot!(headline(&results), @"rate 180/s: LeastConnections wins with latency.p99 90.0 ± 1.8 ms, clearly: the next, Random, is 60.0 ± 1.0 ms behind.");
        results.winners.clear();
        insta::assert_snapshot!(headline(&results), @"Of 2 comparisons: 1 better, 1 inconclusive.");
        results.comparisons.clear();
        insta::assert_snapshot!(headline(&results), @"8 runs at 4 points.");
        (results.frontier, results.frontier_metrics) = (vec![1, 3], vec![0]);
        insta::assert_snapshot!(headline(&results), @"2 of 4 points are beaten by no other in latency.p99 together.");
        results.unmet = vec!["p99 < 20ms".to_owned(), "cost < 5".to_owned()];
        insta::assert_snapshot!(headline(&results), @"No candidate keeps the limits: p99 < 20ms, cost < 5. 2 of 4 points are beaten by no other in latency.p99 together.");
    }

    #[test]
    fn points_together_are_averaged_replication_by_replication() {
        let results = balancers();
        // 50 and 52 with 49 and 51: the means of the replications are 49.5 and 51.5.
        let (mean, half) = together(&results, 0, &[0, 1]).unwrap();
        assert_eq!(mean, 50.5);
        assert!((half.unwrap() - 12.706).abs() < 0.01, "Student's quantile for one degree of freedom: {half:?}");
        assert_eq!(together(&results, 0, &[3]), Some((90.0, Some(1.8))));
    }
}
