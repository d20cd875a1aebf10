//! The page of a study: who wins where and how sure that is, the charts, the figures, the study file.

use sim_core::digest::Digest;
use sim_core::study::{Comparison, StudyResults};

use super::frame;
use super::table::{Column, table};
use crate::plot::study_plots_for_page;
use crate::study::{behind, closing, estimate, headline, nearest, own, p_value, percent, place, runs, sentence};
use crate::words;

/// Rows of a table; the CSV files have all.
const ROWS_MAX: usize = 300;
/// Sentences on the first screen.
const SENTENCES_MAX: usize = 12;
/// A study file longer than this many characters is cut.
const FILE_MAX: usize = 60_000;

/// A study as an HTML document, below 2 MB.
///
/// `file` is the study file's text, empty if there is none; `command` the shell command that repeats the
/// study. Everything is escaped.
pub fn study(results: &StudyResults, file: &str, command: &str) -> String {
    let mut page = String::new();
    frame::begin(&mut page, &results.study);
    let mut details: Vec<String> = match results.winners.len() {
        0 | 1 => Vec::new(),
        _ => {
            results.winners.iter().take(SENTENCES_MAX).map(|winner| format!("{}.", sentence(results, winner))).collect()
        }
    };
    details.push(format!("{}.", closing(results)));
    frame::opening(&mut page, &results.study, &results.description, &headline(results), &details);
    page.push_str("<main>\n");
    section(&mut page, "winners", "Who wins", &[&winners(results)]);
    frame::charts(&mut page, &study_plots_for_page(results));
    section(&mut page, "differences", "Paired differences", &[&differences(results)]);
    section(&mut page, "frontier", "The frontier", &[&frontier(results)]);
    section(&mut page, "figures", "Figures at every point", &[&points(results)]);
    frame::again(&mut page, command, &facts(results));
    frame::file(&mut page, "The study", file, FILE_MAX, "\n… cut here");
    frame::end(&mut page);
    page
}

/// A caption with columns; none where there is nothing to show.
type Shown = Option<(String, Vec<Column>)>;

