//! Lanes behind a time axis: the warm-up, faults, releases, and where their names stand.
//!
//! A few have a lane each. Hundreds of strikes would be neither legible nor light, so those that only strike
//! and stand close are one lane, as a reader would see them anyway; no stretch of a run in which something
//! broke is left white.

use super::axis::Axis;
use super::chart::{Across, LineChart};
use super::style::Type;
use super::windows::Window;

/// So many faults and releases have a lane each.
pub(crate) const OWN_LANES: usize = 20;
/// What is narrower than this many pixels is a line.
pub(crate) const LANE_MIN: f64 = 3.0;
/// Neighbours as close as this many pixels are one lane; twice that, if there are still too many lanes.
const CLOSE: f64 = 3.0;
/// The most lanes that neighbours are joined to.
const JOINED_MAX: usize = 60;
/// Rows of names above the plot; a lane that finds none free is tinted without its name.
const LANE_ROWS: usize = 4;

/// A stretch of the horizontal axis, in pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lane {
    pub(crate) name: String,
    pub(crate) left: f64,
    pub(crate) right: f64,
    /// Whether it is a fault's or a release's.
    pub(crate) tinted: bool,
}

/// The lanes of a chart with the rows of their names: the warm-up and all windows that the axis shows.
pub(crate) fn lanes(chart: &LineChart, across: &Axis, plot: (f64, f64), face: Type) -> Vec<(Lane, Option<usize>)> {
    if !matches!(chart.across, Across::Time(..)) {
        return Vec::new();
    }
    let lane = |name: &str, from_s: f64, to_s: f64, tinted: bool| {
        let x = |at: f64| plot.0 + across.place(at) * (plot.1 - plot.0);
        Lane { name: name.to_owned(), left: x(from_s), right: x(to_s), tinted }
    };
    let of = |window: &Window| lane(&window.name, window.from_s, window.to_s, true);
    let seen = |window: &&Window| window.to_s >= across.from && window.from_s <= across.to;
    let (lasting, brief): (Vec<&Window>, Vec<&Window>) =
        chart.windows.iter().filter(seen).partition(|window| window.to_s > window.from_s);
    let crowded = lasting.len() + brief.len() > OWN_LANES;
    let gathered = |windows: Vec<&Window>, crowded: bool| {
        let lanes: Vec<Lane> = windows.into_iter().map(of).collect();
        if crowded { joined(lanes) } else { lanes }
    };
    let mut all = gathered(brief, crowded);
    all.extend(gathered(lasting.clone(), lasting.len() > OWN_LANES));
    all.sort_by(|a, b| a.left.total_cmp(&b.left));
    let warm_up = (chart.warm_up_s > across.from).then(|| lane("warm-up", 0.0, chart.warm_up_s, false));
    named(warm_up.into_iter().chain(all), plot, face)
}

/// Neighbours as one lane, whose name says how many they are.
fn joined(mut lanes: Vec<Lane>) -> Vec<Lane> {
    lanes.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut close = CLOSE;
    loop {
        let mut groups: Vec<(Lane, usize)> = Vec::new();
        for lane in &lanes {
            match groups.last_mut().filter(|(group, _)| lane.left - group.right <= close) {
                Some((group, times)) => {
                    group.right = group.right.max(lane.right);
                    *times += 1;
                    if group.name != lane.name {
                        group.name.clear();
                    }
                }
                None => groups.push((lane.clone(), 1)),
            }
        }
        if groups.len() <= JOINED_MAX {
            return groups.into_iter().map(|(lane, times)| counted(lane, times)).collect();
        }
        close *= 2.0;
    }
}

fn counted(lane: Lane, times: usize) -> Lane {
    let name = match (times, lane.name.as_str()) {
        (1, name) => name.to_owned(),
        (_, "") => format!("{times} together"),
        (_, name) => format!("{name} × {times}"),
    };
    Lane { name, ..lane }
}

/// Lanes with the first free row for the name of each.
fn named(lanes: impl Iterator<Item = Lane>, plot: (f64, f64), face: Type) -> Vec<(Lane, Option<usize>)> {
    let mut free_from = [f64::NEG_INFINITY; LANE_ROWS];
    let mut placed = Vec::new();
    for mut lane in lanes {
        lane.name = face.fitted(&lane.name, plot.1 - plot.0);
        let start = name_start(&lane, plot.1, face);
        // What strikes again and again is named once.
        let told = |(other, _): &(Lane, Option<usize>)| other.name == lane.name;
        let named = lane.right - lane.left >= LANE_MIN || !placed.iter().any(told);
        let row = free_from.iter().position(|free| named && *free <= start.min(lane.left));
        if let Some(row) = row {
            free_from[row] = lane.right.max(start + face.width(&lane.name) + 8.0);
        }
        placed.push((lane, row));
    }
    placed
}

/// Where a lane's name begins: within it; beside it if it is too narrow; earlier if it would leave the plot.
pub(crate) fn name_start(lane: &Lane, plot_right: f64, face: Type) -> f64 {
    let width = face.width(&lane.name);
    let inside = width + 8.0 <= lane.right - lane.left;
    (if inside { lane.left } else { lane.right } + 4.0).min(plot_right - width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strike(name: &str, left: f64) -> Lane {
        Lane { name: name.to_owned(), left, right: left, tinted: true }
    }

    #[test]
    fn neighbours_are_one_lane_and_those_apart_stay() {
        let lanes = [("a", 10.0), ("a", 12.0), ("a", 15.0), ("a", 30.0), ("b", 32.0), ("b", 90.0)];
        let told = joined(lanes.map(|(name, left)| strike(name, left)).to_vec());
        let told: Vec<_> = told.iter().map(|lane| (lane.name.as_str(), lane.left, lane.right)).collect();
        assert_eq!(told, [("a × 3", 10.0, 15.0), ("2 together", 30.0, 32.0), ("b", 90.0, 90.0)]);
    }

    #[test]
    fn however_many_strike_all_are_covered_by_a_few_lanes() {
        let lanes: Vec<Lane> = (0..5_000).map(|at| strike("monkey", f64::from(at * 37 % 5_000) * 0.2)).collect();
        let sparse: Vec<Lane> = (0..200).map(|at| strike("monkey", f64::from(at) * 5.0)).collect();
        for lanes in [lanes, sparse] {
            let few = joined(lanes.clone());
            assert!(few.len() <= JOINED_MAX, "{}", few.len());
            let covered = |lane: &Lane| few.iter().any(|few| few.left <= lane.left && lane.right <= few.right);
            assert!(lanes.iter().all(covered));
        }
    }
}
