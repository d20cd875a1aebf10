//! Every case file against the real models.
//!
//! Reads all files of the folder that the environment variable GAMEDAY_CASES names (default
//! tests/cases), takes each one's family from its name less `open-` or `held-`, and prints a line a
//! family, after a line for each case that failed. The last line is the sum; the exit code is 1 if
//! anything failed, and that includes files that cannot be read and families that nobody knows.

mod balance;
mod case;
mod check;
mod collapse;
mod constants;
mod estimate;
mod experiment;
mod exposition;
mod forks;
mod hashing;
mod hpa;
mod json;
mod node_scaling;
mod occ;
mod plan;
mod pods;
mod probes;
mod queues;
mod retries;
mod routing;
mod scheduling;
mod table;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use case::Case;
use plan::Plan;

/// How the files of a family are run.
#[derive(Clone, Copy)]
enum Family {
    /// Case by case.
    Cases(fn(&str) -> Vec<Case>),
    /// Together with all others that are planned.
    Plans(fn(&str) -> Vec<Plan>),
}

/// The families that the models can run.
fn family(name: &str) -> Option<Family> {
    use Family::{Cases, Plans};
    Some(match name {
        "nginx-swrr" => Cases(balance::nginx_swrr),
        "nginx-swrr-failures" => Cases(balance::nginx_swrr_failures),
        "leastconn" => Cases(balance::leastconn),
        "consistent-hash" => Cases(hashing::consistent_hash),
        "ring-balance-ensemble" => Cases(hashing::ring_balance_ensemble),
        "queue-mm1" => Plans(|file| plan::rows(file, &["lambda", "mu"], queues::mm1)),
        "queue-mmc" => Plans(|file| plan::rows(file, &["c", "rho"], queues::mmc)),
        "queue-mmck" => Plans(|file| plan::rows(file, &["c", "K_total", "rho_offered"], queues::mmck)),
        "erlang-b" => Plans(|file| plan::rows(file, &["c", "offered_erlangs"], queues::erlang_b)),
        "queue-mg1" => Plans(|file| plan::rows(file, &["service", "rho"], queues::mg1)),
        "routing-exact" => Plans(|file| plan::rows(file, &["servers", "rho"], routing::exact)),
        "jsq-p2c-exact-small" => Plans(|file| plan::rows(file, &["servers", "rho", "policy"], routing::small)),
        "lb-policies" => Plans(|file| plan::rows(file, &["servers", "rho", "policy"], routing::policies)),
        "scatter-gather" => Plans(|file| plan::rows(file, &["n"], forks::scatter)),
        "fork-join-queues" => Plans(|file| plan::rows(file, &["n", "rho"], forks::join)),
        "retry-amplification" => {
            Plans(|file| plan::rows(file, &["p_fail_per_attempt", "max_attempts"], retries::amplification))
        }
        "retry-layers" => Plans(retries::layers),
        "backoff-occ-aws" => Cases(occ::backoff),
        "collapse-brooker" => Cases(collapse::collapse),
        "hpa-replica-calc" => Cases(hpa::replica_calc),
        "hpa-controller" => Cases(hpa::controller),
        "hpa-behavior" => Cases(hpa::behavior),
        "hpa-stabilization" => Cases(hpa::stabilization),
        "constants" => Cases(constants::constants),
        "probes" => Cases(probes::probes),
        "backoff" => Cases(pods::backoff),
        "endpoints" => Cases(pods::endpoints),
        "pdb" => Cases(pods::pdb),
        "pod-delete-rank" => Cases(pods::pod_delete_rank),
        "cluster-autoscaler" => Cases(node_scaling::cluster_autoscaler),
        "prom-exposition" => Cases(exposition::prom_exposition),
        "scheduler" => Cases(scheduling::scheduler),
        _ => return None,
    })
}

/// A file of cases.
struct File {
    family: String,
    text: Result<String, String>,
}

/// The case files of a folder, in the order of their names; folders, notes and hidden files are none.
fn files(folder: &Path) -> Result<Vec<File>, String> {
    let unreadable = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !path.is_dir() && !name.starts_with('.') && !name.ends_with(".md") {
            paths.push((name, path));
        }
    }
    paths.sort();
    let read = |(name, path): (String, PathBuf)| {
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let family = ["open-", "held-"].iter().find_map(|prefix| stem.strip_prefix(prefix)).unwrap_or(stem);
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        File { family: family.to_owned(), text }
    };
    Ok(paths.into_iter().map(read).collect())
}

fn main() -> ExitCode {
    let folder = std::env::var_os("GAMEDAY_CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), PathBuf::from);
    let mut out = std::io::stdout().lock();
    let mut print = |line: String| writeln!(out, "{line}").expect("standard output takes lines");
    let files = files(&folder).unwrap_or_else(|error| vec![File { family: "folder".to_owned(), text: Err(error) }]);
    let mut cases: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    let mut plans = Vec::new();
    let mut planned_by = Vec::new();
    for File { family: name, text } in &files {
        let cases = cases.entry(name).or_default();
        match (text, family(name)) {
            (Err(error), _) => cases.extend(Case::unreadable(error)),
            (Ok(_), None) => cases.extend(Case::unreadable("nobody knows this family")),
            (Ok(text), Some(Family::Cases(run))) => cases.extend(run(text)),
            (Ok(text), Some(Family::Plans(plan))) => {
                plans.extend(plan(text));
                planned_by.resize(plans.len(), name.as_str());
            }
        }
    }
    for (name, case) in planned_by.into_iter().zip(plan::carry_out(&plans)) {
        cases.entry(name).or_default().push(case);
    }
    let (mut passed, mut failed) = (0, 0);
    for (family, cases) in cases {
        for Case { name, verdict } in &cases {
            if let Err(error) = verdict {
                print(format!("  {family}, {name}: {error}"));
            }
        }
        let ok = cases.iter().filter(|case| case.verdict.is_ok()).count();
        print(format!("{family}: {ok} passed, {} failed", cases.len() - ok));
        passed += ok;
        failed += cases.len() - ok;
    }
    print(format!("{passed} passed, {failed} failed"));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
