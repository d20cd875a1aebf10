//! Which charts the results can support, and what each shows.
//!
//! Known series have a recipe that gives them a title in plain words; a series that nobody foresaw
//! still gets a chart a column. Where there are more subjects than a reader can follow, the busiest
//! are shown and the subtitle says so. A chart in which nothing happens is left out.

mod cluster;
mod graph;
mod heat;
mod release;
mod spread;
mod tail;

use plotters::style::RGBColor;
use sim_core::results::{Distribution, Group, Results, Series};

use super::axis::Axis;
use super::chart::{Across, Bar, BarChart, Caption, Chart, Line, LineChart, Look, Panel};
use super::lanes::OWN_LANES;
use super::style::{AXIS, BLUE, GREEN, LINES, SKY, VERMILION};
use super::windows::{Window, kinds, windows};
use crate::figures;
use crate::words;

/// How many ticks a vertical axis has, about.
const TICKS: usize = 5;
/// How many subjects have charts of their own.
const OWN_CHARTS: usize = 3;
/// How many charts a reader can be asked to look at, and a page may weigh.
const CHARTS: usize = 24;
/// How many bars a chart may have.
const BARS: usize = 20;
/// How many points show a distribution.
const PERCENTILE_POINTS: u32 = 160;

/// A column of a series with a line a subject.
struct Recipe {
    series: &'static str,
    kind: &'static str,
    column: &'static str,
    title: &'static str,
    /// With fewer subjects another chart shows the same.
    subjects_min: usize,
}

const fn recipe(
    series: &'static str,
    kind: &'static str,
    column: &'static str,
    title: &'static str,
    subjects_min: usize,
) -> Recipe {
    Recipe { series, kind, column, title, subjects_min }
}

const RECIPES: [Recipe; 11] = [
    recipe("traffic", "workload", "offered", "Requests offered, by workload", 2),
    recipe("latency", "workload", "p99", "99th percentile of latency, by workload", 2),
    recipe("calls", "service", "calls", "Calls to each service", 1),
    recipe("calls", "service", "failed", "Failed calls, by service", 1),
    recipe("service_latency", "service", "p99", "99th percentile of latency, by service", 1),
    recipe("utilisation", "service", "busy", "Workers busy, by service", 1),
    recipe("utilisation", "service", "cpu", "CPU in use, by service", 1),
    recipe("queue", "service", "waiting", "Requests waiting in queues, by service", 1),
    recipe("regions", "region", "offered", "Requests offered, by the customers' region", 2),
    recipe("regions", "region", "failed", "Failed requests, by the customers' region", 1),
    recipe("regions", "region", "p99", "99th percentile of latency, by the customers' region", 1),
];

/// The charts of `results`, the most important first.
pub(crate) fn charts(results: &Results) -> Vec<Chart> {
    let chooser = Chooser { results, windows: windows(results) };
    let mut charts: Vec<Chart> = chooser.replicas();
    charts.extend(chooser.versions());
    charts.extend(chooser.cluster());
    charts.extend(chooser.traffic());
    charts.extend(chooser.latencies());
    charts.extend(chooser.spread());
    charts.extend(chooser.graph());
    charts.extend(chooser.tails());
    charts.extend(chooser.fields());
    charts.extend(RECIPES.iter().filter_map(|recipe| chooser.by_recipe(recipe)));
    charts.extend(chooser.unforeseen());
    charts.extend(["workload", "service"].into_iter().filter_map(|kind| chooser.distributions(kind)));
    charts.extend(chooser.comparisons());
    charts.truncate(CHARTS);
    charts
}

struct Chooser<'a> {
    results: &'a Results,
    windows: Vec<Window>,
}

impl<'a> Chooser<'a> {
    /// What was asked for, what was answered and what failed, in all.
    fn traffic(&self) -> Option<Chart> {
        let of_kind = |kind| self.series("traffic", kind);
        let series = of_kind("run").or_else(|| of_kind("workload").filter(|series| series.groups.len() == 1))?;
        let group = series.groups.first()?;
        let looks =
            [("failed", VERMILION, Look::Filled), ("ok", GREEN, Look::Plain), ("offered", AXIS, Look::Backdrop)];
        let lines = looks.into_iter().filter_map(|(name, color, look)| line(series, group, name, name, color, look));
        let panel = self.panel(series, "offered", lines.collect(), Scale::Linear)?;
        self.over_time("traffic", "Requests offered, answered and failed", vec![panel], "")
    }

