//! One self-contained page: what happened in words, the figures, the charts, the scenario, and how
//! to get the same again.
//!
//! The page loads nothing and runs nothing: its content security policy forbids both, so it can be
//! mailed around and opened anywhere. Charts are inline SVG, which lets the page recolour them for
//! dark screens and swap in smaller ones on phones.

mod checks;
mod cluster;
mod frame;
mod study;
mod table;

use std::fmt::Write as _;

use sim_core::results::{Metric, Results};

use crate::figures::{self, LOADS, PERCENTILES, Row};
use crate::plot::plots_for_page;
use crate::story::story;
use crate::words;

pub use study::study;
use table::{Column, table};

/// A scenario longer than this many characters is cut; the results folder has all of it.
const SCENARIO_MAX: usize = 60_000;
/// A table of all figures longer than this is cut; summary.csv has all of it.
const FIGURES_MAX: usize = 400;
/// Subjects of a kind that the table of key figures shows, the busiest.
const SUBJECTS_MAX: usize = 40;

/// The report as an HTML document, below 2 MB.
///
/// `scenario` is the resolved scenario's RON, `command` the shell command that repeats the run.
/// Everything is escaped.
pub fn report(results: &Results, scenario: &str, command: &str) -> String {
    let mut page = String::new();
    frame::begin(&mut page, &results.scenario);
    let story = story(results);
    frame::opening(&mut page, &results.scenario, &results.description, &story.headline, &story.details);
    page.push_str("<main>\n");
    checks::section(&mut page, results);
    key_figures(&mut page, results);
    frame::charts(&mut page, &plots_for_page(results));
    cluster::section(&mut page, results);
    frame::again(&mut page, command, &facts(results));
    let rest = "\n… cut here; scenario.ron has all of it";
    frame::file(&mut page, "The scenario, resolved", scenario, SCENARIO_MAX, rest);
    all_figures(&mut page, results);
    frame::end(&mut page);
    page
}

/// `text` with numbers and their units kept on one line.
fn unbroken(text: &str) -> String {
    let mut text = text.replace(" ± ", "\u{a0}±\u{a0}");
    for unit in ["%", "ns", "µs", "ms", "s", "min", "h"] {
        for end in [" ", ",", ":", "."] {
            text = text.replace(&format!(" {unit}{end}"), &format!("\u{a0}{unit}{end}"));
        }
    }
    text
}

