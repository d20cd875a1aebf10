//! Faults as stretches of time, read off the log of faults.
//!
//! A fault that was healed lasts until then, one that never was until the run ends. What is over as soon as
//! it has struck ends when it begins: a killed process stays killed, there is nothing to heal.

use sim_core::results::{Results, Table};

/// A stretch of time worth marking in every chart over time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    /// What happened, as the scenario names it.
    pub(crate) name: String,
    /// When it began, in virtual seconds.
    pub(crate) from_s: f64,
    /// When it ended, in virtual seconds; the same for what took no time.
    pub(crate) to_s: f64,
}

/// How many faults a chart can show, and a page may weigh.
const SHOWN: usize = 20;

/// The faults that charts show, those that last before those that only strike, and how many there were.
pub(crate) fn shown(results: &Results) -> (Vec<Window>, usize) {
    let mut windows = windows(results);
    let all = windows.len();
    windows.sort_by_key(|window| window.to_s <= window.from_s);
    windows.truncate(SHOWN);
    (windows, all)
}

/// When faults were active, in the order in which they began.
fn windows(results: &Results) -> Vec<Window> {
    let mut all = faults(results);
    all.extend(releases(results));
    all.sort_by(|one, other| one.from_s.total_cmp(&other.from_s));
    all
}

/// When releases were under way: from the first entry of each to the last.
fn releases(results: &Results) -> Vec<Window> {
    let Some(table) = results.tables.iter().find(|table| table.name == "releases") else { return Vec::new() };
    let column = |name: &str| table.columns.iter().position(|column| column == name);
    let (Some(at), Some(service), Some(release)) = (column("t_s"), column("service"), column("release")) else {
        return Vec::new();
    };
    let mut windows: Vec<Window> = Vec::new();
    for row in &table.rows {
        let (name, Ok(time)) = (format!("{} {}", row[service], row[release]), row[at].parse::<f64>()) else { continue };
        match windows.iter_mut().find(|window| window.name == name) {
            Some(window) => window.to_s = time,
            None => windows.push(Window { name, from_s: time, to_s: time }),
        }
    }
    windows
}

/// When faults were active.
fn faults(results: &Results) -> Vec<Window> {
    let Some(table) = results.tables.iter().find(|table| table.name == "faults") else { return Vec::new() };
    let Some([name, begun, ended]) = columns(table) else { return Vec::new() };
    let window = |row: &Vec<String>| {
        let cell = |column: usize| row.get(column).map_or("", String::as_str);
        let from_s = cell(begun).parse::<f64>().ok()?;
        let to_s = cell(ended).parse().unwrap_or_else(|_| results.simulated_seconds.max(from_s));
        Some(Window { name: cell(name).to_owned(), from_s, to_s })
    };
    table.rows.iter().filter_map(window).collect()
}

/// Where the name, the beginning and the end of an entry are.
fn columns(table: &Table) -> Option<[usize; 3]> {
    let column = |name: &str| table.columns.iter().position(|column| column == name);
    Some([column("fault")?, column("begun_s")?, column("ended_s")?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_is_not_healed_lasts_and_what_strikes_is_over() {
        let mut results = sample::quiet();
        results.tables = vec![sample::faults(&[
            ("Crash 1 of shop", "60", "60"),
            ("LoseNodes zone 1", "100", "300"),
            ("LoseNodes zone 1", "120", "400"),
            ("Drain", "200", ""),
        ])];
        let told = windows(&results).into_iter().map(|one| format!("{}: {} to {}", one.name, one.from_s, one.to_s));
        insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r"
        Crash 1 of shop: 60 to 60
        LoseNodes zone 1: 100 to 300
        LoseNodes zone 1: 120 to 400
        Drain: 200 to 1800
        ");
        assert_eq!(windows(&sample::outage()), []);
        let (first, all) = shown(&results);
        assert_eq!((first[0].name.as_str(), first[3].name.as_str(), all), ("LoseNodes zone 1", "Crash 1 of shop", 4));
    }
}
