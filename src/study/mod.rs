//! What the verbs that run studies share: from options to a plan at work, and what is printed.

mod cells;
mod command;
mod estimate;
mod place;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use rayon::ThreadPool;
use reports::terminal;
use scenarios::file::Diagnostics;
use scenarios::study::{Finished, Prepared, Replications, Request, Share, Store, Work, analyse};
use serde_json::json;
use sim_core::study::StudyResults;

use crate::args::{Format, StudyArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::interrupt;
use crate::progress::StudyReporter;

pub(crate) use estimate::describe;
pub(crate) use place::{PLAN, Place};

/// A study on the way.
pub(crate) struct Session<'a> {
    pub(crate) args: &'a StudyArgs,
    pub(crate) console: &'a Console,
    pub(crate) stop: &'static AtomicBool,
    pub(crate) threads: ThreadPool,
}

/// How it ended, if not with results.
pub(crate) enum Ended {
    Results(Box<StudyResults>),
    /// So many runs are still to be done elsewhere.
    Missing(usize),
    Stopped,
}

impl<'a> Session<'a> {
    pub(crate) fn begin(args: &'a StudyArgs, console: &'a Console) -> anyhow::Result<Session<'a>> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(args.threads.map_or(0, usize::from)).build();
        let threads = threads.context("cannot start threads")?;
        Ok(Session { args, console, stop: interrupt::listen()?, threads })
    }

    /// Puts the options into the request, and prepares it.
    pub(crate) fn prepare(&self, mut request: Request) -> Result<Prepared, Diagnostics> {
        request.command = command::command();
        if !self.args.metric.is_empty() {
            request.metrics.clone_from(&self.args.metric);
        }
        request.limits.extend(self.args.subject_to.iter().cloned());
        request.goal = self.args.goal.clone().or(request.goal);
        request.warm_up = self.args.warm_up.or(request.warm_up);
        request.replications = self.args.replications(&request.replications);
        self.threads.install(|| request.prepare(self.stop))
    }

    /// Runs what is to be run of the plan.
    pub(crate) fn run(&self, prepared: &Prepared, store: &dyn Store, share: Share) -> anyhow::Result<Ended> {
        let reporter = StudyReporter::new(self.args.progress, self.console.is_quiet());
        let work = Work {
            plan: &prepared.plan,
            scenarios: &prepared.scenarios,
            store,
            progress: &reporter,
            stop: self.stop,
            share,
        };
        let finished = self.threads.install(|| work.run());
        reporter.finish();
        Ok(match finished.context("cannot keep a finished run")? {
            Finished::Whole(samples) => Ended::Results(Box::new(analyse(&prepared.plan, &samples))),
            Finished::Missing(missing) => Ended::Missing(missing),
            Finished::Stopped => Ended::Stopped,
        })
    }

    /// Prints what was found.
    pub(crate) fn show(&self, results: &StudyResults) -> anyhow::Result<()> {
        show(results, self.args.format, self.console)
    }

    /// Says that some points never settle, where a warm-up was looked for.
    pub(crate) fn note_unsettled(&self, prepared: &Prepared) {
        let unsettled = &prepared.plan.unsettled;
        if let Some(first) = unsettled.first() {
            self.console.note(&format!(
                "{} of {} points do not settle within the run (such as `{}`): their warm-up is that of the others",
                unsettled.len(),
                prepared.plan.points.len(),
                prepared.plan.points[*first].label
            ));
        }
    }

    /// The end of a study that was stopped.
    pub(crate) fn stopped(&self, place: Option<&Place>) -> Exit {
        match place {
            Some(place) => {
                let path = place.path().display();
                self.console
                    .note(&format!("interrupted: finished runs are in {path}; the same command goes on from there"));
            }
            None => self.console.note("interrupted"),
        }
        Exit::Interrupted
    }
}

/// Prints what a study found.
pub(crate) fn show(results: &StudyResults, format: Format, console: &Console) -> anyhow::Result<()> {
    match format {
        Format::Json => console.result(&format!("{:#}\n", json!(results))),
        Format::Human => console.result(&console.fit(|width, color| terminal::study(results, width, color))),
    }
}

/// `results/` and the study's file name without its ending.
pub(crate) fn default_place(file: &str) -> PathBuf {
    Path::new("results").join(Path::new(file).file_stem().unwrap_or_default())
}

impl StudyArgs {
    /// The replications that the options ask for, or else `given`.
    fn replications(&self, given: &Replications) -> Replications {
        use crate::args::Repetitions;
        match (self.reps, self.ci_width, given) {
            (Some(Repetitions::Times(times)), ..) => Replications::Constant(times),
            (None, None, given) => given.clone(),
            (_, width, given) => {
                let mut precision = match given {
                    Replications::Auto(precision) => precision.clone(),
                    Replications::Constant(_) => Default::default(),
                };
                precision.ci_width = width.unwrap_or(precision.ci_width);
                precision.cap = self.cap.unwrap_or(precision.cap);
                precision.least = precision.least.min(precision.cap);
                Replications::Auto(precision)
            }
        }
    }
}
