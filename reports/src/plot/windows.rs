//! Faults and releases as stretches of time, read off their logs.
//!
//! A fault that was healed lasts until then, one that never was until the run ends. What is over as soon as
//! it has struck ends when it begins: a killed process stays killed, there is nothing to heal.

use sim_core::results::{Results, Table};

/// A stretch of time worth marking in every chart over time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    /// What happened, as the scenario names it.
    pub(crate) name: String,
    pub(crate) what: What,
    /// When it began, in virtual seconds.
    pub(crate) from_s: f64,
    /// When it ended, in virtual seconds; the same for what took no time.
    pub(crate) to_s: f64,
}

/// What a stretch of time is marked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Fault,
    Release,
}

/// "faults", "releases", "faults and releases"; empty if there are none.
pub(crate) fn kinds(windows: &[Window]) -> &'static str {
    let any = |what: What| windows.iter().any(|window| window.what == what);
    match (any(What::Fault), any(What::Release)) {
        (true, true) => "faults and releases",
        (true, false) => "faults",
        (false, true) => "releases",
        (false, false) => "",
    }
}

/// When faults were active and releases under way, in the order in which they began.
pub(crate) fn windows(results: &Results) -> Vec<Window> {
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
            None => windows.push(Window { name, what: What::Release, from_s: time, to_s: time }),
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
        Some(Window { name: cell(name).to_owned(), what: What::Fault, from_s, to_s })
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
    }

    #[test]
    fn faults_and_releases_are_told_apart() {
        let mut results = sample::quiet();
        let columns = ["t_s", "service", "release"].map(str::to_owned).to_vec();
        let row = |at: &str| [at, "shop", "v2"].map(str::to_owned).to_vec();
        let releases = Table { name: "releases".to_owned(), columns, rows: vec![row("30"), row("90"), row("150")] };
        results.tables = vec![releases];
        let only = windows(&results);
        let release = Window { name: "shop v2".to_owned(), what: What::Release, from_s: 30.0, to_s: 150.0 };
        assert_eq!((kinds(&only), &only[..]), ("releases", &[release][..]));
        results.tables.push(sample::faults(&[("Drain", "20", "")]));
        assert_eq!(kinds(&windows(&results)), "faults and releases");
        results.tables.remove(0);
        assert_eq!(kinds(&windows(&results)), "faults");
        assert_eq!(kinds(&[]), "");
    }
}
