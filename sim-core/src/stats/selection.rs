//! Ranking and selection: the best of many, with a stated probability, without running all equally.
//!
//! The procedure KN of Kim and Nelson (2001). A first stage gives the variance of each difference;
//! then every alternative still in the race gets one more replication at a time, and one leaves when
//! it is so far behind another that chance no longer explains it. How far that is shrinks as
//! observations come in. Differences are taken replication by replication, so common random numbers
//! help: what the alternatives share cancels, and the race is short.
//!
//! The promise: if the best is better than all others by at least the indifference zone, it is
//! selected with at least the stated probability, for normal observations, whatever their variances
//! and the dependence between alternatives. Where several are within the zone of the best, one of
//! those is selected.
//!
//! Leaves out: constraints (drop what violates them beforehand) and non-normal observations, for
//! which means over a replication are close enough.

use super::Welford;

/// A race in progress; the greatest mean wins.
#[derive(Clone, Debug)]
pub struct Selection {
    indifference: f64,
    /// `h²` of the procedure.
    spread: f64,
    /// Variances of the differences of the first stage, by alternative and alternative.
    variances: Vec<Vec<f64>>,
    sums: Vec<f64>,
    survivors: Vec<usize>,
    replications: u32,
}

impl Selection {
    /// Begins with a first stage: `samples[i][r]` is what alternative `i` gave in replication `r`. Ten
    /// replications or more are advised. `probability` is that of a correct selection, such as 0.95;
    /// differences below `indifference` do not matter.
    ///
    /// # Panics
    ///
    /// If there is no alternative, they have differently many samples or fewer than two, the
    /// indifference zone is not positive, or `probability` is not between 0 and 1.
    pub fn new(samples: &[Vec<f64>], probability: f64, indifference: f64) -> Selection {
        let first = samples.first().map_or(0, Vec::len);
        assert!(first >= 2, "a first stage has two replications at least");
        assert!(samples.iter().all(|list| list.len() == first), "alternatives are sampled equally often");
        assert!(indifference > 0.0, "an indifference zone is positive: {indifference}");
        let variance = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| a - b).collect::<Welford>().variance();
        let mut selection = Selection {
            indifference,
            spread: spread(samples.len(), first, probability),
            variances: samples.iter().map(|a| samples.iter().map(|b| variance(a, b)).collect()).collect(),
            sums: samples.iter().map(|list| list.iter().sum()).collect(),
            survivors: (0..samples.len()).collect(),
            replications: first as u32,
        };
        selection.eliminate();
        selection
    }

    /// Those still in the race, in the order given; a single one is the selected.
    pub fn survivors(&self) -> &[usize] {
        &self.survivors
    }

    /// Replications that each survivor has had.
    pub fn replications(&self) -> u32 {
        self.replications
    }

    /// The one with the greatest mean so far: the selected, once it is alone.
    pub fn leader(&self) -> usize {
        let better = |a: usize, b: usize| if self.sums[b] > self.sums[a] { b } else { a };
        self.survivors.iter().copied().reduce(better).expect("never empty")
    }

    /// One more replication of every survivor, in their order.
    ///
    /// # Panics
    ///
    /// If there is not one sample for each survivor.
    pub fn record(&mut self, samples: &[f64]) {
        assert_eq!(samples.len(), self.survivors.len(), "one sample a survivor");
        for (&alternative, sample) in self.survivors.iter().zip(samples) {
            self.sums[alternative] += sample;
        }
        self.replications += 1;
        self.eliminate();
    }

    fn eliminate(&mut self) {
        let stays = |one: &usize| self.survivors.iter().all(|&other| !self.is_beaten(*one, other));
        self.survivors = self.survivors.iter().copied().filter(stays).collect();
        // Ties with no variance at all beat nobody; rounding may not beat everybody.
        assert!(!self.survivors.is_empty(), "the leader is behind nobody");
    }

    /// Whether `one` is further behind `other` than chance explains.
    fn is_beaten(&self, one: usize, other: usize) -> bool {
        if one == other {
            return false;
        }
        let zone = self.indifference;
        let allowed = self.spread * self.variances[one][other] / (zone * zone) - f64::from(self.replications);
        // Once nothing is allowed any more, all but the leader are out; of equals the first stays.
        let behind = self.sums[other] - self.sums[one];
        let allowed = (zone / 2.0 * allowed).max(0.0);
        behind > allowed || (allowed == 0.0 && behind == 0.0 && other < one)
    }
}

