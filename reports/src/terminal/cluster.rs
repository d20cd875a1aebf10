//! The cluster in a few lines: replicas that can change, nodes and pods, what was healed.

use sim_core::results::Results;

use super::table::{Column, Table};
use super::{DIM, Pen, ROWS_MAX, wrapped};
use crate::cluster::{self, FLEET, Fleet, Healed};
use crate::words;

/// How telling each of the figures of replicas is, as [`FLEET`] orders them.
const IMPORTANCE: [u8; FLEET.len()] = [7, 6, 2, 3, 5, 4, 4];

/// A paragraph each for replicas, healing and the cluster, of which there may be none.
pub(super) fn paragraphs(results: &Results, width: usize, pen: Pen) -> [Vec<String>; 3] {
    [replicas(results, width, pen), healing(results, width, pen), whole(results, width)]
}

fn replicas(results: &Results, width: usize, pen: Pen) -> Vec<String> {
    let fleets = cluster::fleets(results);
    let names: Vec<&str> = fleets.iter().map(|fleet| fleet.service).collect();
    let figure = |fleet: &Fleet<'_>, at: usize| fleet.figures[at].map_or(words::NOTHING.to_owned(), cluster::count);
    let column = |(at, (_, heading)): (usize, &(&str, &str))| {
        Column::new(heading, IMPORTANCE[at], fleets.iter().map(|fleet| figure(fleet, at)).collect())
    };
    let columns: Vec<Column> = FLEET.iter().enumerate().map(column).filter(Column::tells).collect();
    lines(Table::fit("replicas", &names, [columns], width), names.len(), "services", pen)
}

fn healing(results: &Results, width: usize, pen: Pen) -> Vec<String> {
    let healed = cluster::healed(results);
    let names: Vec<String> =
        healed.iter().map(|one| format!("{}: {}", one.cause, cluster::spaced(&one.action))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let column = |heading, importance, of: &dyn Fn(&Healed) -> String| {
        Column::new(heading, importance, healed.iter().map(of).collect())
    };
    let count = |count: f64| if count > 0.0 { words::count(count) } else { words::NOTHING.to_owned() };
    let mut columns = vec![
        column("succeeded", 4, &|one| words::count(one.succeeded)),
        column("failed", 3, &|one| count(one.failed)),
        column("under way", 2, &|one| count(one.unfinished)),
        column("on average in", 1, &|one| words::lasting(one.took_s)),
    ];
    columns.retain(Column::tells);
    lines(Table::fit("healing", &names, [columns], width), names.len(), "kinds", pen)
}

pub(super) fn lines(table: Option<Table<'_>>, rows: usize, what: &str, pen: Pen) -> Vec<String> {
    let Some(table) = table.filter(|_| rows > 0) else { return Vec::new() };
    let mut lines = vec![pen.paint(DIM, &table.head())];
    lines.extend((0..rows.min(ROWS_MAX)).map(|at| table.row(at)));
    if rows > ROWS_MAX {
        lines.push(pen.paint(DIM, &format!("… and {} more {what}", rows - ROWS_MAX)));
    }
    lines
}

/// A line a fact; those of a single figure share one.
fn whole(results: &Results, width: usize) -> Vec<String> {
    let told = |(name, fact): (&str, String)| format!("{name}: {fact}");
    let (long, short): (Vec<String>, Vec<String>) =
        cluster::facts(results).into_iter().map(told).partition(|fact| fact.contains(" · "));
    long.into_iter().chain([short.join(" · ")]).flat_map(|line| wrapped(&line, width)).collect()
}
