//! A chart of releases: who had the traffic, what went wrong there, and how many pods there were.

use sim_core::results::{Group, Series};

use super::{Chooser, LINES, Line, Look, OWN_CHARTS, Panel, Scale, line};
use crate::plot::chart::Chart;
use crate::words;

/// The series that this chart shows.
pub(super) const SERIES: &str = "versions";

/// What is shown of each version: the column, its heading, its unit.
const PANELS: [(&str, &str, &str, Look); 3] = [
    ("share", "share of the traffic (%)", "%", Look::Steps),
    ("error_rate", "failed requests (%)", "%", Look::Plain),
    ("ready", "ready replicas", "replicas", Look::Steps),
];

/// How many ticks the vertical axis of a low panel has, about.
const TICKS: usize = 3;

impl Chooser<'_> {
    /// All versions over time: in one chart, or in several where there are more than colours.
    pub(super) fn versions(&self) -> Vec<Chart> {
        let Some(series) = self.series(SERIES, "version") else { return Vec::new() };
        let all = series.groups.len();
        let pages = all.div_ceil(LINES.len());
        // As many on each, so that none is nearly empty.
        let each = all.div_ceil(pages.max(1)).max(1);
        let shown = (each * OWN_CHARTS).min(all);
        let page = |(at, groups): (usize, &[Group])| {
            let note = match (pages, all - shown) {
                (0 | 1, _) => String::new(),
                (_, 0) => format!("{} to {} of {all} versions", at * each + 1, at * each + groups.len()),
                (_, more) => {
                    format!("{} to {} of {all} versions, {more} not shown", at * each + 1, at * each + groups.len())
                }
            };
            let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
            self.page(series, groups, &format!("{}{number}", words::slug(SERIES)), &note)
        };
        series.groups.chunks(each).take(OWN_CHARTS).enumerate().filter_map(page).collect()
    }

    /// Some of the versions.
    fn page(&self, series: &Series, groups: &[Group], name: &str, note: &str) -> Option<Chart> {
        let panels = PANELS.iter().filter_map(|(column, label, unit, look)| {
            let lines = groups.iter().zip(LINES);
            let lines = lines.filter_map(|(group, color)| line(series, group, column, &group.subject, color, *look));
            let lines: Vec<Line> = lines.collect();
            let axis = Scale::Linear.axis(&lines, TICKS)?;
            Some(Panel { label: (*label).to_owned(), unit: (*unit).to_owned(), axis, lines })
        });
        let panels = panels.collect();
        self.over_time(name, "Releases: traffic, failures and replicas by version", panels, note)
    }
}
