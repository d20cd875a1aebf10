//! Exponential smoothing with trend and season.
//!
//! Until a whole season has been seen, Holt's linear method (1957): a level and a trend, each
//! smoothed. From then on the multiplicative method of Holt and Winters (1960): the same, with an
//! index for each step of the season by which the level is multiplied, for traffic swings in
//! proportion to its size. Formulas as in Hyndman and Athanasopoulos, Forecasting: Principles and
//! Practice, 3rd edition, sections 8.2 and 8.3. The first season sets the indices (each step's value by
//! the season's mean) and the level; the trend then starts level.

/// How much of each new error is believed, between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Smoothing {
    /// By the level.
    pub(super) level: f64,
    /// By the trend.
    pub(super) trend: f64,
    /// By the season's index of that step.
    pub(super) season: f64,
}

/// A level that moves.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    level: f64,
    trend: f64,
}

impl Line {
    fn ahead(self, steps: u64) -> f64 {
        self.level + self.trend * steps as f64
    }

    fn observe(&mut self, value: f64, smoothing: Smoothing) {
        let level = smoothing.level * value + (1.0 - smoothing.level) * self.ahead(1);
        self.trend = smoothing.trend * (level - self.level) + (1.0 - smoothing.trend) * self.trend;
        self.level = level;
    }
}

/// A forecaster of a series that is observed step by step.
#[derive(Clone, Debug)]
pub(super) struct HoltWinters {
    smoothing: Smoothing,
    /// Steps of a season.
    season: usize,
    /// While the first season lasts, its values; then the indices.
    indices: Vec<f64>,
    /// Steps observed.
    observed: u64,
    line: Line,
}

/// An index this small says nothing about the level.
const INDEX_MIN: f64 = 1e-3;

impl HoltWinters {
    /// One that has seen nothing; a season is at least a step long.
    pub(super) fn new(smoothing: Smoothing, season: usize) -> HoltWinters {
        assert!(season > 0, "a season of no steps");
        HoltWinters { smoothing, season, indices: Vec::with_capacity(season), observed: 0, line: Line::default() }
    }

    fn is_seasonal(&self) -> bool {
        self.observed >= self.season as u64
    }

    /// The index of the step `ahead` of the last one observed.
    fn slot(&self, ahead: u64) -> usize {
        ((self.observed + ahead - 1) % self.season as u64) as usize
    }

    /// The value expected `ahead` steps after the last one observed, never negative; `None` before
    /// anything was observed.
    pub(super) fn forecast(&self, ahead: u64) -> Option<f64> {
        let index = if self.is_seasonal() { self.indices[self.slot(ahead)] } else { 1.0 };
        (self.observed > 0).then(|| (self.line.ahead(ahead) * index).max(0.0))
    }

    /// Takes the next step's value; `None` if it was not measured, which changes no opinion.
    pub(super) fn observe(&mut self, value: Option<f64>) {
        let Some(value) = value.or_else(|| self.forecast(1)) else { return };
        if self.is_seasonal() {
            self.observe_seasonal(value);
        } else {
            match self.observed {
                0 => self.line = Line { level: value, trend: 0.0 },
                _ => self.line.observe(value, self.smoothing),
            }
            self.indices.push(value);
        }
        self.observed += 1;
        if self.observed == self.season as u64 {
            self.begin_seasons();
        }
    }

    fn begin_seasons(&mut self) {
        let mean = self.indices.iter().sum::<f64>() / self.season as f64;
        if mean > 0.0 {
            self.indices.iter_mut().for_each(|value| *value /= mean);
        } else {
            self.indices.fill(1.0);
        }
        self.line = Line { level: mean, trend: 0.0 };
    }

    fn observe_seasonal(&mut self, value: f64) {
        let slot = self.slot(1);
        let (index, expected) = (self.indices[slot], self.line.ahead(1));
        let deseasoned = if index < INDEX_MIN { expected } else { value / index };
        self.line.observe(deseasoned, self.smoothing);
        if expected > 0.0 {
            let share = self.smoothing.season;
            self.indices[slot] = share * value / expected + (1.0 - share) * index;
        }
    }
}