/// A table a kind of subject, the run itself first.
fn key_figures(page: &mut String, results: &Results) {
    page.push_str("<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">Key figures</h2>\n");
    let run = figures::rows(results, "run");
    if !run.is_empty() {
        subjects(page, "The whole run", "", &run);
    }
    for kind in figures::kinds(results) {
        let mut rows = figures::rows(results, kind);
        let all = rows.len();
        if all > SUBJECTS_MAX {
            let traffic = |row: &Row<'_>| figures::traffic(results, kind, row.subject);
            rows.sort_by(|a, b| traffic(b).total_cmp(&traffic(a)));
            rows.truncate(SUBJECTS_MAX);
        }
        let caption = match all > SUBJECTS_MAX {
            true => format!("By {kind}: the {SUBJECTS_MAX} busiest of {all}"),
            false => format!("By {kind}"),
        };
        subjects(page, &caption, kind, &rows);
    }
    page.push_str("</section>\n");
}

/// A row a subject, with the columns that any of them can fill.
fn subjects(page: &mut String, caption: &str, kind: &str, rows: &[Row<'_>]) {
    let figure = |metric: Option<&Metric>| metric.map_or(words::NOTHING.to_owned(), shown);
    let column =
        |heading: &str, cell: &dyn Fn(&Row<'_>) -> String| Column::numbers(heading, rows.iter().map(cell).collect());
    let ok = |row: &Row<'_>| row.ok.map_or(words::NOTHING.to_owned(), |ok| format!("{} %", words::percentage(ok)));
    let mut columns = vec![column("requests", &|row| figure_count(row.requests)), column("ok", &ok)];
    for (at, (_, heading)) in PERCENTILES.iter().enumerate() {
        columns.push(column(heading, &|row| figure(row.percentiles[at])));
    }
    for (at, (_, heading)) in LOADS.iter().enumerate() {
        columns.push(column(heading, &|row| figure(row.loads[at])));
    }
    columns.push(Column::words("failed", rows.iter().map(failures).collect()));
    columns.retain(Column::tells);
    if columns.is_empty() {
        return;
    }
    if !kind.is_empty() {
        columns.insert(0, Column::names(kind, rows.iter().map(|row| row.subject.to_owned()).collect()));
    }
    table(page, caption, &columns);
}

fn shown(metric: &Metric) -> String {
    words::with_margin(metric.value, figures::interval(metric), &metric.unit)
}

fn figure_count(metric: Option<&Metric>) -> String {
    metric.map_or(words::NOTHING.to_owned(), |metric| words::count(metric.value))
}

/// "timeout 1,203, queue-full 88".
fn failures(row: &Row<'_>) -> String {
    let reason = |(reason, count): &(&str, f64)| format!("{reason} {}", words::count(*count));
    match row.failed.is_empty() {
        true => words::NOTHING.to_owned(),
        false => row.failed.iter().map(reason).collect::<Vec<_>>().join(", "),
    }
}

fn facts(results: &Results) -> [(&'static str, String); 6] {
    let warm_up = words::length(results.warm_up_seconds);
    [
        ("seed", results.seed.to_string()),
        ("replications", words::count(f64::from(results.replications))),
        ("digest", format!("{:016x}", results.digest)),
        ("events", words::count(results.events as f64)),
        ("simulated", words::length(results.simulated_seconds)),
        ("warm-up", if results.warm_up_seconds > 0.0 { warm_up } else { "none".to_owned() }),
    ]
}

/// Every metric with both ends of its interval, folded away.
fn all_figures(page: &mut String, results: &Results) {
    page.push_str("<section aria-labelledby=\"all\">\n<h2 id=\"all\">All figures</h2>\n<details>\n<summary>");
    let _ = write!(page, "{} figures with their 95 % confidence intervals", results.metrics.len());
    page.push_str(
        "</summary>\n<div class=\"scroll\" role=\"region\" aria-labelledby=\"all\" tabindex=\"0\">\n<table>\n<thead><tr>\
         <th scope=\"col\" class=\"name\">subject</th><th scope=\"col\" class=\"name\">figure</th>\
         <th scope=\"col\">value</th><th scope=\"col\">from</th><th scope=\"col\">to</th></tr></thead>\n<tbody>\n",
    );
    for metric in results.metrics.iter().take(FIGURES_MAX) {
        let end = |end: Option<f64>| end.map_or(words::NOTHING.to_owned(), |end| words::quantity(end, &metric.unit));
        let subject = if metric.subject.is_empty() { &metric.kind } else { &metric.subject };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\" class=\"name\">{}</th><td class=\"name\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(subject),
            escape(&metric.name),
            escape(&words::quantity(metric.value, &metric.unit)),
            escape(&end(metric.low)),
            escape(&end(metric.high)),
        );
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
    if results.metrics.len() > FIGURES_MAX {
        page.push_str("<p>Cut here; summary.csv has all of them.</p>\n");
    }
    page.push_str("</details>\n</section>\n");
}

/// `text` as HTML, in content and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    /// The page as XML: its author closes every element but these.
    fn elements(page: &str) -> String {
        let page = page.replace("<!DOCTYPE html>\n", "");
        page.lines()
            .map(|line| if line.starts_with("<meta") { line.replace("\">", "\"/>") } else { line.to_owned() })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_page_is_whole_small_and_the_same_twice() {
        for results in [sample::outage(), sample::quiet(), sample::cluster(), sample::checked()] {
            let page = report(&results, "Scenario(name: \"a < b\")", "gameday run x.ron");
            assert_eq!(page, report(&results, "Scenario(name: \"a < b\")", "gameday run x.ron"));
            assert!(page.len() < 2_000_000, "{}", page.len());
            well_formed(&page);
        }
    }

    /// Every element is closed, and nothing is loaded or run.
    pub(super) fn well_formed(page: &str) {
        let text = elements(page);
        let tree = roxmltree::Document::parse(&text).expect("every element is closed");
        let named = |name: &str| tree.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!((named("h1"), named("main")), (1, 1));
        assert!(["script", "link", "img", "iframe"].iter().all(|name| named(name) == 0));
        assert!(!page.contains(" src=") && !page.contains("url(") && !page.contains("@import"));
    }

    #[test]
    fn a_cluster_has_its_figures_and_the_first_entries_of_its_logs() {
        let page = report(&sample::cluster(), "", "");
        let text = elements(&page);
        let tree = roxmltree::Document::parse(&text).expect("every element is closed");
        let section = tree.descendants().find(|node| node.attribute("aria-labelledby") == Some("cluster"));
        let section = section.expect("a section about the cluster");
        let words = |node: roxmltree::Node<'_, '_>| {
            let texts = node.descendants().filter_map(|node| node.text().filter(|_| node.is_text()));
            texts.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" | ")
        };
        let is_line = |node: &roxmltree::Node<'_, '_>| {
            let name = node.tag_name().name();
            ["caption", "tr", "summary", "p"].contains(&name) || (name == "div" && !node.has_attribute("class"))
        };
        let lines: Vec<String> = section.descendants().filter(is_line).map(words).collect();
        let entries = lines.iter().filter(|line| line.contains("shop-")).count();
        assert_eq!(entries, cluster::LOG_MAX);
        let later = |line: &&String| line.contains("shop-") || (line.contains("Desired") && !line.starts_with("0:05"));
        let told: Vec<&str> = lines.iter().filter(|line| !later(line)).map(String::as_str).collect();
        insta::assert_snapshot!(told.join("\n").replace('\u{a0}', " "), @r"
        nodes | 10.4 on average · 9.90 ready
        pods | 71 running · 2.50 pending · 0.310 ending
        CPU | 88.0 % requested · 41.2 % used
        node-hours | 5.20
        cost | $12.30
        commands | 1,832
        Replicas of services that were scaled or changed
        service | on average | most wanted | most ready | wanted at the end | replica-hours | scaled out | scaled in
        shop | 61.4 | 72 | 70 | 70 | 30.7 | 16 | 1
        Healing, by cause and action
        cause | action | succeeded | failed | under way at the end | mean time to heal
        node lost | replace | 58 | 1 | 1 | 5 min 43 s
        out of memory | restart | 4 | 0 | 0 | 12.3 s
        Faults
        fault | from | to | victims | hit | detected after | recovered after | good before, % | during, % | after, %
        Crash 1 of payments | 0:05:00 | 0:05:00 | 3 | node-1 node-4 node-7 | 2.50 s | 41.0 s | 100 | 97.50 | 99.90
        LoseNodes 20% of shop | 0:10:00 | 0:15:00 | 3 | node-1 node-4 node-7 | 2.50 s | 41.0 s | 100 | 97.50 | 99.90
        Scale events
        time | deployment | from | to | reason
        0:05:00 | shop | 40 | 42 | DesiredWithinRange
        Healing log: the first 50 of 60
        time | what | cause | action | success | took
        And 10 more; healing.csv has all of them.
        ");
    }

    #[test]
    fn nothing_that_a_scenario_says_becomes_markup() {
        let evil = "</code></pre><script>alert('x')</script>\"'&";
        let mut results = sample::outage();
        results.scenario = evil.to_owned();
        results.description = evil.to_owned();
        for metric in &mut results.metrics {
            (metric.subject, metric.unit) = (evil.to_owned(), evil.to_owned());
        }
        results.metrics.push(Metric { name: format!("failed.{evil}"), value: 3.0, ..results.metrics[0].clone() });
        for series in &mut results.series {
            series.groups.iter_mut().for_each(|group| group.subject = evil.to_owned());
        }
        results.tables = vec![sample::faults(&[(evil, "10", "500")])];
        let page = report(&results, evil, evil);
        assert!(!page.contains("<script"));
        let text = elements(&page);
        let tree = roxmltree::Document::parse(&text).expect("every element is closed");
        assert!(tree.descendants().any(|node| node.has_tag_name("code") && node.text() == Some(evil)));
    }

    #[test]
    fn a_great_study_still_makes_a_page_below_two_megabytes() {
        let mut results = sample::cluster();
        for series in &mut results.series {
            let group = series.groups[0].clone();
            let mut values: Vec<Vec<f64>> = group.values.iter().map(|column| column.repeat(50)).collect();
            values.iter_mut().flatten().enumerate().for_each(|(at, value)| *value += 1.0 + (at * 7919 % 100) as f64);
            let t_s: Vec<f64> = (1..=values[0].len()).map(|at| at as f64).collect();
            let subject = |at: usize| format!("subject number {at}");
            series.groups = (0..60)
                .map(|at| sim_core::results::Group { subject: subject(at), t_s: t_s.clone(), values: values.clone() })
                .collect();
        }
        for table in &mut results.tables {
            table.rows = table.rows.iter().cycle().take(10_000).cloned().collect();
        }
        for at in 0..20 {
            let series = sim_core::results::Series { name: format!("unforeseen {at}"), ..results.series[1].clone() };
            results.series.push(series);
        }
        let metric = results.metrics[0].clone();
        results.metrics.extend(std::iter::repeat_n(metric, 10_000));
        let page = report(&results, &"x".repeat(1_000_000), "gameday");
        assert!(page.len() < 2_000_000, "{}", page.len());
    }
}
