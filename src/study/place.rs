//! The folder of a study: its plan first, then its finished runs, at the end what they say.
#![allow(clippy::disallowed_types, reason = "the age of the program says whether runs are its own")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, bail};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use scenarios::study::Plan;
use serde_json::json;
use sim_core::digest::Digest;
use sim_core::study::StudyResults;

use super::cells::{Cells, write_whole};
use crate::console::Console;
use crate::folder::MANIFEST;

/// The plan, and what marks a folder as a study's.
pub(crate) const PLAN: &str = "plan.json";
/// Which build of the program made the cells.
const BUILD: &str = "build";
/// Everything that a study found.
const STUDY: &str = "study.json";
/// What a study leaves besides; none of it is there before the study is whole.
const RESULTS: [&str; 7] = ["sweep.csv", "replications.csv", "differences.csv", "winners.csv", REPORT, STUDY, MANIFEST];
/// The page to send around.
const REPORT: &str = "report.html";
/// The folder of charts.
const PLOTS: &str = "plots";

/// A study's folder.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    pub(crate) cells: Cells,
}

impl Place {
    /// Makes ready the folder at `path` for `plan`; runs that are finished there are kept.
    ///
    /// `shared` means that other processes may be at work there.
    pub(crate) fn begin(path: &Path, plan: &Plan, shared: bool, console: &Console) -> anyhow::Result<Place> {
        check_free(path)?;
        let cells = Cells::open(path)?;
        let place = Place { path: path.to_owned(), cells };
        let known = place.plan();
        if known.as_ref().is_ok_and(|known| !known.is_same_study(plan)) {
            if shared {
                bail!("{} holds another study; shards that share a folder run the same one", path.display());
            }
            place.forget_results()?;
        }
        let build = build();
        let made_by = fs::read_to_string(path.join(BUILD)).ok();
        if !shared && made_by.is_some_and(|made_by| made_by != build) && !place.cells.is_empty() {
            console.note("the finished runs there are another build's: they are run again");
            place.cells.clear()?;
            place.forget_results()?;
        }
        if !shared {
            place.cells.tidy()?;
        }
        place.write(BUILD, &build)?;
        place.write(PLAN, format!("{:#}\n", json!(plan)))?;
        Ok(place)
    }

    /// The folder at `path`, which holds a study.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Place> {
        if !path.join(PLAN).exists() {
            bail!("{} holds no study: there is no {PLAN}", path.display());
        }
        Ok(Place { path: path.to_owned(), cells: Cells::open(path)? })
    }

    /// The plan kept here.
    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        let path = self.path.join(PLAN);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no plan", path.display()))
    }

    /// What the study kept here has found.
    pub(crate) fn results(&self) -> anyhow::Result<StudyResults> {
        let path = self.path.join(STUDY);
        if !path.exists() {
            bail!("the study in {} is not finished", self.path.display());
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} holds no results", path.display()))
    }

    /// Copies plan and build of `other` here, and its cells.
    pub(crate) fn take_from(&self, other: &Place) -> anyhow::Result<()> {
        for name in [PLAN, BUILD] {
            let from = other.path.join(name);
            let text = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
            self.write(name, text)?;
        }
        self.cells.take_from(&other.path)
    }

    /// Writes what the study found; the manifest last.
    pub(crate) fn finish(&self, results: &StudyResults, plan: &Plan) -> anyhow::Result<()> {
        self.forget_plots()?;
        for (name, text) in reports::csv::study(results) {
            self.write(&name, text)?;
        }
        self.draw(results)?;
        self.write(REPORT, reports::html::study(results, &plan.text, &plan.command))?;
        self.write(STUDY, format!("{:#}\n", json!(results)))?;
        let digest = Digest::combine(results.points.iter().map(|point| point.digest));
        let manifest = json!({
            "gameday": env!("CARGO_PKG_VERSION"),
            "study": results.study,
            "scenario": results.scenario,
            "seed": results.seed,
            "points": results.points.len(),
            "runs": results.points.iter().map(|point| u64::from(point.replications)).sum::<u64>(),
            "digest": format!("{digest:016x}"),
        });
        self.write(MANIFEST, format!("{manifest:#}\n"))
    }

    fn draw(&self, results: &StudyResults) -> anyhow::Result<()> {
        let plots = reports::study_plots(results);
        let images: Vec<Vec<u8>> = plots.par_iter().map(reports::png).collect();
        let folder = self.path.join(PLOTS);
        if !plots.is_empty() {
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        for (plot, image) in plots.iter().zip(images) {
            self.write(&format!("{PLOTS}/{}.svg", plot.name), &plot.svg)?;
            self.write(&format!("{PLOTS}/{}.png", plot.name), image)?;
        }
        Ok(())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let path = self.path.join(name);
        write_whole(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Charts of an earlier analysis may have other names.
    fn forget_plots(&self) -> anyhow::Result<()> {
        let folder = self.path.join(PLOTS);
        if !folder.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
    }

    fn forget_results(&self) -> anyhow::Result<()> {
        self.forget_plots()?;
        for path in RESULTS.map(|name| self.path.join(name)).iter().filter(|path| path.exists()) {
            fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }
}

/// Refuses to write between what is not a study's.
pub(crate) fn check_free(path: &Path) -> anyhow::Result<()> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    if !metadata.is_dir() {
        bail!("{} is a file; --out wants a folder", path.display());
    }
    let mut entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    // Two shards may begin at once: the folder of cells comes before the plan.
    let ours = |name: &std::ffi::OsStr| name == "cells" || name == PLAN || name == BUILD;
    let empty = !entries.any(|entry| entry.is_ok_and(|entry| !ours(&entry.file_name())));
    if !empty && !path.join(PLAN).exists() {
        bail!("{} holds other files; --out wants a new folder, or one of an earlier study", path.display());
    }
    Ok(())
}

/// What tells one build of this program from another: when it was made, and its size.
fn build() -> String {
    let metadata = std::env::current_exe().and_then(fs::metadata);
    let made = metadata.and_then(|metadata| Ok((metadata.len(), metadata.modified()?)));
    let Ok((size, time)) = made else { return "unknown\n".to_owned() };
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{size} {}\n", since.as_nanos())
}