    /// Median and tail of the busiest workloads.
    fn latencies(&self) -> Vec<Chart> {
        let Some(series) = self.series("latency", "workload") else { return Vec::new() };
        let groups = self.busiest(series);
        let only = groups.len() == 1;
        let notes = busiest_of(groups.len(), OWN_CHARTS, "workload");
        let chart = |group: &&Group| {
            let looks = [("p99", VERMILION), ("p95", BLUE), ("p50", SKY)];
            let line = |(name, color)| line(series, group, name, name, color, Look::Plain);
            let panel = self.panel(series, "p99", looks.into_iter().filter_map(line).collect(), Scale::Fitting)?;
            let name = if only { "latency".to_owned() } else { format!("latency-{}", words::slug(&group.subject)) };
            let title = format!("Latency of {}: median, 95th and 99th percentile", group.subject);
            let asked = self.asked("workload", &group.subject, "request");
            self.over_time_of(asked, &name, &title, vec![panel], &notes)
        };
        groups.iter().take(OWN_CHARTS).filter_map(chart).collect()
    }

    fn by_recipe(&self, recipe: &Recipe) -> Option<Chart> {
        let series = self.series(recipe.series, recipe.kind)?;
        if series.groups.len() < recipe.subjects_min {
            return None;
        }
        self.by_subject(series, recipe.column, recipe.title)
    }

    /// A line a subject of one column.
    fn by_subject(&self, series: &Series, column: &str, title: &str) -> Option<Chart> {
        let groups = self.busiest(series);
        let shown = groups.iter().take(LINES.len()).zip(LINES);
        let look = |group: &Group| if group.subject.is_empty() { column.to_owned() } else { group.subject.clone() };
        let lines = shown.filter_map(|(group, color)| line(series, group, column, &look(group), color, Look::Plain));
        let durations = series.columns.iter().any(|known| known.name == column && known.unit == "ms");
        let scale = if durations { Scale::Fitting } else { Scale::Linear };
        let panel = self.panel(series, column, lines.collect(), scale)?;
        let name = match series.name == column {
            true => words::slug(column),
            false => format!("{}-{}", words::slug(&series.name), words::slug(column)),
        };
        let name = if series.kind == "run" { name } else { format!("{name}-by-{}", words::slug(&series.kind)) };
        self.over_time(&name, title, vec![panel], &busiest_of(groups.len(), LINES.len(), &series.kind))
    }

    /// Series that no recipe knows, a chart a column.
    fn unforeseen(&self) -> Vec<Chart> {
        let foreseen = |name: &str| {
            cluster::SERIES.contains(&name)
                || [release::SERIES, spread::SERIES].contains(&name)
                || RECIPES.iter().any(|recipe| recipe.series == name)
        };
        let mut charts = Vec::new();
        for series in self.results.series.iter().filter(|series| !foreseen(&series.name)) {
            for column in &series.columns {
                let of_whom = if series.kind == "run" { String::new() } else { format!(", by {}", series.kind) };
                let title = format!("{}: {}{of_whom}", capitalised(&series.name), column.name);
                charts.extend(self.by_subject(series, &column.name, &title));
            }
        }
        charts
    }

