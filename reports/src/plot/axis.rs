//! Axes: where a value lies, and which values deserve a label.
//!
//! Ticks fall on numbers that people count in: 1, 2, 5 times a power of ten; on a clock, round
//! seconds, minutes and hours; on a percentile axis, 90, 99, 99.9 %. plotters maps values to pixels
//! through its [`Ranged`] trait, which [`Axis`] implements.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use crate::words;

/// A value worth a label, with that label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
}

/// An axis from `from` to `to`, drawn at scale or by magnitude.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) logarithmic: bool,
    pub(crate) ticks: Vec<Tick>,
}

/// Ranges wider than this are drawn by magnitude, where the caller allows it.
const WIDE_SPAN: f64 = 40.0;

impl Axis {
    /// From zero to a round number that is not below `max`, with about `count` ticks.
    pub(crate) fn linear(max: f64, count: usize) -> Axis {
        let max = if max > 0.0 && max.is_finite() { max } else { 1.0 };
        let step = round_step(max / count as f64);
        let steps = (max / step - 1e-9).ceil().max(1.0);
        let decimals = (0..9).find(|decimals| is_whole(step * power_of_ten(*decimals))).unwrap_or(9);
        let tick = |at: f64| Tick { at: at * step, label: words::grouped(at * step, decimals as usize) };
        let ticks = (0..=steps as u32).map(|at| tick(f64::from(at))).collect();
        Axis { from: 0.0, to: steps * step, logarithmic: false, ticks }
    }

    /// Around a reference: from a round number at or below `min` to one at or above `max`, both of which may be
    /// negative, with about `count` ticks.
    pub(crate) fn around(min: f64, max: f64, count: usize) -> Axis {
        let (min, max) = (min.min(max), if max > min { max } else { min + 1.0 });
        let step = round_step((max - min) / count as f64);
        let (first, last) = ((min / step + 1e-9).floor() as i64, (max / step - 1e-9).ceil() as i64);
        let decimals = (0..9).find(|decimals| is_whole(step * power_of_ten(*decimals))).unwrap_or(9);
        let tick = |at: i64| Tick { at: at as f64 * step, label: words::grouped(at as f64 * step, decimals as usize) };
        let ticks = (first..=last).map(tick).collect();
        Axis { from: first as f64 * step, to: last as f64 * step, logarithmic: false, ticks }
    }

    /// Names at 0, 1, 2 …, with half a step of room at both ends.
    pub(crate) fn named(names: &[String]) -> Axis {
        let tick = |(at, name): (usize, &String)| Tick { at: at as f64, label: name.clone() };
        let ticks = names.iter().enumerate().map(tick).collect();
        Axis { from: -0.5, to: names.len() as f64 - 0.5, logarithmic: false, ticks }
    }

    /// By magnitude, from a round number at or below `min` to one at or above `max`, with about twice
    /// `count` ticks if it spans little: powers of ten only where more would crowd.
    ///
    /// # Panics
    ///
    /// If `min` is not above zero.
    pub(crate) fn logarithmic(min: f64, max: f64, count: usize, label: fn(f64) -> String) -> Axis {
        assert!(min > 0.0, "a logarithmic axis has no zero");
        // Three ticks a decade.
        let decades_max = 0.66 * count as f64;
        let parts: &[f64] = if libm::log10(max / min) > decades_max { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let (first, last) = (libm::log10(min).floor() as i32 - 1, libm::log10(max).ceil() as i32 + 1);
        let round = (first..=last).flat_map(|power| parts.iter().map(move |part| part * power_of_ten(power)));
        let round: Vec<f64> = round.collect();
        let from = round.iter().rev().copied().find(|at| *at <= min * (1.0 + 1e-9)).unwrap_or(min);
        let to = round.iter().copied().find(|at| *at >= max * (1.0 - 1e-9) && *at > from).unwrap_or(max);
        let shown = round.into_iter().filter(|at| *at >= from && *at <= to);
        Axis { from, to, logarithmic: true, ticks: shown.map(|at| Tick { at, label: label(at) }).collect() }
    }

    /// Linear, or by magnitude if the positive ones of `values` span too much for a scale.
    pub(crate) fn fitting(values: impl Iterator<Item = f64>, count: usize, label: fn(f64) -> String) -> Axis {
        let (mut min, mut max) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| value.is_finite() && *value > 0.0) {
            (min, max) = (min.min(value), max.max(value));
        }
        if max > min * WIDE_SPAN { Axis::logarithmic(min, max, count, label) } else { Axis::linear(max, count) }
    }

    /// Time since the start, `from` to `to` in seconds, with at most `count` ticks.
    pub(crate) fn time(from: f64, to: f64, count: usize) -> Axis {
        let to = if to > from { to } else { from + 1.0 };
        let step = clock_step((to - from) / count as f64);
        let (first, last) = ((from / step - 1e-9).ceil() as u64, (to / step + 1e-9).floor() as u64);
        let tick = |at: u64| Tick { at: at as f64 * step, label: clock_label(at as f64 * step, step) };
        Axis { from, to, logarithmic: false, ticks: (first..=last).map(tick).collect() }
    }

    /// Percentiles up to that which one of `n` observations exceeds, by the magnitude of the share
    /// that is slower, at most 99.9999 %. Positions are 1 / (1 − percentile).
    pub(crate) fn percentiles(n: u64) -> Axis {
        const NAMED: [&str; 7] = ["0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %"];
        let to = (n.max(20) as f64).min(1e6);
        let mut ticks: Vec<Tick> = Vec::new();
        for (power, label) in NAMED.into_iter().enumerate() {
            ticks.push(Tick { at: power_of_ten(power as i32), label: label.to_owned() });
        }
        ticks.insert(1, Tick { at: 2.0, label: "50 %".to_owned() });
        ticks.retain(|tick| tick.at <= to);
        Axis { from: 1.0, to, logarithmic: true, ticks }
    }

