//! From the rows of a file to experiments and their checks, and back to the rows' verdicts.
//!
//! Rows and families that ask about the same system are answered by the same runs.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::case::Case;
use crate::check::{Check, examine};
use crate::experiment::Experiment;
use crate::table::Row;

/// An experiment and what is checked on it.
pub(crate) type Part = (Experiment, Vec<Check>);

/// A row and what it asks for, or why that cannot be set up.
pub(crate) struct Plan {
    name: String,
    parts: Result<Vec<Part>, String>,
}

impl Plan {
    /// A case that asks for these experiments.
    pub(crate) fn new(name: String, parts: Vec<Part>) -> Plan {
        Plan { name, parts: Ok(parts) }
    }

    /// A file, or a case, that cannot be set up.
    pub(crate) fn failed(error: impl std::fmt::Display) -> Plan {
        Plan { name: "the file".to_owned(), parts: Err(error.to_string()) }
    }
}

/// The limit of half widths, as a share, at this utilisation.
pub(crate) fn limit(rho: f64) -> f64 {
    if rho >= 0.95 { 0.05 } else { 0.02 }
}

/// Plans each row of a CSV file; a row is called by its first columns.
pub(crate) fn rows(file: &str, name: &[&str], plan: fn(&Row) -> Result<Vec<Part>, String>) -> Vec<Plan> {
    let rows = match Row::all(file) {
        Ok(rows) => rows,
        Err(error) => return vec![Plan::failed(error)],
    };
    let called = |row: &Row| {
        let columns = name.iter().map(|column| format!("{column} {}", row.text(column).unwrap_or("?")));
        columns.collect::<Vec<_>>().join(", ")
    };
    rows.iter().map(|row| Plan { name: called(row), parts: plan(row) }).collect()
}

/// What is asked of one experiment: by which plan, and which checks.
struct Asked<'a> {
    experiment: &'a Experiment,
    checks: Vec<Check>,
    plans: Vec<usize>,
}

/// Runs everything that is planned.
pub(crate) fn carry_out(plans: &[Plan]) -> Vec<Case> {
    let mut experiments: BTreeMap<String, Asked<'_>> = BTreeMap::new();
    for (index, plan) in plans.iter().enumerate() {
        for (experiment, checks) in plan.parts.iter().flatten() {
            let key = format!("{experiment:?}");
            let asked = || Asked { experiment, checks: Vec::new(), plans: Vec::new() };
            let asked = experiments.entry(key).or_insert_with(asked);
            asked.checks.extend(checks.iter().cloned());
            asked.plans.extend(checks.iter().map(|_| index));
        }
    }
    let experiments: Vec<Asked<'_>> = experiments.into_values().collect();
    let answers: Vec<_> = experiments.par_iter().map(|asked| examine(asked.experiment, &asked.checks)).collect();
    let mut complaints: Vec<Vec<String>> =
        plans.iter().map(|plan| plan.parts.clone().err().into_iter().collect()).collect();
    for (asked, answer) in experiments.iter().zip(answers) {
        match answer {
            Err(error) => asked.plans.iter().for_each(|&plan| complaints[plan].push(error.clone())),
            Ok(verdicts) => {
                for (&plan, verdict) in asked.plans.iter().zip(verdicts) {
                    complaints[plan].extend(verdict.err());
                }
            }
        }
    }
    let case = |(plan, mut complaints): (&Plan, Vec<String>)| {
        complaints.dedup();
        let verdict = if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) };
        Case { name: plan.name.clone(), verdict }
    };
    plans.iter().zip(complaints).map(case).collect()
}
