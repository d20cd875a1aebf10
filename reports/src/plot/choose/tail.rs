//! Latency as a whole: what share was answered within which time, and what share was slower, by magnitude.
//!
//! The upper panel shows the usual request, the lower one the unlucky: a straight line there is a tail as heavy
//! as a power law, a bend downwards one that ends.

use sim_core::results::Distribution;

use super::{Chooser, busiest_of};
use crate::plot::axis::{Axis, Tick};
use crate::plot::chart::{Across, Caption, Chart, Line, LineChart, Look, Panel};
use crate::plot::style::LINES;
use crate::words;

/// Points that show a distribution.
const POINTS: u32 = 200;
/// The rarest that is shown, as a share.
const RAREST: f64 = 1e-6;
/// How many ticks the horizontal axis has, about.
const TICKS: usize = 6;

impl Chooser<'_> {
    /// Both panels, with a line a workload.
    pub(super) fn tails(&self) -> Option<Chart> {
        let of_kind =
            |one: &&Distribution| one.kind == "workload" && one.name == "latency" && one.histogram.count() > 1;
        let mut all: Vec<&Distribution> = self.results.distributions.iter().filter(of_kind).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.histogram.count()));
        let shown = &all[..all.len().min(LINES.len())];
        let n = shown.first()?.histogram.count();
        let rarest = (1.0 / n as f64).clamp(RAREST, 0.1);
        let lines = |points: fn(&Distribution, f64) -> Vec<(f64, f64)>| -> Vec<Line> {
            let line = |(one, color): (&&Distribution, _)| {
                let points = points(one, rarest.max(1.0 / one.histogram.count() as f64));
                Line { label: one.subject.clone(), color, look: Look::Plain, points, bands: Vec::new() }
            };
            shown.iter().zip(LINES).map(line).collect()
        };
        let (within, slower) = (lines(within), lines(slower));
        let reached = slower.iter().flat_map(|line| &line.points).map(|point| point.0).filter(|ms| *ms > 0.0);
        let (min, max) = reached.fold((f64::INFINITY, 0.0_f64), |(a, b), ms| (a.min(ms), b.max(ms)));
        if max <= min {
            return None;
        }
        let across = Axis::fitting([min, max].into_iter(), TICKS, words::plain);
        let label = if across.logarithmic { "latency (ms, logarithmic)" } else { "latency (ms)" };
        let shares = Axis { from: 100.0 * rarest, to: 100.0, logarithmic: true, ticks: ticks(rarest) };
        let panel =
            |label: &str, axis: Axis, lines| Panel { label: label.to_owned(), unit: "%".to_owned(), axis, lines };
        let notes = [busiest_of(all.len(), LINES.len(), "workload")];
        Some(Chart::Lines(LineChart {
            caption: Caption {
                name: "latency-tail-by-workload".to_owned(),
                title: "How many requests were answered within a time, and how many took longer".to_owned(),
                subtitle: self.subtitle(&notes),
            },
            across: Across::Measured(across, label.to_owned()),
            panels: vec![
                panel("answered within (%)", Axis::linear(100.0, 5), within),
                panel("slower than that (%, logarithmic)", shares, slower),
            ],
            windows: Vec::new(),
            warm_up_s: 0.0,
        }))
    }
}

/// The share answered within each latency.
fn within(one: &Distribution, _rarest: f64) -> Vec<(f64, f64)> {
    let share = |at: u32| f64::from(at) / f64::from(POINTS);
    (1..=POINTS).map(|at| (milliseconds(one, share(at)), 100.0 * share(at))).collect()
}

/// The share slower than each latency, down to the rarest.
fn slower(one: &Distribution, rarest: f64) -> Vec<(f64, f64)> {
    let share = |at: u32| libm::exp10(libm::log10(rarest) * f64::from(at) / f64::from(POINTS));
    // The very fastest may be fast beyond measure; it is no reason for another decade.
    (1..=POINTS).map(|at| (milliseconds(one, 1.0 - share(at)), 100.0 * share(at))).collect()
}

fn milliseconds(one: &Distribution, quantile: f64) -> f64 {
    one.histogram.quantile(quantile.clamp(0.001, 1.0)) as f64 / 1e6
}

/// 100, 10, 1, 0.1 … percent.
fn ticks(rarest: f64) -> Vec<Tick> {
    let all = (0..=6).map(|power| 100.0 * libm::exp10(-f64::from(power)));
    let shown = all.filter(|at| *at >= 99.0 * rarest);
    shown.map(|at| Tick { at, label: words::trimmed(at, 6) }).collect()
}
