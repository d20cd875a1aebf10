//! Tuning: the best of many settings, found with few runs.
//!
//! Successive halving (Karnin, Koren and Somekh 2013; Jamieson and Talwalkar 2016) first: all candidates
//! are run a little, the better half twice as much, and so on, until a handful is left. Among those of
//! the handful that keep the limits, ranking and selection ([`sim_core::stats::Selection`]) then finds
//! the best with a stated probability. Every candidate meets the same customers all the way.
//!
//! Leaves out: a promise for those dropped while halving. They were behind, with few replications.

use std::io;

use sim_core::stats::Selection;
use sim_core::study::StudyResults;

use super::analyse::{self, analyse};
use super::execute::{Sample, Work};
use super::plan::Plan;

/// How a search is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Replications of each candidate in the first round.
    pub first: u32,
    /// Candidates that are left to the selection.
    pub finalists: usize,
    /// The probability with which the best finalist is selected.
    pub probability: f64,
    /// A relative difference below this does not matter.
    pub indifference: f64,
    /// The most replications of a finalist.
    pub cap: u32,
}

impl Default for Search {
    fn default() -> Search {
        Search { first: 2, finalists: 8, probability: 0.95, indifference: 0.01, cap: 200 }
    }
}

/// Replications before a selection may drop anybody.
const FIRST_STAGE: u32 = 10;

/// Replications that finalists are run ahead, so that all threads have work.
const BATCH: u32 = 4;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuned {
    /// All candidates, each with the replications it got.
    pub results: StudyResults,
    /// The best of those that keep the limits; `None` if no finalist does.
    pub best: Option<usize>,
    /// Finalists that the selection could not drop before the cap was reached: as good, as far as one can tell.
    pub rivals: Vec<usize>,
    /// Candidates and replications in each round of halving.
    pub rounds: Vec<(usize, u32)>,
    /// Runs in all.
    pub runs: u64,
}

/// Searches the points of the plan at work for the best by its goal, within its limits; `None` if it
/// was stopped or cells are missing.
///
/// # Errors
///
/// If the store cannot be written.
///
/// # Panics
///
/// If the plan has no goal.
pub fn tune(work: &Work<'_>, search: &Search) -> io::Result<Option<Tuned>> {
    let mut race = Race { work, samples: vec![Vec::new(); work.plan.points.len()] };
    let mut candidates: Vec<usize> = (0..race.samples.len()).collect();
    let mut rounds = Vec::new();
    let mut replications = search.first.max(1);
    loop {
        if !race.extend(&candidates, replications)? {
            return Ok(None);
        }
        rounds.push((candidates.len(), replications));
        candidates.sort_by(|a, b| race.rank(*a).total_cmp(&race.rank(*b)).then(a.cmp(b)));
        if candidates.len() <= search.finalists {
            break;
        }
        candidates.truncate(candidates.len().div_ceil(2).max(search.finalists));
        replications = replications.saturating_mul(2).min(search.cap);
    }
    if !race.extend(&candidates, replications.max(FIRST_STAGE))? {
        return Ok(None);
    }
    candidates.retain(|&point| race.violation(point) == 0.0);
    candidates.sort_unstable();
    let selected = if candidates.is_empty() { Some((None, Vec::new())) } else { race.select(&candidates, search)? };
    let Some((best, rivals)) = selected else { return Ok(None) };
    let runs = race.samples.iter().map(|samples| samples.len() as u64).sum();
    let results = race.results(best, &candidates);
    Ok(Some(Tuned { results, best, rivals, rounds, runs }))
}

struct Race<'a> {
    work: &'a Work<'a>,
    samples: Vec<Vec<Sample>>,
}

