//! Retries with back-off and jitter.
//!
//! The wait before retry n (from 1) is `first * factor^(n-1)`, at most `max`, then spread by jitter
//! so that clients who failed together do not return together. Sources: Brooker, "Exponential
//! Backoff and Jitter" (AWS, 2015), whose base 5 ms is `first: "10ms"` here because its first wait
//! is already doubled; gRPC A6 (+-20 % applied after the cap); resilience4j (cap after the jitter);
//! nginx's proxy_next_upstream (`elsewhere`, no wait). Retry budgets and hedges are policies of their own.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Draw, Ratio, Span, Time};

use super::{Admit, Passage, Policy, Settle};
use crate::outcome::Outcome;

/// Sends a call again after a failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Attempts in total, the first included.
    pub attempts: u32,
    /// The wait before the first retry.
    pub first: Span,
    /// How much longer each further wait is; 1 keeps it fixed.
    pub factor: f64,
    /// The longest wait.
    pub max: Span,
    /// How a wait is spread.
    pub jitter: Jitter,
    /// Whether `max` bounds the wait before or after the jitter.
    pub cap: CapAt,
    /// Whether decorrelated jitter remembers the last wait for a call or for its client.
    pub memory: Memory,
    /// The outcomes that are tried again.
    pub on: Vec<Outcome>,
    /// Whether a retry avoids the backends this call has tried.
    pub elsewhere: bool,
}

/// How a wait `w` is spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Jitter {
    /// Exactly `w`.
    None,
    /// Uniform in 0 to `w`.
    Full,
    /// Half of `w`, and uniform in 0 to the other half.
    Equal,
    /// Uniform in `first` to three times the last wait, which begins as `first`; `factor` is not used.
    Decorrelated,
    /// Uniform in `w` less to `w` plus this share of it.
    PlusMinus(Ratio),
}

/// Where the longest wait is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CapAt {
    /// Before the jitter, which may then exceed it, as gRPC does.
    BeforeJitter,
    /// After the jitter, as resilience4j does.
    AfterJitter,
}

/// What remembers the last wait of decorrelated jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Memory {
    /// Each call begins anew.
    PerCall,
    /// A client's next call goes on where its last ended, as in AWS's program.
    PerClient,
}

/// More attempts than anyone wants; a backstop against typing errors.
const ATTEMPTS_MAX: u32 = 1_000;

impl Default for Retry {
    fn default() -> Retry {
        Retry {
            attempts: 3,
            first: Span::from_millis(100),
            factor: 2.0,
            max: Span::from_secs(10),
            jitter: Jitter::Full,
            cap: CapAt::BeforeJitter,
            memory: Memory::PerCall,
            on: vec![
                Outcome::Error,
                Outcome::QueueFull,
                Outcome::Timeout,
                Outcome::Refused,
                Outcome::Reset,
                Outcome::Lost,
                Outcome::NoBackend,
                Outcome::Dependency,
            ],
            elsewhere: false,
        }
    }
}

impl Retry {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.attempts == 0 {
            return Err("attempts: the first one counts too, so it is at least 1".to_owned());
        }
        if self.attempts > ATTEMPTS_MAX {
            return Err(format!("attempts: {} attempts are more than {ATTEMPTS_MAX}", self.attempts));
        }
        if self.first > self.max {
            return Err(format!("first: {} is more than max, {}, which would cut it short", self.first, self.max));
        }
        if !(self.factor.is_finite() && self.factor >= 0.0) {
            return Err(format!("factor: a wait cannot grow by {}", self.factor));
        }
        if matches!(self.jitter, Jitter::PlusMinus(share) if share > Ratio::ONE) {
            return Err("jitter: more than 100% would make waits negative".to_owned());
        }
        if self.on.iter().any(|outcome| !outcome.is_failure()) {
            return Err("on: only failures can be retried, neither Ok nor Cancelled".to_owned());
        }
        Ok(())
    }

    /// The wait before retry number `retry` (from 1). `last` is what the jitter remembers: zero
    /// before the first wait, and then the last one.
    pub fn wait(&self, retry: u32, last: &mut Span, draws: &mut impl Draw) -> Span {
        let plain = self.first.scale(libm::pow(self.factor, f64::from(retry.saturating_sub(1))));
        let capped = match self.cap {
            CapAt::BeforeJitter => plain.min(self.max),
            CapAt::AfterJitter => plain,
        };
        let spread = match self.jitter {
            Jitter::None => capped,
            Jitter::Full => capped.scale(draws.unit()),
            Jitter::Equal => capped.scale(0.5 + 0.5 * draws.unit()),
            Jitter::Decorrelated => {
                let low = self.first;
                let high = (*last).max(low) * 3;
                (low + (high - low).scale(draws.unit())).min(self.max)
            }
            Jitter::PlusMinus(share) => capped.scale(1.0 + share.fraction() * (2.0 * draws.unit() - 1.0)),
        };
        *last = match self.cap {
            CapAt::BeforeJitter => spread,
            CapAt::AfterJitter => spread.min(self.max),
        };
        *last
    }
}

