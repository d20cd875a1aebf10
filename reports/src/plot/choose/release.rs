//! A chart of releases: who had the traffic, what went wrong there, and how many pods there were.

use super::{Chooser, LINES, Line, Look, Panel, Scale, line};
use crate::plot::chart::Chart;
use crate::words;

/// The series that this chart shows.
pub(super) const SERIES: &str = "versions";

/// What is shown of each version: the column, its heading, its unit.
const PANELS: [(&str, &str, &str, Look); 3] = [
    ("share", "share of the traffic (%)", "%", Look::Plain),
    ("error_rate", "failed requests (%)", "%", Look::Plain),
    ("ready", "ready replicas", "replicas", Look::Steps),
];

/// How many ticks the vertical axis of a low panel has, about.
const TICKS: usize = 3;

impl Chooser<'_> {
    /// One chart of all versions over time.
    pub(super) fn versions(&self) -> Option<Chart> {
        let series = self.series(SERIES, "version")?;
        let panels = PANELS.iter().filter_map(|(column, label, unit, look)| {
            let lines = series.groups.iter().zip(LINES);
            let lines = lines.filter_map(|(group, color)| line(series, group, column, &group.subject, color, *look));
            let lines: Vec<Line> = lines.collect();
            let axis = Scale::Linear.axis(&lines, TICKS)?;
            Some(Panel { label: (*label).to_owned(), unit: (*unit).to_owned(), axis, lines })
        });
        let panels = panels.collect();
        self.over_time(&words::slug(SERIES), "Releases: traffic, failures and replicas by version", panels, "")
    }
}