    /// Where `value` lies: 0 at the start of the axis, 1 at its end, and never beyond.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let share = if !self.logarithmic {
            (value - self.from) / (self.to - self.from)
        } else if value <= self.from {
            0.0
        } else {
            libm::log10(value / self.from) / libm::log10(self.to / self.from)
        };
        share.clamp(0.0, 1.0)
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (self.place(*value) * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.iter().map(|tick| tick.at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

/// The least of 1, 2, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = libm::log10(least).floor() as i32;
    let steps = [1.0, 2.0, 5.0, 10.0].map(|part| part * power_of_ten(power));
    steps.into_iter().find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(steps[3])
}

/// The least round length of time that is not below `least` seconds.
fn clock_step(least: f64) -> f64 {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 3_600.0;
    const DAY: f64 = 24.0 * HOUR;
    let round =
        [5.0, 10.0, 15.0, 30.0, MINUTE, 2.0 * MINUTE, 5.0 * MINUTE, 10.0 * MINUTE, 15.0 * MINUTE, 30.0 * MINUTE];
    let long = [HOUR, 2.0 * HOUR, 3.0 * HOUR, 6.0 * HOUR, 12.0 * HOUR, DAY, 2.0 * DAY, 7.0 * DAY];
    if least <= 2.0 {
        return round_step(least);
    }
    let fits = round.into_iter().chain(long).find(|step| *step >= least * (1.0 - 1e-9));
    fits.unwrap_or_else(|| DAY * round_step(least / DAY))
}

/// A tick of a time axis: `1:30` is hours and minutes, `1:30:00` has seconds too; days count from 0.
fn clock_label(at: f64, step: f64) -> String {
    let total = at.round() as u64;
    if step < 1.0 {
        return format!("{} s", words::trimmed(at, 9));
    }
    if step >= 86_400.0 {
        return format!("{} d", total / 86_400);
    }
    let (hours, minutes, seconds) = (total / 3_600, total / 60 % 60, total % 60);
    match step < 60.0 {
        true if hours > 0 => format!("{hours}:{minutes:02}:{seconds:02}"),
        true => format!("0:{minutes:02}:{seconds:02}"),
        false => format!("{hours}:{minutes:02}"),
    }
}

/// What the labels of a time axis mean.
pub(crate) fn clock_unit(axis: &Axis) -> &'static str {
    match axis.ticks.last().map(|tick| tick.label.as_str()) {
        Some(label) if label.ends_with('s') => "time since the start",
        Some(label) if label.ends_with('d') => "days since the start",
        Some(label) if label.matches(':').count() == 2 => "time since the start (h:mm:ss)",
        _ => "time since the start (h:mm)",
    }
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6
}

/// Exact for the powers that charts need.
fn power_of_ten(power: i32) -> f64 {
    libm::exp10(f64::from(power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(axis: &Axis) -> String {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round() {
        insta::assert_snapshot!(labels(&Axis::linear(14_000.0, 5)), @"0 5,000 10,000 15,000");
        insta::assert_snapshot!(labels(&Axis::linear(0.37, 5)), @"0.0 0.1 0.2 0.3 0.4");
        insta::assert_snapshot!(labels(&Axis::logarithmic(0.8, 900.0, 5, words::plain)), @"0.5 1 2 5 10 20 50 100 200 500 1,000");
        insta::assert_snapshot!(labels(&Axis::logarithmic(0.8, 9e6, 5, words::plain)), @"0.1 1 10 100 1,000 10,000 100,000 1,000,000 10,000,000");
        insta::assert_snapshot!(labels(&Axis::time(0.0, 6.0 * 3600.0, 10)), @"0:00 1:00 2:00 3:00 4:00 5:00 6:00");
        insta::assert_snapshot!(labels(&Axis::time(0.0, 1800.0, 10)), @"0:00 0:05 0:10 0:15 0:20 0:25 0:30");
        insta::assert_snapshot!(labels(&Axis::time(0.0, 90.0, 8)), @"0:00:00 0:00:15 0:00:30 0:00:45 0:01:00 0:01:15 0:01:30");
        insta::assert_snapshot!(labels(&Axis::time(0.0, 2.0, 5)), @"0 s 0.5 s 1 s 1.5 s 2 s");
        insta::assert_snapshot!(labels(&Axis::percentiles(20_000)), @"0 % 50 % 90 % 99 % 99.9 % 99.99 %");
    }

    proptest! {
        #[test]
        fn every_axis_covers_its_values_with_few_ticks(min in 1e-6..1e6_f64, factor in 1.0..1e6_f64, count in 2_usize..12) {
            let max = min * factor;
            for axis in [Axis::linear(max, count), Axis::logarithmic(min, max, count, words::plain), Axis::time(0.0, max, count)] {
                prop_assert!(axis.to >= max * (1.0 - 1e-6), "{axis:?}");
                prop_assert!((1..=28).contains(&axis.ticks.len()), "{axis:?}");
                prop_assert!(axis.ticks.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].label != pair[1].label), "{axis:?}");
                prop_assert_eq!(axis.place(axis.from), 0.0);
                prop_assert_eq!(axis.place(axis.to), 1.0);
            }
        }
    }
}
