use proptest::prelude::*;
use sim_core::Seed;

use super::*;

const INTERVAL: Span = Span::from_millis(10);

fn surroundings(counts: &[u64]) -> Surroundings {
    let mut surroundings = Surroundings::default();
    let trace = CountTrace { interval: INTERVAL, counts: counts.to_vec() };
    surroundings.traces.insert_counts("log.csv", "requests", trace);
    surroundings
}

fn settings(scale: f64, from: Span) -> Counts {
    Counts { file: "log.csv".to_owned(), column: "requests".to_owned(), scale: Ratio::new(scale), from }
}

/// All arrivals in nanoseconds.
fn arrivals(settings: &Counts, counts: &[u64], seed: u64) -> Vec<u64> {
    let mut rng = Seed::new(seed).stream("counts");
    let mut running = settings.build(&surroundings(counts));
    std::iter::from_fn(|| running.next(&mut rng)).map(Time::as_nanos).collect()
}

/// How many arrivals each interval holds.
fn binned(arrivals: &[u64], intervals: usize) -> Vec<u64> {
    let mut bins = vec![0; intervals];
    arrivals.iter().for_each(|time| bins[(time / INTERVAL.as_nanos()) as usize] += 1);
    bins
}

/// The rate at a fraction of interval `index`, relative to one arrival an interval, by definition.
fn rate(counts: &[u64], index: usize, fraction: f64) -> f64 {
    let count = |index: isize| {
        let inside = usize::try_from(index).ok().and_then(|index| counts.get(index));
        *inside.unwrap_or(&counts[index.clamp(0, counts.len() as isize - 1) as usize]) as f64
    };
    let index = index as isize;
    let edge = |left: f64, right: f64| ((left + right) / 2.0).min(2.0 * left.min(right));
    let left = edge(count(index - 1), count(index));
    let right = edge(count(index), count(index + 1));
    let middle = 2.0 * count(index) - (left + right) / 2.0;
    if fraction < 0.5 {
        left + (middle - left) * fraction * 2.0
    } else {
        middle + (right - middle) * (fraction - 0.5) * 2.0
    }
}

fn counts() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![2 => Just(0), 3 => 1..5_u64, 3 => 0..300_u64, 1 => 0..5_000_u64], 1..12)
}

proptest! {
    #[test]
    fn every_interval_gets_exactly_its_count_in_order(counts in counts(), seed: u64) {
        let arrivals = arrivals(&settings(1.0, Span::ZERO), &counts, seed);
        prop_assert!(arrivals.is_sorted());
        prop_assert_eq!(binned(&arrivals, counts.len()), counts);
    }

    #[test]
    fn scaling_keeps_every_running_total(counts in counts(), scale in 0.0..3.0_f64) {
        let bins = binned(&arrivals(&settings(scale, Span::ZERO), &counts, 1), counts.len());
        let (mut total, mut recorded) = (0, 0);
        for (bin, count) in bins.into_iter().zip(counts) {
            total += bin;
            recorded += count;
            prop_assert!((total as f64 - recorded as f64 * scale).abs() <= 0.5 + 1e-6);
            prop_assert!(count > 0 || bin == 0);
        }
    }

    #[test]
    fn the_rate_is_continuous_never_negative_and_holds_the_count(counts in counts()) {
        let density = |index: usize| {
            let before = index.checked_sub(1).map_or(counts[index], |before| counts[before]);
            let after = counts.get(index + 1).copied().unwrap_or(counts[index]);
            Density::new(1.0, before, counts[index], after)
        };
        for index in (0..counts.len()).filter(|&index| counts[index] > 0) {
            let [first, second] = density(index).halves;
            let count = counts[index] as f64;
            prop_assert!((first.area + second.area - 1.0).abs() < 1e-12);
            for fraction in [0.0, 0.3, 0.5, 0.8, 1.0] {
                let got = if fraction < 0.5 {
                    first.rate + first.slope * fraction
                } else {
                    second.rate + second.slope * (fraction - 0.5)
                };
                let expected = rate(&counts, index, fraction);
                prop_assert!(expected > -1e-9);
                prop_assert!((got * count - expected).abs() < 1e-9 * (1.0 + expected), "{index} {fraction}");
            }
            if index + 1 < counts.len() {
                let jump = rate(&counts, index, 1.0) - rate(&counts, index + 1, 0.0);
                prop_assert!(jump.abs() < 1e-9 * count);
            }
        }
    }

    #[test]
    fn beginning_in_the_middle_leaves_out_what_came_before(counts in counts(), seed: u64, share in 0.0..1.0_f64) {
        let from = (INTERVAL * counts.len() as u64).scale(share);
        let whole = arrivals(&settings(1.0, Span::ZERO), &counts, seed);
        let part = arrivals(&settings(1.0, from), &counts, seed);
        let intervals = |times: &[u64], from: u64| -> usize {
            let next = (from / INTERVAL.as_nanos() + 1) * INTERVAL.as_nanos();
            times.iter().filter(|&&time| time >= next).count()
        };
        let shifted: Vec<u64> = part.iter().map(|time| time + from.as_nanos()).collect();
        prop_assert!(shifted.is_sorted());
        prop_assert_eq!(intervals(&shifted, from.as_nanos()), intervals(&whole, from.as_nanos()));
        if from < INTERVAL {
            // In the first interval both runs draw the same.
            let kept: Vec<u64> = whole.into_iter().filter(|&time| time >= from.as_nanos()).collect();
            prop_assert_eq!(shifted, kept);
        }
    }
}

