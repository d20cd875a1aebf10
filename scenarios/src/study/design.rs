//! Designs: which combinations of settings are run.
//!
//! A full factorial shows everything and grows with every factor; one at a time shows each factor alone
//! and no interaction; the three others fill the space with as many points as are asked for. Source:
//! Santner, Williams and Notz, The Design and Analysis of Computer Experiments, chapter 5.

use sim_core::{Draw, Seed};

use super::factor::{Factor, Level};
use super::quantity::POINTS_MAX;
use super::schema::Design;
use super::sobol::{DIMENSIONS_MAX, sobol};

/// The settings of every point, a level a factor; the path of what is wrong and why, where it cannot be.
pub(super) fn points(design: &Design, factors: &[Factor], seed: u64) -> Result<Vec<Vec<Level>>, (String, String)> {
    match *design {
        Design::Full => full(&grids(factors)?),
        Design::OneAtATime => Ok(one_at_a_time(&grids(factors)?)),
        Design::Random { points } => {
            let mut rng = Seed::new(seed).stream("study/random");
            let row = |_| factors.iter().map(|factor| factor.at(rng.unit())).collect();
            Ok((0..counted(points)?).map(row).collect())
        }
        Design::LatinHypercube { points } => {
            let shares = latin_hypercube(factors.len(), counted(points)?, seed);
            Ok(shares.iter().map(|row| at(factors, row)).collect())
        }
        Design::Sobol { points } if factors.len() <= DIMENSIONS_MAX => {
            Ok(sobol(factors.len(), counted(points)?).iter().map(|row| at(factors, row)).collect())
        }
        Design::Sobol { .. } => {
            Err(("design".to_owned(), format!("Sobol's sequence is known here for {DIMENSIONS_MAX} factors at most")))
        }
    }
}

fn counted(points: u32) -> Result<usize, (String, String)> {
    match points as usize {
        points @ 1..=POINTS_MAX => Ok(points),
        points => Err(("design".to_owned(), format!("a design has 1 to {POINTS_MAX} points, not {points}"))),
    }
}

fn at(factors: &[Factor], shares: &[f64]) -> Vec<Level> {
    factors.iter().zip(shares).map(|(factor, share)| factor.at(*share)).collect()
}

fn grids(factors: &[Factor]) -> Result<Vec<Vec<Level>>, (String, String)> {
    let grid = |factor: &Factor| {
        factor.grid().ok_or_else(|| {
            let path = format!("factors.{}", crate::file::key(&factor.path));
            (path, "this design wants steps: write LOW..HIGH:STEPS".to_owned())
        })
    };
    factors.iter().map(grid).collect()
}

/// All combinations, the last factor changing fastest.
fn full(grids: &[Vec<Level>]) -> Result<Vec<Vec<Level>>, (String, String)> {
    let count = grids.iter().map(Vec::len).try_fold(1_usize, |all, levels| all.checked_mul(levels));
    if count.is_none_or(|count| count > POINTS_MAX) {
        return Err(("design".to_owned(), format!("a full factorial of these has more than {POINTS_MAX} points")));
    }
    let extend = |points: Vec<Vec<Level>>, levels: &Vec<Level>| {
        let with = |point: &Vec<Level>| {
            let point = point.clone();
            levels.iter().map(move |level| point.iter().cloned().chain([level.clone()]).collect()).collect::<Vec<_>>()
        };
        points.iter().flat_map(with).collect()
    };
    Ok(grids.iter().fold(vec![Vec::new()], extend))
}

fn one_at_a_time(grids: &[Vec<Level>]) -> Vec<Vec<Level>> {
    let base: Vec<Level> = grids.iter().map(|levels| levels[0].clone()).collect();
    let mut points = vec![base.clone()];
    for (factor, levels) in grids.iter().enumerate() {
        points.extend(levels.iter().skip(1).map(|level| {
            let mut point = base.clone();
            point[factor] = level.clone();
            point
        }));
    }
    points
}

/// One share in each of `points` slices of every dimension, put together at random.
fn latin_hypercube(dimensions: usize, points: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Seed::new(seed).stream("study/latin-hypercube");
    let mut rows = vec![vec![0.0; dimensions]; points];
    for dimension in 0..dimensions {
        let mut slices: Vec<usize> = (0..points).collect();
        (1..points).rev().for_each(|last| slices.swap(last, rng.below(last + 1)));
        for (row, slice) in rows.iter_mut().zip(slices) {
            row[dimension] = (slice as f64 + rng.unit()) / points as f64;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(arguments: &[&str]) -> Vec<Factor> {
        arguments.iter().map(|argument| Factor::parse(argument).unwrap()).collect()
    }

    fn labels(points: &[Vec<Level>]) -> Vec<String> {
        let label = |point: &Vec<Level>| point.iter().map(|level| level.label.as_str()).collect::<Vec<_>>().join(" ");
        points.iter().map(label).collect()
    }

    #[test]
    fn grids_are_whole_or_a_cross() {
        let factors = factors(&["a=x,y", "b=1..3:3"]);
        let full = points(&Design::Full, &factors, 1).unwrap();
        assert_eq!(labels(&full), ["x 1", "x 2", "x 3", "y 1", "y 2", "y 3"]);
        let cross = points(&Design::OneAtATime, &factors, 1).unwrap();
        assert_eq!(labels(&cross), ["x 1", "y 1", "x 2", "x 3"]);
    }

    #[test]
    fn a_latin_hypercube_meets_every_slice_once() {
        for row in 0..4 {
            let mut slices: Vec<usize> =
                latin_hypercube(4, 50, 9).iter().map(|shares| (shares[row] * 50.0) as usize).collect();
            slices.sort_unstable();
            assert_eq!(slices, (0..50).collect::<Vec<_>>());
        }
        let factors = factors(&["a=x,y", "b=0.0..1.0"]);
        let points = points(&Design::LatinHypercube { points: 10 }, &factors, 1).unwrap();
        assert_eq!(labels(&points).iter().filter(|label| label.starts_with('x')).count(), 5);
    }

    #[test]
    fn what_cannot_be_a_grid_says_so() {
        let (path, why) = points(&Design::Full, &factors(&["a.b=1..3"]), 1).unwrap_err();
        assert_eq!((path.as_str(), why.contains("STEPS")), ("factors.\"a.b\"", true));
        assert_eq!(points(&Design::Random { points: 0 }, &factors(&["a=1,2"]), 1).unwrap_err().0, "design");
        let drawn = points(&Design::Random { points: 20 }, &factors(&["a=1..3", "b=x,y"]), 1).unwrap();
        assert_eq!(drawn, points(&Design::Random { points: 20 }, &factors(&["a=1..3", "b=x,y"]), 1).unwrap());
    }
}
