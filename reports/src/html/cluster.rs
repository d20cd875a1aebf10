//! The section about the cluster: what it was, how services were scaled, what was healed, the logs.

use std::fmt::Write as _;

use sim_core::results::{Metric, Results};

use super::table::{Column, table, titled};
use super::{escape, unbroken};
use crate::cluster::{self, FLEET, Fleet, Healed};
use crate::release::{self, Release};
use crate::words;

/// Entries of a log that the page shows; its CSV file has all of them.
pub(super) const LOG_MAX: usize = 50;

/// Writes the section, if the results know of a cluster.
pub(super) fn section(page: &mut String, results: &Results) {
    let (facts, fleets, healed) = (cluster::facts(results), cluster::fleets(results), cluster::healed(results));
    let logs: Vec<&Log> = LOGS.iter().filter(|log| cluster::log(results, log.name).is_some()).collect();
    if facts.is_empty() && fleets.is_empty() && logs.is_empty() {
        return;
    }
    page.push_str("<section aria-labelledby=\"cluster\">\n<h2 id=\"cluster\">The cluster</h2>\n");
    if !facts.is_empty() {
        page.push_str("<dl class=\"facts\">\n");
        for (name, fact) in facts {
            let _ = writeln!(page, "<div><dt>{name}</dt><dd>{}</dd></div>", escape(&unbroken(&fact)));
        }
        page.push_str("</dl>\n");
    }
    let releases = release::releases(results);
    if !releases.is_empty() {
        released(page, &releases);
    }
    if !fleets.is_empty() {
        replicas(page, &fleets);
    }
    if !healed.is_empty() {
        healings(page, &healed);
    }
    logs.into_iter().for_each(|log| log.write(page, results));
    page.push_str("</section>\n");
}

