//! How far a run is: a bar where there is a terminal, a line now and then where there is none.
#![allow(clippy::disallowed_types, reason = "people wait in wall-clock time; no figure of a run depends on it")]

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use scenarios::run::Progress;

use crate::args::ProgressStyle;

/// Tells a person how far a run is.
pub(crate) struct Reporter {
    state: Mutex<State>,
}

struct State {
    /// Share covered and events executed, by replication.
    replications: Vec<(f64, u64)>,
    begun: Instant,
    display: Display,
}

enum Display {
    Bar(ProgressBar),
    Plain(Pace),
    Nothing,
}

impl Reporter {
    /// A reporter for a run of `replications`.
    pub(crate) fn new(style: ProgressStyle, quiet: bool, replications: u32) -> Reporter {
        let display = match style {
            ProgressStyle::None => Display::Nothing,
            _ if quiet => Display::Nothing,
            ProgressStyle::Auto if io::stderr().is_terminal() => Display::Bar(bar()),
            ProgressStyle::Auto | ProgressStyle::Plain => Display::Plain(Pace::default()),
        };
        let replications = vec![(0.0, 0); replications as usize];
        Reporter { state: Mutex::new(State { replications, begun: Instant::now(), display }) }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        // A lock is poisoned only if another thread panicked, and then so does the whole run.
        if let Ok(state) = self.state.lock()
            && let Display::Bar(bar) = &state.display
        {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Reporter {
    fn advanced(&self, replication: u32, share: f64, events: u64) {
        let Ok(mut state) = self.state.lock() else { return };
        state.replications[replication as usize] = (share, events);
        let share = state.replications.iter().map(|(share, _)| share).sum::<f64>() / state.replications.len() as f64;
        let events: u64 = state.replications.iter().map(|(_, events)| events).sum();
        let elapsed = state.begun.elapsed();
        match &mut state.display {
            Display::Bar(bar) => {
                bar.set_position((share * BAR_STEPS as f64) as u64);
                bar.set_message(format!("{} events", millions(events)));
            }
            Display::Plain(pace) => {
                if pace.is_due(elapsed, share) {
                    // A closed standard error is no reason to stop.
                    let _ = writeln!(io::stderr().lock(), "{:3.0} %  {} events", share * 100.0, millions(events));
                }
            }
            Display::Nothing => {}
        }
    }
}

/// Tells a person how far a study is, and how long the rest will take.
pub(crate) struct StudyReporter {
    state: Mutex<StudyState>,
}

struct StudyState {
    planned: usize,
    /// Runs that were there already.
    reused: f64,
    ran: f64,
    events: u64,
    begun: Instant,
    display: Display,
}

impl StudyReporter {
    /// A reporter for a study.
    pub(crate) fn new(style: ProgressStyle, quiet: bool) -> StudyReporter {
        let display = match style {
            ProgressStyle::None => Display::Nothing,
            _ if quiet => Display::Nothing,
            ProgressStyle::Auto if io::stderr().is_terminal() => Display::Bar(study_bar()),
            ProgressStyle::Auto | ProgressStyle::Plain => Display::Plain(Pace::default()),
        };
        let begun = Instant::now();
        StudyReporter { state: Mutex::new(StudyState { planned: 0, reused: 0.0, ran: 0.0, events: 0, begun, display }) }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Ok(state) = self.state.lock()
            && let Display::Bar(bar) = &state.display
        {
            bar.finish_and_clear();
        }
    }
}

impl scenarios::study::Progress for StudyReporter {
    fn planned(&self, cells: usize) {
        if let Ok(mut state) = self.state.lock() {
            state.planned += cells;
        }
    }

    fn advanced(&self, share: f64, events: u64) {
        let Ok(mut state) = self.state.lock() else { return };
        if events == 0 && share == 1.0 {
            state.reused += share
        } else {
            state.ran += share
        }
        state.events += events;
        let (done, elapsed) = (state.ran + state.reused, state.begun.elapsed());
        let planned = state.planned as f64;
        // What was there already took no time and says nothing of the rest.
        let left = elapsed.as_secs_f64() * (planned - done).max(0.0) / state.ran.max(1e-9);
        let left = if state.ran > 0.0 { format!("{} to go", clock(left)) } else { String::new() };
        let message = format!("{done:.0} of {planned} runs  {} events  {left}", millions(state.events));
        match &mut state.display {
            Display::Bar(bar) => {
                bar.set_position((done / planned.max(1.0) * BAR_STEPS as f64) as u64);
                bar.set_message(message);
            }
            Display::Plain(pace) => {
                if pace.is_due(elapsed, done / planned.max(1.0)) {
                    // A closed standard error is no reason to stop.
                    let _ = writeln!(io::stderr().lock(), "{:3.0} %  {message}", done / planned.max(1.0) * 100.0);
                }
            }
            Display::Nothing => {}
        }
    }
}

fn study_bar() -> ProgressBar {
    let style = BarStyle::with_template("{bar:40} {percent:>3} %  {msg}");
    ProgressBar::new(BAR_STEPS).with_style(style.unwrap_or_else(|_| BarStyle::default_bar()))
}

fn clock(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

const BAR_STEPS: u64 = 1_000;

fn bar() -> ProgressBar {
    let style = BarStyle::with_template("{bar:40} {percent:>3} %  {msg}  {elapsed} gone, {eta} to go");
    ProgressBar::new(BAR_STEPS).with_style(style.unwrap_or_else(|_| BarStyle::default_bar()))
}

fn millions(events: u64) -> String {
    if events < 1_000_000 { events.to_string() } else { format!("{:.1} million", events as f64 / 1e6) }
}

/// When a plain line is due: every tenth of the run, but not within two seconds of the last line,
/// and after half a minute in any case.
#[derive(Debug, Default)]
struct Pace {
    last: Duration,
    tenths: u64,
}

impl Pace {
    fn is_due(&mut self, elapsed: Duration, share: f64) -> bool {
        let tenths = (share * 10.0 + 1e-9) as u64;
        let since = elapsed.saturating_sub(self.last);
        let due = since >= Duration::from_secs(2) && (tenths > self.tenths || since >= Duration::from_secs(30));
        if due {
            (self.last, self.tenths) = (elapsed, tenths);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_neither_many_nor_rare() {
        let lines = |seconds: u64| {
            let mut pace = Pace::default();
            let at = |step: u64| (Duration::from_millis(seconds * step), step as f64 / 1e3);
            (1..=1_000).filter(|step| pace.is_due(at(*step).0, at(*step).1)).count()
        };
        assert_eq!(lines(1), 0);
        assert_eq!(lines(20), 10);
        assert_eq!(lines(8), 4);
        assert_eq!(lines(600), 20);
    }
}