impl Build<dyn Policy, ()> for Retry {
    fn build(&self, _context: &()) -> Box<dyn Policy> {
        let mut retried = [false; Outcome::ALL.len()];
        for &outcome in &self.on {
            retried[outcome as usize] = true;
        }
        Box::new(Retrying { settings: self.clone(), retried, last_by_client: Vec::new() })
    }
}

#[derive(Debug)]
struct Retrying {
    settings: Retry,
    retried: [bool; Outcome::ALL.len()],
    last_by_client: Vec<Span>,
}

impl Policy for Retrying {
    fn admit(&mut self, _now: Time, call: &mut Passage<'_>) -> Admit {
        if self.settings.memory == Memory::PerClient {
            call.memo.span = self.last_by_client.get(call.client as usize).copied().unwrap_or(Span::ZERO);
        }
        Admit::Pass
    }

    fn settle(&mut self, _now: Time, call: &mut Passage<'_>, outcome: Outcome) -> Settle {
        call.memo.count += 1;
        if !self.retried[outcome as usize] || call.memo.count >= self.settings.attempts {
            return Settle::Deliver(outcome);
        }
        let after = self.settings.wait(call.memo.count, &mut call.memo.span, call.draws);
        if self.settings.memory == Memory::PerClient {
            let client = call.client as usize;
            if self.last_by_client.len() <= client {
                self.last_by_client.resize(client + 1, Span::ZERO);
            }
            self.last_by_client[client] = call.memo.span;
        }
        Settle::Retry { after, elsewhere: self.settings.elsewhere }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::{Seed, Span};

    use super::*;

    fn waits(retry: &Retry, count: u32) -> Vec<Span> {
        let mut rng = Seed::new(1).stream("test");
        let mut last = Span::ZERO;
        (1..=count).map(|n| retry.wait(n, &mut last, &mut rng)).collect()
    }

    fn millis(values: &[u64]) -> Vec<Span> {
        values.iter().copied().map(Span::from_millis).collect()
    }

    #[test]
    fn waits_grow_to_the_cap() {
        let retry = Retry { jitter: Jitter::None, max: Span::from_millis(500), ..Retry::default() };
        assert_eq!(waits(&retry, 5), millis(&[100, 200, 400, 500, 500]));
        assert_eq!(waits(&Retry { factor: 1.0, ..retry }, 3), millis(&[100, 100, 100]));
    }

    #[test]
    fn jitter_keeps_each_kind_to_its_range() {
        let ms = |retry: &Retry, n| waits(retry, n).into_iter().map(Span::as_millis_f64).collect::<Vec<_>>();
        let fixed = Retry { factor: 1.0, ..Retry::default() };
        let within = |jitter, low: f64, high: f64| {
            let all = ms(&Retry { jitter, ..fixed.clone() }, 10_000);
            let (min, max) = all.iter().fold((f64::MAX, 0.0f64), |(a, b), &w| (a.min(w), b.max(w)));
            // Inside the range, and reaching to within 1 % of both its ends.
            let slack = (high - low) / 100.0;
            assert!(min >= low && min < low + slack && max <= high && max > high - slack, "{jitter:?}: {min}..{max}");
        };
        within(Jitter::Full, 0.0, 100.0);
        within(Jitter::Equal, 50.0, 100.0);
        within(Jitter::PlusMinus(Ratio::new(0.2)), 80.0, 120.0);
    }

    #[test]
    fn decorrelated_waits_build_on_the_last_one() {
        let retry = Retry { jitter: Jitter::Decorrelated, max: Span::from_millis(2_000), ..Retry::default() };
        let mut last = retry.first;
        for wait in waits(&retry, 1_000) {
            assert!(wait >= retry.first && wait <= (last * 3).min(retry.max));
            last = wait;
        }
    }

    #[test]
    fn the_cap_holds_before_or_after_the_jitter() {
        let jitter = Jitter::PlusMinus(Ratio::new(0.2));
        let grpc = Retry { jitter, max: Span::from_millis(100), ..Retry::default() };
        assert!(waits(&grpc, 1_000).into_iter().any(|wait| wait > grpc.max));
        let resilience4j = Retry { cap: CapAt::AfterJitter, ..grpc };
        assert!(waits(&resilience4j, 1_000).into_iter().all(|wait| wait <= resilience4j.max));
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        let secs = Span::from_secs;
        assert_eq!(Retry { first: secs(20), max: secs(20), ..Retry::default() }.check(), Ok(()));
        let refused = [
            ("attempts", Retry { attempts: 0, ..Retry::default() }),
            ("attempts", Retry { attempts: ATTEMPTS_MAX + 1, ..Retry::default() }),
            ("first", Retry { first: secs(20), max: secs(10), ..Retry::default() }),
            ("factor", Retry { factor: -1.0, ..Retry::default() }),
            ("jitter", Retry { jitter: Jitter::PlusMinus(Ratio::new(1.5)), ..Retry::default() }),
            ("on", Retry { on: vec![Outcome::Ok], ..Retry::default() }),
        ];
        for (field, retry) in refused {
            let wrong = retry.check().expect_err(field);
            assert!(wrong.starts_with(&format!("{field}: ")), "{wrong}");
        }
    }
}
