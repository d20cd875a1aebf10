//! A rate laid out as straight pieces, and the clock that runs along them.
//!
//! A Poisson process of any rate is one of rate 1 on a warped time axis: walk until the area under
//! the rate has grown by an exponential draw (Çınlar 1975, inversion). On a straight piece that is a
//! quadratic with a closed form, so nothing is thinned or iterated. Constants, steps, ramps and
//! spikes are straight already. A wave is replaced by 256 chords a period, which are off by at most
//! 75 millionths of its amplitude and have its exact mean over a period; products of slopes are cut
//! as finely.

use sim_core::Time;

/// Chords per wave, and per slope that is multiplied with another factor.
const CHORDS: u128 = 256;

/// A rate over time: a sum of products.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    pub(super) terms: Vec<Term>,
}

/// One product: a rate a second times dimensionless factors.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) per_second: f64,
    pub(super) factors: Vec<Factor>,
}

/// A dimensionless function of time.
#[derive(Clone, Debug)]
pub(super) enum Factor {
    /// Straight lines between knots in rising order; level before the first and after the last.
    Line(Vec<Knot>),
    /// `1 + amplitude * cos` with its peak at `peak_at` and every `period` (in ns) before and after.
    Wave { amplitude: f64, period: u64, peak_at: u64 },
}

/// Where a line bends or jumps: the values just before and from `at` (in ns) on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knot {
    pub(super) at: u64,
    pub(super) before: f64,
    pub(super) after: f64,
}

/// The two limits of a function at an instant; they differ at a jump.
#[derive(Clone, Copy, Debug)]
struct Limits {
    before: f64,
    after: f64,
}

impl Factor {
    fn at(&self, now: u64) -> Limits {
        match self {
            Factor::Line(knots) => line_at(knots, now),
            Factor::Wave { amplitude, period, peak_at } => {
                let phase = wave_phase(now, *period, *peak_at) as f64 / *period as f64;
                let value = 1.0 + amplitude * libm::cos(std::f64::consts::TAU * phase);
                // An amplitude of 1 rounds to a hair below zero in the trough.
                Limits { before: value.max(0.0), after: value.max(0.0) }
            }
        }
    }

    /// The end of the straight piece that `now` begins; `fine` cuts slopes into chords as well.
    fn piece_end(&self, now: u64, fine: bool) -> u64 {
        match self {
            Factor::Line(knots) => {
                let next = knots.partition_point(|knot| knot.at <= now);
                let Some(end) = knots.get(next) else { return u64::MAX };
                let begin = next.checked_sub(1).map(|index| &knots[index]);
                match begin {
                    Some(begin) if fine && begin.after != end.before => {
                        begin.at + next_chord(now - begin.at, end.at - begin.at)
                    }
                    _ => end.at,
                }
            }
            Factor::Wave { period, peak_at, .. } => {
                let phase = wave_phase(now, *period, *peak_at);
                now.saturating_add(next_chord(phase, *period) - phase)
            }
        }
    }

    /// If the factor is zero at `now` and stays so for a while: until when.
    fn zero_until(&self, now: u64) -> Option<u64> {
        let Factor::Line(knots) = self else { return None };
        let end = knots.get(knots.partition_point(|knot| knot.at <= now));
        let zero = line_at(knots, now).after == 0.0 && end.is_none_or(|end| end.before == 0.0);
        zero.then(|| end.map_or(u64::MAX, |end| end.at))
    }
}

fn line_at(knots: &[Knot], now: u64) -> Limits {
    let next = knots.partition_point(|knot| knot.at <= now);
    if next == 0 {
        let value = knots.first().map_or(1.0, |knot| knot.before);
        return Limits { before: value, after: value };
    }
    let begin = knots[next - 1];
    if begin.at == now {
        return Limits { before: begin.before, after: begin.after };
    }
    let value = knots.get(next).map_or(begin.after, |end| {
        begin.after + (end.before - begin.after) * ((now - begin.at) as f64 / (end.at - begin.at) as f64)
    });
    Limits { before: value, after: value }
}

/// Nanoseconds since the last peak.
fn wave_phase(now: u64, period: u64, peak_at: u64) -> u64 {
    let (now, peak) = (now % period, peak_at % period);
    if now >= peak { now - peak } else { now + (period - peak) }
}

/// The first multiple of `length` / 256, rounded up, that lies after `offset`.
fn next_chord(offset: u64, length: u64) -> u64 {
    let length = u128::from(length);
    let index = u128::from(offset) * CHORDS / length + 1;
    // At most `length` rounded up to a chord: it fits.
    (index * length).div_ceil(CHORDS) as u64
}

impl Term {
    fn at(&self, now: u64) -> Limits {
        let start = Limits { before: self.per_second, after: self.per_second };
        self.factors.iter().map(|factor| factor.at(now)).fold(start, |product, factor| Limits {
            before: product.before * factor.before,
            after: product.after * factor.after,
        })
    }

    fn piece_end(&self, now: u64) -> u64 {
        // While one factor is zero the others do not matter: no need to follow a wave through the night.
        if let Some(until) = self.factors.iter().filter_map(|factor| factor.zero_until(now)).max() {
            return until;
        }
        let fine = self.factors.len() > 1;
        self.factors.iter().map(|factor| factor.piece_end(now, fine)).min().unwrap_or(u64::MAX)
    }
}

