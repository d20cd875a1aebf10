//! Parts of a run that checks look at: before, during and after faults, or between two times.
//!
//! A part is made of whole steps. Which faults strike, and when, is known only while the run goes
//! on, so each step is sorted when it ends. Calm between two faults is part of neither: what comes
//! after faults is measured anew after the last.

use models::world::Fact;
use sim_core::{Span, Time};

use super::Tally;
use crate::schema::{During, Scenario};

/// Stretches of a part that are told apart, at most; from half of it on, they are joined in pairs.
const STRETCHES_MAX: usize = 20;

/// Sorts steps into the parts that are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows {
    wanted: Vec<During>,
    /// By fault: how often it is active.
    active: Vec<u32>,
    /// Whether any was active in the current step.
    touched: bool,
    struck: bool,
    covered: Vec<Covered>,
}

/// The steps of a part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Covered {
    /// When they ended, in order.
    pub(crate) ends: Vec<Time>,
    /// How long they are together.
    pub(crate) span: Span,
}

/// What the end of a step means for a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It belongs to it.
    Inside,
    /// It does not.
    Outside,
    /// It does not, and the part begins anew.
    Anew,
}

impl Windows {
    /// The parts that the checks of `scenario` look at, but for the whole.
    pub(crate) fn of(scenario: &Scenario) -> Windows {
        let mut wanted: Vec<During> = Vec::new();
        for expect in &scenario.expect {
            if expect.during != During::Whole && !wanted.contains(&expect.during) {
                wanted.push(expect.during);
            }
        }
        Windows {
            active: vec![0; scenario.faults.len()],
            covered: vec![Covered::default(); wanted.len()],
            wanted,
            ..Windows::default()
        }
    }

    /// Which of them `during` is, and its steps.
    pub(crate) fn find(&self, during: During) -> Option<(usize, &Covered)> {
        let at = self.wanted.iter().position(|wanted| *wanted == during)?;
        Some((at, &self.covered[at]))
    }

    pub(super) fn fact(&mut self, fact: &Fact) {
        match *fact {
            Fact::Struck { fault, at_once, .. } => {
                (self.touched, self.struck) = (true, true);
                if let Some(active) = self.active.get_mut(usize::from(fault.0)) {
                    *active += u32::from(!at_once);
                }
            }
            Fact::Mended { fault, .. } => {
                if let Some(active) = self.active.get_mut(usize::from(fault.0)) {
                    *active = active.saturating_sub(1);
                }
            }
            _ => {}
        }
    }

    /// What the step that ends now means for each part; `measured` is whether the warm-up is over.
    pub(super) fn end_step(&mut self, from: Time, to: Time, measured: bool) -> Vec<Part> {
        let parts: Vec<Part> = self.wanted.iter().map(|wanted| self.part(*wanted, from, to)).collect();
        for (covered, part) in self.covered.iter_mut().zip(&parts).filter(|_| measured) {
            match part {
                Part::Inside => {
                    covered.ends.push(to);
                    covered.span += to.since(from);
                }
                Part::Anew => *covered = Covered::default(),
                Part::Outside => {}
            }
        }
        self.touched = self.active.iter().any(|active| *active > 0);
        parts
    }

    fn part(&self, during: During, from: Time, to: Time) -> Part {
        let inside = match during {
            During::Whole => true,
            During::BeforeFaults => !self.struck,
            During::Faults => self.touched,
            During::AfterFaults if self.touched => return Part::Anew,
            During::AfterFaults => self.struck,
            During::Between(begin, end) => Time::ZERO + begin <= from && to <= Time::ZERO + end,
        };
        if inside { Part::Inside } else { Part::Outside }
    }
}

/// What was counted in a part of the run, cut into stretches of equal length for its scatter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stretches {
    pub(crate) tallies: Vec<Tally>,
    /// Steps of each, in doublings.
    doublings: u32,
    /// Steps of the last.
    filled: u32,
}

impl Stretches {
    /// Takes in what was counted in a step.
    pub(super) fn end_step(&mut self, part: Part, tally: &Tally) {
        match part {
            Part::Outside => return,
            Part::Anew => return *self = Stretches::default(),
            Part::Inside => {}
        }
        if self.tallies.is_empty() || self.filled == 1 << self.doublings {
            if self.tallies.len() == STRETCHES_MAX {
                self.join();
            }
            self.tallies.push(Tally::default());
            self.filled = 0;
        }
        self.tallies.last_mut().expect("just seen to").merge(tally);
        self.filled += 1;
    }

    fn join(&mut self) {
        for pair in 0..STRETCHES_MAX / 2 {
            let mut joined = std::mem::take(&mut self.tallies[2 * pair]);
            joined.merge(&self.tallies[2 * pair + 1]);
            self.tallies[pair] = joined;
        }
        self.tallies.truncate(STRETCHES_MAX / 2);
        self.doublings += 1;
    }
}

#[cfg(test)]
mod tests {
    use models::chaos::{FaultId, StrikeId};

    use super::*;

    /// Which of steps of ten seconds are in each part, where facts come in the middle of some.
    fn sorted(wanted: During, facts: &[(u64, Fact)]) -> String {
        let mut windows =
            Windows { wanted: vec![wanted], active: vec![0], covered: vec![Covered::default()], ..Windows::default() };
        let time = |step: u64| Time::from_nanos(step * 10_000_000_000);
        for step in 0..10 {
            facts.iter().filter(|(at, _)| *at == step).for_each(|(_, fact)| windows.fact(fact));
            windows.end_step(time(step), time(step + 1), true);
        }
        let ends = &windows.covered[0].ends;
        (0..10).map(|step| if ends.contains(&time(step + 1)) { '#' } else { '.' }).collect()
    }

    #[test]
    fn steps_are_sorted_by_what_struck_and_was_mended() {
        let (fault, strike) = (FaultId(0), StrikeId(0));
        let struck = Fact::Struck { fault, strike, victims: 1, at_once: false };
        let mended = Fact::Mended { fault, strike };
        let momentary = [(2, Fact::Struck { fault, strike, victims: 1, at_once: true })];
        let twice = [(2, struck), (4, mended), (6, struck), (7, mended)];
        assert_eq!(sorted(During::BeforeFaults, &twice), "##........");
        assert_eq!(sorted(During::Faults, &twice), "..###.##..");
        assert_eq!(sorted(During::AfterFaults, &twice), "........##", "the calm between does not count");
        assert_eq!(sorted(During::Faults, &twice[..1]), "..########", "what is never mended goes on");
        assert_eq!(sorted(During::Faults, &momentary), "..#.......", "what only strikes is over");
        assert_eq!(sorted(During::AfterFaults, &momentary), "...#######");
        assert_eq!(sorted(During::BeforeFaults, &[]), "##########");
        let between = During::Between(Span::from_secs(15), Span::from_secs(60));
        assert_eq!(sorted(between, &[]), "..####....", "whole steps only");
    }

    #[test]
    fn stretches_join_and_lose_nothing() {
        let mut stretches = Stretches::default();
        for step in 1..=100_u64 {
            let tally = Tally { begun: step, ..Tally::default() };
            stretches.end_step(Part::Inside, &tally);
            stretches.end_step(Part::Outside, &tally);
            assert!(stretches.tallies.len() <= STRETCHES_MAX);
        }
        assert_eq!(stretches.tallies.iter().map(|tally| tally.begun).sum::<u64>(), 5_050);
        assert_eq!(stretches.tallies[0].begun, (1..=8).sum::<u64>(), "100 steps in stretches of 8");
        stretches.end_step(Part::Anew, &Tally::default());
        assert!(stretches.tallies.is_empty());
    }
}
