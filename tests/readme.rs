//! What README.md says is true: its scenario runs, and every figure it states comes out.

use std::path::Path;

use scenarios::file::Source;

const README: &str = include_str!("../README.md");

/// The first scenario of the README.
fn scenario() -> &'static str {
    let block = README.split("```ron\n").nth(1).expect("the README shows a scenario");
    block.split("```").next().expect("split yields something")
}

/// The share of requests that fail with these overrides, as a summary shows it.
fn failed(overrides: &[&str]) -> String {
    let source = Source::new("README.md", scenario());
    let source =
        overrides.iter().fold(source, |source, text| source.set(text).unwrap_or_else(|wrong| panic!("{wrong:?}")));
    let loaded = scenarios::parse(&source, Path::new("")).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    let results = scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results;
    let summary = reports::terminal::summary(&results, 100, false);
    let (_, rest) = summary.split_once(": ").expect("the second line says how many requests failed");
    rest.split_once(" failed").expect("some requests fail").0.to_owned()
}

/// The rows of the table of changes: the override, if there is one, and the share that it states.
fn rows() -> Vec<(Option<&'static str>, &'static str)> {
    let rows = README.lines().filter(|line| line.starts_with("| `--set ") || line.starts_with("| nothing changed"));
    let row = |line: &'static str| {
        let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
        let change = cells.next().expect("a first cell").trim_matches('`');
        (change.strip_prefix("--set ").map(|text| text.trim_matches('\'')), cells.next().expect("a second cell"))
    };
    rows.map(row).collect()
}

#[test]
fn every_figure_of_the_table_comes_out() {
    let rows = rows();
    assert_eq!(rows.len(), 5, "the table of changes");
    for (change, stated) in rows {
        assert_eq!(failed(change.as_slice()), stated, "{change:?}");
    }
}

/// What the section on chaos shows, done to the first scenario.
#[test]
fn chaos_can_be_added_to_the_scenario() {
    let mut blocks = README.split("```ron\n").skip(1).filter_map(|rest| rest.split("```").next());
    let chaos = blocks.find(|block| block.contains("steady_state")).expect("an example of chaos");
    let text = format!("{}{chaos})", scenario().trim_end().strip_suffix(')').expect("a scenario ends"));
    let source = Source::new("README.md", text);
    let loaded = scenarios::parse(&source, Path::new("")).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    let results = scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results;
    let strikes = |fault: &str| results.metric("fault", fault, "strikes").map_or(0.0, |metric| metric.value);
    assert!(strikes("slow stock") >= 1.0, "{:?}", results.tables);
    assert!(results.tables.iter().any(|table| table.name == "journal" && !table.rows.is_empty()));
}

#[test]
fn the_scenario_has_as_many_lines_as_are_explained() {
    let explained = README.lines().filter_map(|line| line.split_once(". `")?.0.parse::<usize>().ok());
    assert_eq!(explained.max(), Some(scenario().lines().count() - 1), "the closing parenthesis needs no words");
}

#[test]
fn links_lead_somewhere() {
    let links = README.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(), "{link}");
    }
}

#[test]
fn the_release_ends_as_is_told() {
    let block = README.split("```ron\n").find(|block| block.contains("releases: [")).expect("an example of a release");
    let source = Source::new("README.md", block.split("```").next().expect("split yields something"));
    let loaded = scenarios::parse(&source, Path::new("")).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    let results = scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results;
    let summary = reports::terminal::summary(&results, 100, false);
    let told = summary.lines().find(|line| line.starts_with("shop v2: ")).expect("a sentence on the release");
    assert!(README.contains(told), "{told}");
}