fn released(page: &mut String, releases: &[Release<'_>]) {
    let column = |of: &dyn Fn(&Release<'_>) -> String| releases.iter().map(of).collect::<Vec<String>>();
    let mut columns = vec![
        Column::names("release", column(&|one| one.name.to_owned())),
        Column::text("outcome", column(&|one| one.outcome())),
        Column::text("reason", column(&|one| one.reason.clone().unwrap_or_default())),
    ];
    for (at, (_, heading)) in release::FIGURES.iter().enumerate() {
        columns.push(Column::numbers(heading, column(&|one| one.figure(at))));
    }
    columns.retain(Column::tells);
    table(page, "Releases: how they ended, and whom they harmed", &columns);
}

fn replicas(page: &mut String, fleets: &[Fleet<'_>]) {
    let figure = |metric: Option<&Metric>| metric.map_or(words::NOTHING.to_owned(), cluster::count);
    let mut columns = vec![Column::names("service", fleets.iter().map(|fleet| fleet.service.to_owned()).collect())];
    for (at, (_, heading)) in FLEET.iter().enumerate() {
        columns.push(Column::numbers(heading, fleets.iter().map(|fleet| figure(fleet.figures[at])).collect()));
    }
    columns.retain(Column::tells);
    table(page, "Replicas of services that were scaled or changed", &columns);
}

fn healings(page: &mut String, healed: &[Healed]) {
    let column = |of: &dyn Fn(&Healed) -> String| healed.iter().map(of).collect::<Vec<String>>();
    let columns = [
        Column::names("cause", column(&|one| one.cause.clone())),
        Column::text("action", column(&|one| cluster::spaced(&one.action))),
        Column::numbers("succeeded", column(&|one| words::count(one.succeeded))),
        Column::numbers("failed", column(&|one| words::count(one.failed))),
        Column::numbers("under way at the end", column(&|one| words::count(one.unfinished))),
        Column::numbers("mean time to heal", column(&|one| words::lasting(one.took_s))),
    ];
    table(page, "Healing, by cause and action", &columns);
}

/// A log of the results as a table.
struct Log {
    name: &'static str,
    title: &'static str,
    /// Headings for the columns that are shown, and how.
    columns: &'static [(&'static str, &'static str, Cell)],
}

/// How a cell of a log is shown.
#[derive(Clone, Copy)]
enum Cell {
    /// Seconds since the start.
    Instant,
    /// Seconds.
    Length,
    Number,
    /// Percent.
    Share,
    Label,
    Name,
}

const LOGS: [Log; 6] = [
    Log {
        name: "unplaced",
        title: "Pods that no node takes, at the end",
        columns: &[
            ("deployment", "deployment", Cell::Name),
            ("pods", "pods", Cell::Number),
            ("why", "why", Cell::Label),
        ],
    },
    Log {
        name: "releases",
        title: "Releases",
        columns: &[
            ("t_s", "time", Cell::Instant),
            ("service", "service", Cell::Name),
            ("release", "version", Cell::Name),
            ("phase", "phase", Cell::Label),
            ("share_pct", "share (%)", Cell::Number),
            ("old_errors_pct", "errors, old (%)", Cell::Name),
            ("new_errors_pct", "errors, new (%)", Cell::Name),
            ("reason", "reason", Cell::Label),
        ],
    },
    Log {
        name: "faults",
        title: "Faults",
        columns: &[
            ("fault", "fault", Cell::Name),
            ("begun_s", "from", Cell::Instant),
            ("ended_s", "to", Cell::Instant),
            ("victims", "victims", Cell::Number),
            ("hit", "hit", Cell::Name),
            ("detect_s", "detected after", Cell::Length),
            ("recover_s", "recovered after", Cell::Length),
            ("good_before_pct", "good before, %", Cell::Share),
            ("good_during_pct", "during, %", Cell::Share),
            ("good_after_pct", "after, %", Cell::Share),
        ],
    },
    Log {
        name: "journal",
        title: "Journal of chaos",
        columns: &[
            ("t_s", "time", Cell::Instant),
            ("what", "what", Cell::Label),
            ("of", "of", Cell::Name),
            ("how", "how", Cell::Name),
        ],
    },
    Log {
        name: "scaling",
        title: "Scale events",
        columns: &[
            ("t_s", "time", Cell::Instant),
            ("deployment", "deployment", Cell::Name),
            ("from", "from", Cell::Number),
            ("to", "to", Cell::Number),
            ("reason", "reason", Cell::Label),
        ],
    },
    Log {
        name: "healing",
        title: "Healing log",
        columns: &[
            ("t_s", "time", Cell::Instant),
            ("what", "what", Cell::Name),
            ("why", "cause", Cell::Label),
            ("action", "action", Cell::Label),
            ("success", "success", Cell::Label),
            ("took_s", "took", Cell::Length),
        ],
    },
];

impl Log {
    /// The first entries.
    fn write(&self, page: &mut String, results: &Results) {
        let Some(log) = cluster::log(results, self.name) else { return };
        let columns = self.columns.iter().filter_map(|(name, heading, cell)| {
            let at = log.columns.iter().position(|known| known == name)?;
            let text = |row: &Vec<String>| cell.shown(row.get(at).map_or("", String::as_str));
            let cells = log.rows.iter().take(LOG_MAX).map(text).collect();
            Some(match cell {
                Cell::Instant | Cell::Name | Cell::Label => Column::text(heading, cells),
                Cell::Number | Cell::Share | Cell::Length => Column::numbers(heading, cells),
            })
        });
        let columns: Vec<Column> = columns.collect();
        let all = log.rows.len();
        let of_first = if results.replications > 1 { " of the first replication" } else { "" };
        let title = match all > LOG_MAX {
            true => format!("{}{of_first}: the first {LOG_MAX} of {}", self.title, words::count(all as f64)),
            false => format!("{}{of_first}", self.title),
        };
        let _ = writeln!(page, "<details class=\"log\" open=\"\">\n<summary>{}</summary>", escape(&title));
        titled(page, &title, &columns);
        if all > LOG_MAX {
            let more = words::count((all - LOG_MAX) as f64);
            let _ = writeln!(page, "<p>And {more} more; {}.csv has all of them.</p>", self.name);
        }
        page.push_str("</details>\n");
    }
}

impl Cell {
    fn shown(self, text: &str) -> String {
        let number = text.parse::<f64>().ok();
        match (self, number) {
            (_, None) if text.is_empty() => words::NOTHING.to_owned(),
            (Cell::Instant, Some(seconds)) => words::clock(seconds),
            (Cell::Length, Some(seconds)) => words::lasting(seconds),
            (Cell::Share, Some(share)) => words::percentage(share),
            (Cell::Number, Some(number)) => words::count(number),
            (Cell::Label, _) => cluster::spaced(text),
            _ => text.to_owned(),
        }
    }
}
