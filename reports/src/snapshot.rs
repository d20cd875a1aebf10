//! Golden summaries: a run's figures as a text to keep beside the scenario, and what has changed
//! since, figure by figure.
//!
//! The text has six significant digits, so that it can be read; two runs of the same version give
//! the same bytes. [`text`] suits `insta::assert_snapshot!` as it is; `gameday snapshot` keeps it in
//! files and compares with [`compare`], which knows of tolerances. The digest is stated, but does
//! not count: figures do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sim_core::results::Results;

use crate::words;

/// Kinds of subjects that are left out: there are too many of them for a summary.
const LEFT_OUT: &str = "server";

/// The figures of `results`, grouped by subject, a line each.
pub fn text(results: &Results) -> String {
    let Results { scenario, seed, replications, simulated_seconds, digest, .. } = results;
    let mut text = format!(
        "scenario: {}\nseed: {seed}\nreplications: {replications}\nsimulated_s: {simulated_seconds}\ndigest: {digest:016x}\n",
        words::printable(scenario)
    );
    let mut subject = None;
    for metric in results.metrics.iter().filter(|metric| metric.kind != LEFT_OUT) {
        let of = (&metric.kind, &metric.subject);
        if subject.replace(of) != Some(of) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\n[{}]", words::printable(format!("{} {}", of.0, of.1).trim_end()));
        }
        let _ = writeln!(text, "{} {} {}", metric.name, six_digits(metric.value), metric.unit);
    }
    text
}

/// Six significant digits, as short as they can be written.
fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// What a text says: settings by name, figures by subject and name in order.
#[derive(Debug, Default)]
struct Snapshot<'a> {
    settings: BTreeMap<&'a str, &'a str>,
    figures: Vec<(&'a str, &'a str, f64, &'a str)>,
}

impl<'a> Snapshot<'a> {
    fn read(text: &'a str) -> Result<Snapshot<'a>, String> {
        let mut snapshot = Snapshot::default();
        let mut subject = None;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let odd = || format!("line {} is no line of a snapshot: {line}", number + 1);
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                subject = Some(name);
                continue;
            }
            let Some(subject) = subject else {
                let (name, value) = line.split_once(": ").ok_or_else(odd)?;
                snapshot.settings.insert(name, value);
                continue;
            };
            let (name, rest) = line.split_once(' ').ok_or_else(odd)?;
            let (value, unit) = rest.split_once(' ').unwrap_or((rest, ""));
            snapshot.figures.push((subject, name, value.parse().map_err(|_| odd())?, unit));
        }
        Ok(snapshot)
    }
}

/// A figure that is not what it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Whose, and which: "workload crowd: latency.p99"; or a setting of the run.
    pub figure: String,
    /// What it was; `None` if it is new.
    pub golden: Option<f64>,
    /// What it is; `None` if it is gone.
    pub now: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// By what share it changed: 0.1 for a tenth more; infinite where it was zero.
    pub change: Option<f64>,
    /// Whether that is within the tolerance.
    pub tolerated: bool,
}

/// Two snapshots side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Settings that are not the same, as "seed: 1, was 2": the rest cannot be compared then.
    pub settings: Vec<String>,
    /// What changed, in the order of the golden snapshot, new figures last.
    pub differences: Vec<Difference>,
    /// Figures that were compared.
    pub figures: usize,
}

/// Compares two texts made by [`text`]; figures may differ by the share `tolerance` (0.05 for 5 %).
///
/// # Errors
///
/// A line in either that cannot be read.
pub fn compare(golden: &str, now: &str, tolerance: f64) -> Result<Comparison, String> {
    let (golden, now) = (Snapshot::read(golden)?, Snapshot::read(now)?);
    let mut comparison = Comparison { figures: golden.figures.len(), ..Comparison::default() };
    for (name, was) in golden.settings.iter().filter(|(name, _)| **name != "digest") {
        let is = now.settings.get(name).copied().unwrap_or("not stated");
        if is != *was {
            comparison.settings.push(format!("{name}: {is}, was {was}"));
        }
    }
    let mut rest: BTreeMap<(&str, &str), (f64, &str)> =
        now.figures.iter().map(|&(subject, name, value, unit)| ((subject, name), (value, unit))).collect();
    for &(subject, name, was, unit) in &golden.figures {
        let is = rest.remove(&(subject, name)).map(|(value, _)| value);
        if is != Some(was) {
            comparison.differences.push(difference(subject, name, unit, Some(was), is, tolerance));
        }
    }
    for &(subject, name, is, unit) in now.figures.iter().filter(|one| rest.contains_key(&(one.0, one.1))) {
        comparison.differences.push(difference(subject, name, unit, None, Some(is), tolerance));
    }
    Ok(comparison)
}

