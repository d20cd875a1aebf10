//! Runs the cells of a plan: on all of rayon's threads, in no order that matters, each once.
//!
//! A cell that the store has is not run again. Another process may be at work on the same store: what it
//! has claimed is left to it, and waited for at the end. How often a point is run depends on that
//! point's own figures alone, in order, so neither threads nor processes change a byte.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::cell::{Cell, CellName, Store};
use super::plan::{Plan, Repeat};
use crate::figures::over_replications;
use crate::{Loaded, run};

/// How often a cell that another process is at is looked for.
const POLL: Duration = Duration::from_millis(100);

/// Hears how far a study is; called from several threads.
pub trait Progress: Sync {
    /// So many cells more are wanted.
    fn planned(&self, cells: usize);

    /// This share of a cell is done, in which so many events were executed; none if it was there already.
    fn advanced(&self, share: f64, events: u64);
}

/// Nobody listens.
impl Progress for () {
    fn planned(&self, _cells: usize) {}

    fn advanced(&self, _share: f64, _events: u64) {}
}

/// Which part of the work this process does; the others are done elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// From 0.
    pub index: usize,
    /// Out of so many.
    pub count: usize,
}

impl Share {
    /// All of it.
    pub const ALL: Share = Share { index: 0, count: 1 };
}

/// A plan at work.
pub struct Work<'a> {
    /// What is run.
    pub plan: &'a Plan,
    /// The scenarios of the points; if none, only what the store has can be had.
    pub scenarios: &'a [Loaded],
    /// Where cells are kept.
    pub store: &'a dyn Store,
    /// Who is told.
    pub progress: &'a dyn Progress,
    /// Ends the work early when it turns true.
    pub stop: &'a AtomicBool,
    /// What this process does of it.
    pub share: Share,
}

/// The values of the plan's metrics in one replication at one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub(super) values: Vec<f64>,
    pub(super) digest: u64,
}

/// How the work ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Finished {
    /// Everything is there: the samples of each point, in order.
    Whole(Vec<Vec<Sample>>),
    /// So many cells are missing that are done elsewhere, or would have to be.
    Missing(usize),
    /// It was stopped.
    Stopped,
}

/// What became of one cell.
enum Got {
    Done(Sample),
    /// Another process is at it.
    Claimed,
    /// It is not there, and not for this process to run.
    Missing,
    Stopped,
}

impl Work<'_> {
    /// Runs the plan, as far as it is this process's.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn run(&self) -> io::Result<Finished> {
        let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); self.plan.points.len()];
        let mut open: Vec<usize> = (0..samples.len()).collect();
        let mut target = self.plan.repeat.first();
        let mut missing = 0;
        while !open.is_empty() {
            let wanted: Vec<(usize, u32)> = match self.plan.repeat {
                // Replication by replication, so that shards get a part of every point.
                Repeat::Times(_) => (0..target).flat_map(|r| open.iter().map(move |point| (*point, r))).collect(),
                Repeat::Until(..) => open
                    .iter()
                    .flat_map(|&point| (samples[point].len() as u32..target).map(move |r| (point, r)))
                    .collect(),
            };
            let Some(got) = self.cells(&wanted)? else { return Ok(Finished::Stopped) };
            for ((point, _), sample) in wanted.into_iter().zip(got) {
                match sample {
                    Some(sample) => samples[point].push(sample),
                    None => missing += 1,
                }
            }
            // A point with a gap cannot be judged; it waits for who has the rest.
            open.retain(|&point| samples[point].len() as u32 == target && !self.is_settled(&samples[point]));
            target = (target + target.div_ceil(2)).min(self.plan.repeat.most());
        }
        Ok(if missing == 0 { Finished::Whole(samples) } else { Finished::Missing(missing) })
    }

    /// Whether a point has been run often enough.
    fn is_settled(&self, samples: &[Sample]) -> bool {
        let Repeat::Until(precision, metrics) = &self.plan.repeat else { return true };
        let narrow = |&metric: &usize| {
            let values: Vec<f64> = samples.iter().map(|sample| sample.values[metric]).filter(|v| !v.is_nan()).collect();
            values.is_empty()
                || over_replications(&values, &self.plan.metrics[metric].unit).is_some_and(|interval| {
                    interval.half_width() <= precision.ci_width.fraction() * interval.value.abs()
                })
        };
        samples.len() as u32 >= precision.cap || metrics.iter().all(narrow)
    }

    /// The samples of the cells wanted, each a point and a replication, in that order; `None` for what
    /// is not there and not this process's to run. Nothing at all if it was stopped.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub(super) fn cells(&self, wanted: &[(usize, u32)]) -> io::Result<Option<Vec<Option<Sample>>>> {
        self.progress.planned(wanted.len());
        let mut all: Vec<Got> =
            wanted.par_iter().with_max_len(1).map(|cell| self.cell(*cell)).collect::<io::Result<_>>()?;
        for (got, cell) in all.iter_mut().zip(wanted) {
            while matches!(got, Got::Claimed) {
                std::thread::sleep(POLL);
                *got = self.cell(*cell)?;
            }
        }
        let sample = |got| match got {
            Got::Done(sample) => Some(Some(sample)),
            Got::Missing => Some(None),
            Got::Claimed | Got::Stopped => None,
        };
        Ok(all.into_iter().map(sample).collect())
    }

    fn cell(&self, (point, replication): (usize, u32)) -> io::Result<Got> {
        let name = CellName { point: self.plan.points[point].fingerprint, replication };
        let reuse = |cell: Cell| {
            self.progress.advanced(1.0, 0);
            Ok(Got::Done(self.sample(&cell)))
        };
        if let Some(cell) = self.store.load(name) {
            return reuse(cell);
        }
        let Some(loaded) = self.scenarios.get(point).filter(|_| self.is_mine(point, replication)) else {
            return Ok(Got::Missing);
        };
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Got::Stopped);
        }
        let Some(claim) = self.store.claim(name)? else { return Ok(Got::Claimed) };
        // Another process may have finished it between the look and the claim.
        if let Some(cell) = self.store.load(name) {
            return reuse(cell);
        }
        let before = std::cell::Cell::new((0.0, 0));
        let advanced = |share: f64, events: u64| {
            let (share_before, events_before) = before.replace((share, events));
            self.progress.advanced(share - share_before, events - events_before);
        };
        let single = run::single(&loaded.scenario, &loaded.inputs, replication, self.stop, &advanced);
        let Some(single) = single else { return Ok(Got::Stopped) };
        let cell = Cell::from(single);
        self.store.save(name, &cell)?;
        drop(claim);
        Ok(Got::Done(self.sample(&cell)))
    }

    fn is_mine(&self, point: usize, replication: u32) -> bool {
        let number = match self.plan.repeat {
            Repeat::Times(_) => replication as usize * self.plan.points.len() + point,
            Repeat::Until(..) => point,
        };
        number % self.share.count == self.share.index
    }

    fn sample(&self, cell: &Cell) -> Sample {
        let metrics = self.plan.metrics.iter();
        let values = metrics.map(|metric| cell.value(&metric.kind, &metric.subject, &metric.name)).collect();
        Sample { values, digest: cell.digest }
    }
}