/// `h²` for `alternatives` and a first stage of `first` replications, dependent between alternatives.
fn spread(alternatives: usize, first: usize, probability: f64) -> f64 {
    assert!(probability > 0.0 && probability < 1.0, "a probability of selection is between 0 and 1: {probability}");
    if alternatives < 2 {
        return 0.0;
    }
    let freedom = (first - 1) as f64;
    let share = 2.0 * (1.0 - probability) / (alternatives - 1) as f64;
    let eta = 0.5 * (libm::pow(share, -2.0 / freedom) - 1.0);
    2.0 * eta.max(0.0) * freedom
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Draw, Draws};
    use crate::ziggurat::normal;

    /// Runs a race of `means` and returns the winner and the replications used in all.
    fn race(means: &[f64], sigma: f64, common: f64, zone: f64, draws: &mut Draws) -> (usize, u64) {
        let mut row = |who: &[usize]| -> Vec<f64> {
            let shared = common * normal(draws);
            who.iter().map(|&i| means[i] + shared + sigma * (1.0 + (i % 4) as f64 / 4.0) * normal(draws)).collect()
        };
        let all: Vec<usize> = (0..means.len()).collect();
        let rows: Vec<Vec<f64>> = (0..10).map(|_| row(&all)).collect();
        let samples: Vec<Vec<f64>> = all.iter().map(|&i| rows.iter().map(|row| row[i]).collect()).collect();
        let mut selection = Selection::new(&samples, 0.95, zone);
        let mut used = 10 * means.len() as u64;
        while selection.survivors().len() > 1 {
            let who = selection.survivors().to_vec();
            used += who.len() as u64;
            selection.record(&row(&who));
        }
        (selection.leader(), used)
    }

    #[test]
    fn the_constant_is_the_published_one() {
        // Kim and Nelson (2006), Selecting the best system, section 3: for k = 2, n0 = 10, 1 - alpha = 0.95
        // the formula gives eta = (0.1^(-2/9) - 1) / 2 = 0.3341 and h² = 6.014.
        assert!((spread(2, 10, 0.95) - 18.0 * 0.5 * (libm::pow(10.0, 2.0 / 9.0) - 1.0)).abs() < 1e-12);
        assert!((spread(2, 10, 0.95) - 6.013).abs() < 2e-3, "{}", spread(2, 10, 0.95));
        assert!(spread(100, 10, 0.95) > spread(10, 10, 0.95));
    }

    #[test]
    fn the_stated_probability_is_met_in_the_least_favourable_case() {
        // All others are worse by exactly the zone: the hardest case that the promise covers.
        for (common, seed) in [(0.0, 1), (3.0, 2)] {
            let mut draws = Draws::new(seed);
            let means = [0.0, 0.0, 1.0, 0.0, 0.0];
            let correct = (0..600).filter(|_| race(&means, 2.0, common, 1.0, &mut draws).0 == 2).count();
            // 95 % of 600 is 570; 3.5 standard errors below that is 551.
            assert!(correct >= 551, "{correct} of 600");
        }
    }

    #[test]
    fn a_hundred_candidates_do_not_each_need_a_hundred_runs() {
        let means: Vec<f64> = (0..100).map(|i| -f64::from(i) / 5.0).collect();
        let mut draws = Draws::new(3);
        let (winner, used) = race(&means, 0.5, 5.0, 0.2, &mut draws);
        assert_eq!(winner, 0);
        assert!(used < 100 * 100, "{used}");
    }

    #[test]
    fn equals_without_any_scatter_end_at_once_with_the_first() {
        let selection = Selection::new(&[vec![1.0; 5], vec![1.0; 5], vec![0.5; 5]], 0.95, 0.1);
        assert_eq!(selection.survivors(), [0]);
        assert_eq!(Selection::new(&[vec![1.0, 2.0]], 0.95, 0.1).survivors(), [0]);
    }

    #[test]
    fn the_longest_queue_is_told_from_simulated_queues() {
        // M/M/1 waits by Lindley's recursion at loads 0.50, 0.55 and 0.60: the exact mean waits are
        // rho / (1 - rho) services; the shortest is best. Common customers, 500 a replication.
        let waits = |draws: Draws| -> Vec<f64> {
            [0.5, 0.55, 0.6]
                .map(|load| {
                    let mut draws = draws;
                    let (mut wait, mut sum) = (0.0_f64, 0.0);
                    for _ in 0..500 {
                        let gap = -libm::log(draws.unit_open()) / load;
                        let work = -libm::log(draws.unit_open());
                        sum += wait;
                        wait = (wait + work - gap).max(0.0);
                    }
                    -sum / 500.0
                })
                .to_vec()
        };
        let correct = (0..200).filter(|run| {
            let row = |r: u64| waits(Draws::new(1 + run).branch(r));
            let rows: Vec<Vec<f64>> = (0..10).map(row).collect();
            let samples: Vec<Vec<f64>> = (0..3).map(|i| rows.iter().map(|row| row[i]).collect()).collect();
            let mut selection = Selection::new(&samples, 0.95, 0.1);
            while selection.survivors().len() > 1 {
                let row = row(u64::from(selection.replications()));
                let samples: Vec<f64> = selection.survivors().iter().map(|&i| row[i]).collect();
                selection.record(&samples);
            }
            selection.leader() == 0
        });
        assert!(correct.count() >= 190);
    }
}