impl Race<'_> {
    fn plan(&self) -> &Plan {
        self.work.plan
    }

    /// Runs `points` until each has had so many replications; false if that cannot be.
    fn extend(&mut self, points: &[usize], replications: u32) -> io::Result<bool> {
        let missing = |&point: &usize| (self.samples[point].len() as u32..replications).map(move |r| (point, r));
        let wanted: Vec<(usize, u32)> = points.iter().flat_map(missing).collect();
        let Some(got) = self.work.cells(&wanted)? else { return Ok(false) };
        for ((point, _), sample) in wanted.into_iter().zip(got) {
            let Some(sample) = sample else { return Ok(false) };
            self.samples[point].push(sample);
        }
        Ok(true)
    }

    /// What the goal thinks of each replication of `point`: more is better; NaN where it has no figure.
    fn worths(&self, point: usize) -> Vec<f64> {
        let goal = self.plan().goal.as_ref().expect("a search has a goal");
        let metric = self.plan().index_of(&goal.metric);
        self.samples[point].iter().map(|sample| goal.worth(sample.values[metric])).collect()
    }

    fn mean(&self, point: usize, metric: usize) -> f64 {
        let samples = &self.samples[point];
        samples.iter().map(|sample| sample.values[metric]).sum::<f64>() / samples.len() as f64
    }

    /// How far `point` is beyond the limits, all together; infinite if a figure makes no sense.
    fn violation(&self, point: usize) -> f64 {
        let plan = self.plan();
        let beyond = plan.limits.iter().map(|limit| limit.excess(self.mean(point, plan.index_of(&limit.metric))));
        let unknown = self.worths(point).iter().any(|worth| worth.is_nan());
        let sum: f64 = beyond.map(|excess| if excess.is_nan() { f64::INFINITY } else { excess.max(0.0) }).sum();
        if unknown { f64::INFINITY } else { sum }
    }

    /// By this candidates are sorted: who keeps the limits by worth, then who does not by how little.
    fn rank(&self, point: usize) -> f64 {
        let worths = self.worths(point);
        let worth = worths.iter().sum::<f64>() / worths.len() as f64;
        let violation = self.violation(point);
        // Worths go to (-1, 1), so that any violation weighs more.
        if violation > 0.0 { 1.0 + violation } else { -worth / (1.0 + worth.abs()) }
    }

    /// The best of `candidates` with the probability asked for, and who is still in the race at the cap.
    fn select(&mut self, candidates: &[usize], search: &Search) -> io::Result<Option<(Option<usize>, Vec<usize>)>> {
        // All were run equally often when the first stage ended.
        let first = candidates.iter().map(|&point| self.samples[point].len()).min().unwrap_or(0);
        let stage: Vec<Vec<f64>> = candidates.iter().map(|&point| self.worths(point)[..first].to_vec()).collect();
        let means = stage.iter().map(|list| list.iter().sum::<f64>() / first as f64);
        let scale = means.fold(f64::NEG_INFINITY, f64::max).abs();
        let zone = (search.indifference * scale).max(f64::MIN_POSITIVE.sqrt());
        let mut selection = Selection::new(&stage, search.probability, zone);
        while selection.survivors().len() > 1 && selection.replications() < search.cap {
            let alive: Vec<usize> = selection.survivors().iter().map(|&at| candidates[at]).collect();
            let ahead = (selection.replications() + BATCH).min(search.cap);
            if !self.extend(&alive, ahead)? {
                return Ok(None);
            }
            while selection.survivors().len() > 1 && selection.replications() < ahead {
                let next = selection.replications() as usize;
                let row: Vec<f64> = selection.survivors().iter().map(|&at| self.worths(candidates[at])[next]).collect();
                selection.record(&row);
            }
        }
        let best = candidates[selection.leader()];
        let rivals = selection.survivors().iter().map(|&at| candidates[at]).filter(|point| *point != best);
        Ok(Some((Some(best), rivals.collect())))
    }

    fn results(&self, best: Option<usize>, candidates: &[usize]) -> StudyResults {
        let mut plan = self.plan().clone();
        plan.groups.clear();
        let mut results = analyse(&plan, &self.samples);
        let others: Vec<usize> = candidates.iter().copied().filter(|point| Some(*point) != best).collect();
        if let (Some(best), Some(goal)) = (best, &plan.goal) {
            results.winners = vec![analyse::against(&plan, &results, plan.index_of(&goal.metric), best, &others)];
            results.unmet.clear();
        }
        results
    }
}
