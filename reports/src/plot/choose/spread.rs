//! A fan over time: how the replications of a run differ from each other.

use super::{Chooser, Line, Look, Panel, Scale};
use crate::plot::chart::{Band, Chart};
use crate::plot::style::{BLUE, VERMILION};

/// The series that this chart shows.
pub(super) const SERIES: &str = "spread";

/// How many ticks the vertical axis of a panel has, about.
const TICKS: usize = 4;

impl Chooser<'_> {
    /// The median of all replications, with the middle half and 95 % of them around it.
    pub(super) fn spread(&self) -> Option<Chart> {
        let series = self.series(SERIES, "run")?;
        let group = series.groups.first()?;
        let column = |name: &str| {
            let at = series.columns.iter().position(|column| column.name == name)?;
            group.values.get(at)
        };
        let panel = |of: &str, label: &str, unit: &str, color, scale: Scale| {
            let [low, quarter, middle, most, high] =
                ["p2.5", "p25", "p50", "p75", "p97.5"].map(|line| column(&format!("{of}.{line}")));
            let band = |low: &[f64], high: &[f64]| Band {
                points: group.t_s.iter().zip(low).zip(high).map(|((at, low), high)| (*at, *low, *high)).collect(),
            };
            let bands = vec![band(low?, high?), band(quarter?, most?)];
            let points = group.t_s.iter().copied().zip(middle?.iter().copied()).collect();
            let line = Line { label: "median".to_owned(), color, look: Look::Plain, points, bands };
            // The axis must hold the widest band.
            let edge = Line { points: group.t_s.iter().copied().zip(high?.iter().copied()).collect(), ..line.clone() };
            let axis = scale.axis(&[edge], TICKS)?;
            Some(Panel { label: label.to_owned(), unit: unit.to_owned(), axis, lines: vec![line] })
        };
        let panels = [
            panel("latency.p99", "99th percentile of latency (ms)", "ms", BLUE, Scale::Linear),
            panel("failed", "failed requests per second", "1/s", VERMILION, Scale::Linear),
        ];
        let panels: Vec<Panel> = panels.into_iter().flatten().collect();
        if panels.is_empty() {
            return None;
        }
        let title = "How replications differ: median, middle half, and 95 % of them";
        self.over_all("spread", title, panels)
    }
}