fn section(page: &mut String, id: &str, title: &str, tables: &[&Shown]) {
    if tables.iter().all(|shown| shown.is_none()) {
        return;
    }
    page.push_str(&format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n"));
    for (caption, columns) in tables.iter().copied().flatten() {
        table(page, caption, columns);
    }
    page.push_str("</section>\n");
}

/// A row a group of points: the best, who comes next, and by how much.
fn winners(results: &StudyResults) -> Shown {
    let all = &results.winners[..results.winners.len().min(ROWS_MAX)];
    let first = all.first()?;
    let column = |of: &dyn Fn(&sim_core::study::Winner) -> String| all.iter().map(of).collect::<Vec<_>>();
    let metric = &results.metrics[first.metric];
    let missing = || words::NOTHING.to_owned();
    let next =
        |winner: &sim_core::study::Winner| nearest(winner).map_or_else(missing, |one| own(results, winner, one.other));
    let mut columns = vec![
        Column::names(
            "where",
            column(&|winner| match place(results, &winner.shared) {
                place if place.is_empty() => "everywhere".to_owned(),
                place => place,
            }),
        ),
        Column::text("best", column(&|winner| own(results, winner, winner.best))),
        Column::numbers(
            &metric.name,
            column(&|winner| estimate(&results.points[winner.best].estimates[winner.metric], &metric.unit)),
        ),
        Column::text("next", column(&next)),
        Column::numbers(
            "behind by",
            column(&|winner| nearest(winner).map_or_else(missing, |one| behind(one, &metric.unit))),
        ),
        Column::numbers(
            "p (Holm)",
            column(&|winner| nearest(winner).and_then(|one| one.p).map_or_else(missing, p_value)),
        ),
        Column::words(
            "cannot be told from",
            column(&|winner| match winner.rivals.is_empty() {
                true => missing(),
                false => winner.rivals.iter().map(|rival| own(results, winner, *rival)).collect::<Vec<_>>().join(", "),
            }),
        ),
    ];
    columns.retain(Column::tells);
    Some((format!("The best by {}, and how sure that is", metric.name), columns))
}

/// A row a comparison.
fn differences(results: &StudyResults) -> Shown {
    let of_winners = || results.winners.iter().flat_map(|winner| &winner.comparisons).collect::<Vec<_>>();
    let all: Vec<&Comparison> = results.comparisons.iter().collect();
    let all = if all.is_empty() { of_winners() } else { all };
    let shown = &all[..all.len().min(ROWS_MAX)];
    if shown.is_empty() {
        return None;
    }
    let column = |of: &dyn Fn(&Comparison) -> String| shown.iter().map(|one| of(one)).collect::<Vec<_>>();
    let missing = || words::NOTHING.to_owned();
    let unit = |one: &Comparison| results.metrics[one.metric].unit.as_str();
    let columns = vec![
        Column::names("point", column(&|one| results.points[one.other].label.clone())),
        Column::text("compared with", column(&|one| results.points[one.baseline].label.clone())),
        Column::text("figure", column(&|one| results.metrics[one.metric].name.clone())),
        Column::numbers("difference", column(&|one| words::with_margin(one.difference, one.interval, unit(one)))),
        Column::numbers("relative", column(&|one| one.relative.map_or_else(missing, |(share, ..)| percent(share)))),
        Column::numbers("from", column(&|one| one.relative.map_or_else(missing, |(_, low, _)| percent(low)))),
        Column::numbers("to", column(&|one| one.relative.map_or_else(missing, |(.., high)| percent(high)))),
        Column::numbers("p (Holm)", column(&|one| one.p.map_or_else(missing, p_value))),
        Column::text("verdict", column(&|one| one.verdict.words().to_owned())),
    ];
    Some((cut("Each pair met the same customers; 95 % intervals", all.len(), "differences.csv"), columns))
}

/// A row a point that nobody beats in everything.
fn frontier(results: &StudyResults) -> Shown {
    if results.frontier.is_empty() || results.points.len() < 3 {
        return None;
    }
    let shown = &results.frontier[..results.frontier.len().min(ROWS_MAX)];
    let names: Vec<&str> = results.frontier_metrics.iter().map(|at| results.metrics[*at].name.as_str()).collect();
    let caption = format!("Points that no other is as good as in {} at once, and better in one", names.join(", "));
    Some((caption, figures(results, shown, &results.frontier_metrics)))
}

/// A row a point.
fn points(results: &StudyResults) -> Shown {
    let shown: Vec<usize> = (0..results.points.len().min(ROWS_MAX)).collect();
    let metrics: Vec<usize> = (0..results.metrics.len()).collect();
    let mut columns = figures(results, &shown, &metrics);
    let runs = shown.iter().map(|at| words::count(f64::from(results.points[*at].replications)));
    columns.push(Column::numbers("runs", runs.collect()));
    Some((cut("± is half of the 95 % confidence interval", results.points.len(), "sweep.csv"), columns))
}

fn figures(results: &StudyResults, points: &[usize], metrics: &[usize]) -> Vec<Column> {
    let cells = |of: &dyn Fn(usize) -> String| points.iter().map(|at| of(*at)).collect::<Vec<_>>();
    let mut columns = vec![Column::names("point", cells(&|at| results.points[at].label.clone()))];
    columns.extend(metrics.iter().map(|&metric| {
        let of = &results.metrics[metric];
        Column::numbers(&of.name, cells(&|at| estimate(&results.points[at].estimates[metric], &of.unit)))
    }));
    columns
}

/// A caption that says where the rest is, if there is one.
fn cut(caption: &str, rows: usize, file: &str) -> String {
    match rows > ROWS_MAX {
        true => format!("{caption}: the first {ROWS_MAX} of {}; {file} has all", words::count(rows as f64)),
        false => caption.to_owned(),
    }
}

fn facts(results: &StudyResults) -> Vec<(&'static str, String)> {
    let digest = Digest::combine(results.points.iter().map(|point| point.digest));
    let found = if results.warm_up_found { " (found)" } else { "" };
    let warm_up = format!("{}{found}", words::length(results.warm_up_seconds));
    let mut facts = vec![
        ("scenario", results.scenario.clone()),
        ("seed", results.seed.to_string()),
        ("points", words::count(results.points.len() as f64)),
        ("runs", words::count(runs(results) as f64)),
        ("digest", format!("{digest:016x}")),
        ("warm-up", if results.warm_up_seconds > 0.0 { warm_up } else { "none".to_owned() }),
    ];
    facts.extend(results.factors.iter().map(|factor| ("varied", factor.path.clone())));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_study::{balancers, grown};

    #[test]
    fn the_first_screen_has_the_answer_and_the_rest_follows() {
        let results = balancers();
        let page = study(&results, "Study(name: \"a < b\")", "gameday sweep x.ron");
        let order = [
            "class=\"headline\"",
            "LeastConnections wins",
            "id=\"winners\"",
            "id=\"charts\"",
            "id=\"figures\"",
            "gameday sweep x.ron",
            "a &lt; b",
        ];
        let places: Vec<usize> = order.iter().map(|part| page.find(part).unwrap_or_else(|| panic!("{part}"))).collect();
        assert!(places.is_sorted(), "{places:?}");
        super::super::tests::well_formed(&page);
    }

    #[test]
    fn nothing_that_a_study_says_becomes_markup() {
        let evil = "</code></pre><script>alert('x')</script>\"'&";
        let mut results = balancers();
        (results.study, results.description) = (evil.to_owned(), evil.to_owned());
        for level in results.factors.iter_mut().flat_map(|factor| &mut factor.levels) {
            level.label.push_str(evil);
        }
        results.points.iter_mut().for_each(|point| point.label.push_str(evil));
        results.metrics[0].name.push_str(evil);
        let page = study(&results, evil, evil);
        assert!(!page.contains("<script"));
        super::super::tests::well_formed(&page);
    }

    #[test]
    fn a_great_study_still_makes_a_page_below_two_megabytes() {
        let page = study(&grown(40, 50), &"x".repeat(1_000_000), "gameday");
        assert!(page.len() < 2_000_000, "{}", page.len());
    }
}