/// Pearson's chi-square of arrivals in 50 cells of each interval against the definition of the rate.
/// The counts of an interval are fixed, so are 49 degrees of freedom an interval.
#[test]
fn arrivals_within_an_interval_follow_its_density() {
    const CELLS: usize = 50;
    let counts = [40, 400, 300, 0, 7, 7, 2_000];
    let runs = 400;
    let mut cells = vec![0.0; CELLS * counts.len()];
    for seed in 0..runs {
        for time in arrivals(&settings(1.0, Span::ZERO), &counts, seed) {
            cells[(time as usize * CELLS) / INTERVAL.as_nanos() as usize] += 1.0;
        }
    }
    let mut chi_square = 0.0;
    for (cell, &observed) in cells.iter().enumerate() {
        let fraction = (cell % CELLS) as f64 / CELLS as f64;
        // Straight within a cell, as the middle is the edge of one: the midpoint rule is exact.
        let expected = rate(&counts, cell / CELLS, fraction + 0.5 / CELLS as f64) / CELLS as f64 * runs as f64;
        if expected > 0.0 {
            chi_square += (observed - expected) * (observed - expected) / expected;
        } else {
            assert_eq!(observed, 0.0);
        }
    }
    // 6 intervals with 49 degrees of freedom each: mean 294, deviation 24.
    assert!((294.0 - 75.0..294.0 + 75.0).contains(&chi_square), "{chi_square}");
}

/// Independent draws, not merely the right mean: the number in the first half of an interval of 20
/// level arrivals is binomial.
#[test]
fn arrivals_within_an_interval_are_independent() {
    let runs = 10_000;
    let (mut sum, mut squares) = (0.0, 0.0);
    for seed in 0..runs {
        let half = INTERVAL.as_nanos() / 2;
        let early = arrivals(&settings(1.0, Span::ZERO), &[20], seed).iter().filter(|&&time| time < half).count();
        sum += early as f64;
        squares += (early * early) as f64;
    }
    let mean = sum / runs as f64;
    let variance = squares / runs as f64 - mean * mean;
    assert!((mean - 10.0).abs() < 0.08, "{mean}");
    assert!((variance - 5.0).abs() < 0.25, "{variance}");
}

#[test]
fn a_beginning_after_the_end_is_refused() {
    let traces = surroundings(&[1, 2]).traces;
    assert_eq!(settings(1.0, Span::from_millis(19)).check(&traces), Ok(()));
    let wrong = settings(1.0, Span::from_millis(20)).check(&traces).unwrap_err();
    assert_eq!(wrong, "from: \"log.csv\" is only 20ms long");
}
