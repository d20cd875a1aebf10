//! What a lost message costs: TCP sends it again, after a pause that doubles.
//!
//! The first pause is the round trip plus 200 ms: RFC 6298 adds four times the round trip's
//! variation, and Linux counts that as at least `TCP_RTO_MIN`, 200 ms. Each further pause is twice
//! as long, up to 120 s (`TCP_RTO_MAX`). After 15 retransmissions (`tcp_retries2`) the sender gives
//! up; on a short path that is 924.6 s after the first, the figure in Linux's ip-sysctl.
//!
//! Left out: fast retransmit, which needs more data behind the lost segment than a call has.

use sim_core::{Draw, Span, Time};

const RTO_MIN: Span = Span::from_millis(200);
const RTO_MAX: Span = Span::from_secs(120);
const RETRANSMISSIONS: u32 = 15;

/// The pause before the first retransmission on a path of that round-trip time.
fn pause_first(round_trip: Span) -> Span {
    (round_trip + RTO_MIN).min(RTO_MAX)
}

/// How long a message is held up before a transmission gets through, if each is lost with
/// probability `loss`; `None` if the sender gives up.
pub(crate) fn hold_up(loss: f64, round_trip: Span, draws: &mut impl Draw) -> Option<Span> {
    let mut held_up = Span::ZERO;
    let mut pause = pause_first(round_trip);
    for _ in 0..=RETRANSMISSIONS {
        if !draws.chance(loss) {
            return Some(held_up);
        }
        held_up += pause;
        pause = (pause * 2).min(RTO_MAX);
    }
    None
}

/// When a message that is sent at `sent` is transmitted, again and again, until the sender gives up.
fn transmissions(round_trip: Span, sent: Time) -> impl Iterator<Item = Time> {
    let pauses = std::iter::successors(Some(pause_first(round_trip)), |pause| Some((*pause * 2).min(RTO_MAX)));
    let times = pauses.scan(sent, |at, pause| Some(std::mem::replace(at, *at + pause)));
    times.take(RETRANSMISSIONS as usize + 1)
}

/// The first transmission after `now` of what was sent first at `sent`, if there is one.
pub(crate) fn transmission_after(round_trip: Span, sent: Time, now: Time) -> Option<Time> {
    transmissions(round_trip, sent).find(|at| *at > now)
}

/// How long after sending a message the sender gives up.
pub(super) fn patience(round_trip: Span) -> Span {
    let mut total = Span::ZERO;
    let mut pause = pause_first(round_trip);
    for _ in 0..=RETRANSMISSIONS {
        total += pause;
        pause = (pause * 2).min(RTO_MAX);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::Seed;

    #[test]
    fn patience_is_what_the_linux_manual_says() {
        assert_eq!(patience(Span::ZERO), Span::from_millis(924_600));
    }

    #[test]
    fn everything_lost_is_given_up_and_nothing_lost_draws_nothing() {
        let mut rng = Seed::new(1).stream("transport");
        let before = rng.clone().next_u64();
        assert_eq!(hold_up(0.0, Span::ZERO, &mut rng), Some(Span::ZERO));
        assert_eq!(hold_up(1.0, Span::ZERO, &mut rng), None);
        assert_eq!(rng.next_u64(), before);
    }

    #[test]
    fn the_mean_delay_is_that_of_doubling_pauses() {
        // k losses in a row have probability p^k (1 - p) and cost (2^k - 1) pauses.
        let (loss, pause) = (0.1_f64, 0.3);
        let expected: f64 = (1..8)
            .map(|k| libm::pow(loss, f64::from(k)) * (1.0 - loss) * (libm::exp2(f64::from(k)) - 1.0) * pause)
            .sum();
        let mut rng = Seed::new(2).stream("transport");
        let runs = 400_000;
        let held_up: Span = (0..runs).filter_map(|_| hold_up(loss, Span::from_millis(100), &mut rng)).sum();
        let mean = held_up.as_secs_f64() / f64::from(runs);
        assert!((mean - expected).abs() < 0.02 * expected, "{mean} s, not {expected} s");
    }
}