impl Curve {
    /// The rate a second from `now` on.
    pub(super) fn rate_at(&self, now: Time) -> f64 {
        self.at(now.as_nanos()).after
    }

    fn at(&self, now: u64) -> Limits {
        self.terms.iter().map(|term| term.at(now)).fold(Limits { before: 0.0, after: 0.0 }, |sum, term| Limits {
            before: sum.before + term.before,
            after: sum.after + term.after,
        })
    }

    fn piece_end(&self, now: u64) -> u64 {
        self.terms.iter().map(|term| term.piece_end(now)).min().unwrap_or(u64::MAX)
    }

    /// The straight piece that begins at `begin` and ends at the next bend, or at `limit` before it.
    fn piece(&self, begin: u64, limit: u64) -> Piece {
        let bend = self.piece_end(begin);
        let end = bend.min(limit);
        let rate = self.at(begin).after * 1e-9;
        // Beyond the last bend the curve is level, whatever the last instant of time rounds to.
        let rate_end = if bend == u64::MAX { rate } else { self.at(end).before * 1e-9 };
        Piece { begin, end, slope: Slope::new((end - begin) as f64, rate, rate_end) }
    }

    /// The area under the rate, that is the expected number of arrivals, from `begin` to `end`.
    pub(super) fn area(&self, begin: Time, end: Time) -> f64 {
        let (mut now, end) = (begin.as_nanos(), end.as_nanos());
        let mut area = 0.0;
        while now < end {
            let piece = self.piece(now, end);
            area += piece.slope.area;
            now = piece.end;
        }
        area
    }
}

/// A rate that changes linearly over a stretch of time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slope {
    pub(super) rate: f64,
    pub(super) slope: f64,
    /// `1 / slope`, or `1 / rate` where the rate is level: a product is cheaper than a quotient.
    inverse: f64,
    /// The rate changes so little that differences of rates would lose digits.
    gentle: bool,
    /// The whole area under the stretch.
    pub(super) area: f64,
}

impl Slope {
    /// From `rate` to `rate_end` over `length`, in whatever units suit the caller.
    pub(super) fn new(length: f64, rate: f64, rate_end: f64) -> Slope {
        let rise = rate_end - rate;
        let slope = if rise == 0.0 { 0.0 } else { rise / length };
        let inverse = if slope == 0.0 { 1.0 / rate } else { 1.0 / slope };
        let gentle = rise.abs() < 1e-4 * rate;
        Slope { rate, slope, inverse, gentle, area: (rate + rate_end) * 0.5 * length }
    }

    /// How far into the stretch the area under it has grown to `area`, which is at most [`Slope::area`].
    #[inline]
    pub(super) fn position(&self, area: f64) -> f64 {
        if self.slope == 0.0 {
            return area * self.inverse;
        }
        // The root of rate * x + slope * x^2 / 2 = area, with two ways to write it.
        let rate_there = (self.rate * self.rate + 2.0 * self.slope * area).max(0.0).sqrt();
        if self.gentle { 2.0 * area / (self.rate + rate_there) } else { (rate_there - self.rate) * self.inverse }
    }
}

/// A straight piece of a curve, in nanoseconds and arrivals a nanosecond.
#[derive(Clone, Copy, Debug)]
struct Piece {
    begin: u64,
    end: u64,
    slope: Slope,
}

/// Runs along a curve and stops wherever the area has grown by what is asked for.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    curve: Curve,
    piece: Piece,
    /// Area between the piece's begin and the clock's hand.
    area: f64,
    last: u64,
    halt: u64,
}

impl Clock {
    /// A clock at the beginning of time.
    pub(super) fn new(curve: Curve) -> Clock {
        let piece = curve.piece(0, u64::MAX);
        Clock { curve, piece, area: 0.0, last: 0, halt: u64::MAX }
    }

    /// Moves on until `area` more arrivals are expected, and says when that is; `None` if the clock
    /// reaches its halt, or the end of time, before that. Never goes back.
    #[inline]
    pub(super) fn advance(&mut self, area: f64) -> Option<Time> {
        self.area += area;
        while self.area >= self.piece.slope.area {
            self.area -= self.piece.slope.area;
            if self.piece.end >= self.halt {
                self.area = 0.0;
                return None;
            }
            self.piece = self.curve.piece(self.piece.end, self.halt);
        }
        let offset = (self.piece.slope.position(self.area) + 0.5) as u64;
        // Rounding may move an instant by one nanosecond, but never before the one that preceded it.
        self.last = self.last.max((self.piece.begin.saturating_add(offset)).min(self.piece.end));
        Some(Time::from_nanos(self.last))
    }

    /// Lets the clock, which must have reached its halt or not have moved, run on to `halt`.
    pub(super) fn halt_at(&mut self, halt: u64) {
        let begin = if self.halt == u64::MAX { self.piece.begin } else { self.piece.end };
        self.halt = halt;
        self.piece = self.curve.piece(begin, halt);
    }

    /// Whether no arrival will ever follow the halt.
    pub(super) fn is_spent(&self) -> bool {
        let now = self.piece.end;
        now == u64::MAX || (self.curve.piece_end(now) == u64::MAX && self.curve.at(now).after == 0.0)
    }

    /// The halt that was set last.
    pub(super) fn halt(&self) -> u64 {
        self.halt
    }
}