    /// How latency grows from the typical request to the unluckiest.
    fn distributions(&self, kind: &str) -> Option<Chart> {
        let of_kind = |one: &&Distribution| one.kind == kind && one.name == "latency" && one.histogram.count() > 0;
        let mut all: Vec<&Distribution> = self.results.distributions.iter().filter(of_kind).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.histogram.count()));
        let shown = &all[..all.len().min(LINES.len())];
        let n = shown.first()?.histogram.count();
        let lines: Vec<Line> = shown.iter().zip(LINES).map(|(one, color)| percentiles(one, color)).collect();
        // The luckiest hundredth may be lucky beyond measure; it is no reason for another decade.
        let measured =
            |line: &Line| line.points.iter().filter(|(x, _)| *x > 1.01).map(|point| point.1).collect::<Vec<_>>();
        let axis = Axis::fitting(lines.iter().flat_map(measured), TICKS, words::plain);
        let panel = Panel { label: axis_label("ms", "", &axis), unit: "ms".to_owned(), axis, lines };
        let notes = busiest_of(all.len(), LINES.len(), kind);
        Some(Chart::Lines(LineChart {
            caption: Caption {
                name: format!("percentiles-by-{kind}"),
                title: format!("Latency from the typical request to the unluckiest, by {kind}"),
                subtitle: self.subtitle(&[notes]),
            },
            across: Across::Percentiles(n),
            panels: vec![panel],
            windows: Vec::new(),
            warm_up_s: 0.0,
        }))
    }

    /// Bars that compare the subjects of each kind.
    fn comparisons(&self) -> Vec<Chart> {
        let compared =
            [("latency.p99", "99th percentile of latency"), ("cpu", "CPU in use"), ("utilisation", "Workers busy")];
        let kinds = figures::kinds(self.results);
        let pairs = kinds.iter().flat_map(|kind| compared.map(|(metric, title)| (*kind, metric, title)));
        pairs.filter_map(|(kind, metric, title)| self.comparison(kind, metric, title)).collect()
    }

    fn comparison(&self, kind: &str, name: &str, title: &str) -> Option<Chart> {
        let of_kind = self.results.metrics.iter().filter(|metric| metric.kind == kind && metric.name == name);
        let mut found: Vec<_> = of_kind.filter(|metric| metric.value.is_finite()).collect();
        let unit = found.first()?.unit.clone();
        if found.len() < 2 || found.iter().all(|metric| metric.value <= 0.0) {
            return None;
        }
        let traffic = |subject: &str| figures::traffic(self.results, kind, subject);
        found.sort_by(|a, b| traffic(&b.subject).total_cmp(&traffic(&a.subject)));
        let notes = busiest_of(found.len(), BARS, kind);
        found.truncate(BARS);
        found.sort_by(|a, b| b.value.total_cmp(&a.value));
        let bar = |metric: &&sim_core::results::Metric| Bar {
            label: metric.subject.clone(),
            value: metric.value,
            interval: figures::interval(metric),
        };
        let bars: Vec<Bar> = found.iter().map(bar).collect();
        let known = bars.iter().any(|bar| bar.interval.is_some());
        let whiskers = if known { "whiskers: 95 % confidence interval" } else { "no intervals: too few replications" };
        Some(Chart::Bars(BarChart {
            caption: Caption {
                name: format!("{}-bars-by-{kind}", words::slug(name)),
                title: format!("{title}, by {kind}, over the whole run"),
                subtitle: self.subtitle(&[whiskers.to_owned(), notes]),
            },
            unit,
            bars,
        }))
    }

    fn series(&self, name: &str, kind: &str) -> Option<&'a Series> {
        self.results.series.iter().find(|series| series.name == name && series.kind == kind)
    }

    /// The groups of a series, the busiest first, so that a subject keeps its colour in all charts.
    fn busiest(&self, series: &'a Series) -> Vec<&'a Group> {
        let mut groups: Vec<&Group> = series.groups.iter().collect();
        let traffic = |group: &Group| figures::traffic(self.results, &series.kind, &group.subject);
        groups.sort_by(|a, b| traffic(b).total_cmp(&traffic(a)));
        groups
    }

    /// A panel for `lines`, unless nothing ever happens on them.
    fn panel(&self, series: &Series, column: &str, lines: Vec<Line>, scale: Scale) -> Option<Panel> {
        let unit = series.columns.iter().find(|known| known.name == column).map_or("", |known| &known.unit);
        let axis = scale.axis(&lines, TICKS)?;
        let noun = if series.name == "calls" { "calls" } else { "requests" };
        Some(Panel { label: axis_label(unit, noun, &axis), unit: unit.to_owned(), axis, lines })
    }

    /// Panels over time, of the first replication.
    fn over_time(&self, name: &str, title: &str, panels: Vec<Panel>, notes: &str) -> Option<Chart> {
        self.over_time_of(self.all_asked(), name, title, panels, notes)
    }

    /// The same, of so many requests only.
    fn over_time_of(&self, n: String, name: &str, title: &str, panels: Vec<Panel>, notes: &str) -> Option<Chart> {
        let first = if self.results.replications > 1 { "the first replication is shown" } else { "" };
        self.timed(n, name, title, panels, [first, notes])
    }

    /// Panels over time, of all replications.
    fn over_all(&self, name: &str, title: &str, panels: Vec<Panel>) -> Option<Chart> {
        self.timed(self.all_asked(), name, title, panels, ["", ""])
    }

    fn timed(
        &self,
        n: String,
        name: &str,
        title: &str,
        panels: Vec<Panel>,
        [first, notes]: [&str; 2],
    ) -> Option<Chart> {
        let points = panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.points);
        let from = points.clone().map(|point| point.0).fold(f64::INFINITY, f64::min);
        let to = points.map(|point| point.0).fold(0.0, f64::max);
        let step = panels.iter().flat_map(|panel| &panel.lines).find_map(|line| match line.points[..] {
            [first, second, ..] => Some(second.0 - first.0),
            _ => None,
        });
        // The first value stands at the end of its interval; the axis begins where that began.
        let from = (from - step.unwrap_or(from)).max(0.0);
        let intervals = step.map_or(String::new(), |step| format!("{} intervals", words::length(step)));
        let lanes = match self.windows.len() {
            0 => String::new(),
            all if all <= OWN_LANES => format!("tinted: {}", kinds(&self.windows)),
            all => format!("tinted: {} {}, neighbours as one", words::count(all as f64), kinds(&self.windows)),
        };
        let notes = [first.to_owned(), intervals, lanes, notes.to_owned()];
        Some(Chart::Lines(LineChart {
            caption: Caption { name: name.to_owned(), title: title.to_owned(), subtitle: self.subtitled(n, &notes) },
            across: Across::Time(if from < 0.02 * to { 0.0 } else { from }, to),
            panels,
            windows: self.windows.clone(),
            warm_up_s: self.results.warm_up_seconds,
        }))
    }

    /// "10,267,055 requests".
    fn all_asked(&self) -> String {
        words::plural(self.results.requests as f64, "request")
    }

    /// What one subject had of them, in all replications; `noun` is what it counts.
    fn asked(&self, kind: &str, subject: &str, noun: &str) -> String {
        match figures::traffic(self.results, kind, subject) {
            // Not counted by itself.
            0.0 => self.all_asked(),
            each => words::plural((each * f64::from(self.results.replications.max(1))).round(), noun),
        }
    }

    /// How many requests and which seed, then `notes`.
    fn subtitle(&self, notes: &[String]) -> String {
        self.subtitled(self.all_asked(), notes)
    }

    fn subtitled(&self, n: String, notes: &[String]) -> String {
        let runs = match self.results.replications {
            0 | 1 => String::new(),
            n => format!(" in {n} replications"),
        };
        let mut parts = vec![format!("n = {n}{runs}"), format!("seed {}", self.results.seed)];
        parts.extend(notes.iter().filter(|note| !note.is_empty()).cloned());
        parts.join(" · ")
    }
}