fn difference(
    subject: &str,
    name: &str,
    unit: &str,
    golden: Option<f64>,
    now: Option<f64>,
    tolerance: f64,
) -> Difference {
    let change = golden.zip(now).map(|(was, is)| (is - was) / was.abs());
    Difference {
        figure: format!("{subject}: {name}"),
        golden,
        now,
        unit: unit.to_owned(),
        change,
        tolerated: change.is_some_and(|change| change.abs() <= tolerance),
    }
}

impl Comparison {
    /// Whether nothing differs by more than is tolerated.
    pub fn holds(&self) -> bool {
        self.settings.is_empty() && self.differences.iter().all(|difference| difference.tolerated)
    }

    /// The differences as a table, a line each, those that are not tolerated marked; empty if there are none.
    pub fn text(&self) -> String {
        let mut text: String = self.settings.iter().map(|setting| format!("! {setting}\n")).collect();
        let shown =
            |value: Option<f64>, unit: &str| value.map_or("none".to_owned(), |value| words::quantity(value, unit));
        let row = |one: &Difference| {
            let change = match one.change {
                Some(change) if change.is_finite() => signed(100.0 * change),
                _ => String::new(),
            };
            [one.figure.clone(), shown(one.golden, &one.unit), shown(one.now, &one.unit), change]
        };
        let mut rows = vec![["figure", "golden", "now", "change"].map(str::to_owned)];
        rows.extend(self.differences.iter().map(row));
        if rows.len() == 1 {
            return text;
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [0, 1, 2, 3].map(width);
        let marks =
            std::iter::once(' ').chain(self.differences.iter().map(|one| if one.tolerated { ' ' } else { '!' }));
        for (mark, [figure, golden, now, change]) in marks.zip(rows) {
            let [a, b, c, d] = widths;
            let line = format!("{mark} {figure:a$}  {golden:>b$}  {now:>c$}  {change:>d$}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// "+17.9 %", "−0.50 %".
fn signed(percent: f64) -> String {
    let sign = if percent > 0.0 { "+" } else { "" };
    format!("{sign}{} %", words::figure(percent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_text_that_can_be_read() {
        insta::assert_snapshot!(text(&sample::quiet()), @r"
        scenario: hello
        seed: 1
        replications: 1
        simulated_s: 1800
        digest: 0000000000000007

        [workload visitors]
        requests 75600 requests
        ok 75600 requests
        failed 0 requests
        failed.timeout 0 requests
        failed.queue-full 0 requests
        latency.p50 0.8 ms
        latency.p95 2.48 ms
        latency.p99 4.24 ms
        latency.p999 16.8 ms
        ");
    }

    #[test]
    fn nothing_differs_from_itself() {
        for results in [sample::outage(), sample::quiet(), sample::cluster()] {
            let text = text(&results);
            let comparison = compare(&text, &text, 0.0).expect("readable");
            assert!(comparison.holds() && comparison.figures > 5 && comparison.text().is_empty());
        }
    }

    #[test]
    fn what_changed_is_told_figure_by_figure() {
        let golden = text(&sample::quiet());
        let mut results = sample::quiet();
        results.digest += 1;
        let metric = |name: &str| results.metrics.iter().position(|metric| metric.name == name).expect("measured");
        let (p50, p99, failed, requests) =
            (metric("latency.p50"), metric("latency.p99"), metric("failed"), metric("requests"));
        results.metrics[p50].value *= 1.02;
        results.metrics[p99].value *= 0.9;
        results.metrics[failed].value = 12.0;
        results.metrics[requests].name = "asked".to_owned();
        let comparison = compare(&golden, &text(&results), 0.05).expect("readable");
        assert!(!comparison.holds());
        insta::assert_snapshot!(comparison.text(), @r"
          figure                                   golden              now   change
        ! workload visitors: requests     75,600 requests             none
        ! workload visitors: failed            0 requests      12 requests
          workload visitors: latency.p50           800 µs           816 µs  +2.00 %
        ! workload visitors: latency.p99          4.24 ms          3.82 ms  −10.0 %
        ! workload visitors: asked                   none  75,600 requests
        ");
        results.metrics = sample::quiet().metrics;
        assert!(
            compare(&golden, &text(&results), 0.0).expect("readable").holds(),
            "another digest alone is no difference"
        );
        results.seed = 7;
        let other = compare(&golden, &text(&results), 0.0).expect("readable");
        assert!(!other.holds());
        assert_eq!(other.text(), "! seed: 7, was 1\n");
    }

    #[test]
    fn what_is_no_snapshot_is_said_so() {
        assert_eq!(
            compare("scenario: x\n[run]\nlatency\n", "", 0.0).map_err(|said| said.contains("line 3")),
            Err(true)
        );
        assert!(compare("hello\n", "", 0.0).is_err());
    }
}