/// How a vertical axis counts.
#[derive(Clone, Copy)]
enum Scale {
    Linear,
    /// By magnitude if the values span too much for a scale.
    Fitting,
    Logarithmic,
}

impl Scale {
    /// An axis for all of `lines`; `None` if nothing ever happens on them.
    fn axis(self, lines: &[Line], ticks: usize) -> Option<Axis> {
        let values = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.1));
        let known = || values().filter(|value| value.is_finite() && *value > 0.0);
        let max = known().reduce(f64::max)?;
        Some(match self {
            Scale::Linear => Axis::linear(max, ticks),
            Scale::Fitting => Axis::fitting(known(), ticks, words::plain),
            Scale::Logarithmic => Axis::logarithmic(known().fold(max, f64::min), max, ticks, words::plain),
        })
    }
}

/// One column of one subject; `None` if the series lacks the column.
fn line(series: &Series, group: &Group, column: &str, label: &str, color: RGBColor, look: Look) -> Option<Line> {
    let at = series.columns.iter().position(|known| known.name == column)?;
    let values = group.values.get(at)?;
    let points: Vec<(f64, f64)> = group.t_s.iter().copied().zip(values.iter().copied()).collect();
    Some(Line { label: label.to_owned(), color, look, points, bands: Vec::new() })
}

/// The percentiles of a distribution in milliseconds, evenly spaced by the magnitude of the tail.
fn percentiles(one: &Distribution, color: RGBColor) -> Line {
    let n = one.histogram.count();
    let furthest = libm::log10((n as f64).clamp(1.0, 1e6));
    let point = |at: u32| {
        let x = libm::exp10(furthest * f64::from(at) / f64::from(PERCENTILE_POINTS));
        (x, one.histogram.quantile((1.0 - 1.0 / x).clamp(0.01, 1.0)) as f64 / 1e6)
    };
    let points = (0..=PERCENTILE_POINTS).map(point).collect();
    Line { label: one.subject.clone(), color, look: Look::Plain, points, bands: Vec::new() }
}

/// What stands above a vertical axis.
fn axis_label(unit: &str, noun: &str, axis: &Axis) -> String {
    let label = match unit {
        "1/s" => format!("{noun} per second"),
        "" => "count".to_owned(),
        unit => unit.to_owned(),
    };
    if axis.logarithmic { format!("{label} (logarithmic)") } else { label }
}

fn busiest_of(all: usize, shown: usize, kind: &str) -> String {
    if all > shown { format!("the {shown} busiest of {all} {kind}s") } else { String::new() }
}

fn capitalised(name: &str) -> String {
    let name = name.replace('_', " ");
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
