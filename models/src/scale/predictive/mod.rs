//! Ahead of the load: replicas for what is forecast, not only for what is.
//!
//! New replicas take minutes to be of use; whoever waits for the load to arrive is late by that much.
//! This scaler watches the load in steps of `step`, forecasts it for `horizon` ahead and asks for
//! `ceil(load / per_replica)`. The forecast follows the trend until it has seen a whole season (in the
//! run or in a recording of the time before it), and then the season, scaled to the present level. It
//! may be wrong: never are there fewer replicas than the present load needs, and only the highest need
//! of the last `hold` lets replicas go.
//!
//! Sources: [`holt_winters`] names the method's. Scaling ahead by forecast is what AWS predictive scaling
//! and Google's predictive autoscaling do for VM groups, holding the highest recent need as well.

mod history;
mod holt_winters;

pub use history::History;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rate, Ratio, Span, Time};

use self::holt_winters::{HoltWinters, Smoothing};
use super::bounds::min_default;
use super::hpa::history::Recommendations;
use super::hpa::sync_period_default;
use super::{Bounds, Decision, Forecast, Reading, Reason, Scale, ScaleSurroundings, Signal};

/// Settings of the predictive scaler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predictive {
    /// The least replicas.
    #[serde(default = "min_default")]
    pub min: u32,
    /// The most replicas.
    pub max: u32,
    /// What one replica shall carry.
    pub per_replica: Rate,
    /// The load to forecast: what reaches the own service, unless told otherwise.
    #[serde(default = "load_default")]
    pub load: Signal,
    /// How far ahead: as long as a new replica takes to be of use, and a little more.
    #[serde(default = "horizon_default")]
    pub horizon: Span,
    /// After how long the load repeats itself; a multiple of `step`.
    #[serde(default = "season_default")]
    pub season: Span,
    /// The steps in which the load is averaged; at least `period`.
    #[serde(default = "step_default")]
    pub step: Span,
    /// What is known of the load before the run.
    #[serde(default)]
    pub history: Option<History>,
    /// How much of a new error the level takes in.
    #[serde(default = "level_default")]
    pub level: Ratio,
    /// How much the trend takes in.
    #[serde(default = "tenth")]
    pub trend: Ratio,
    /// How much the season takes in.
    #[serde(default = "tenth")]
    pub seasonality: Ratio,
    /// For how long the highest need keeps its replicas.
    #[serde(default = "hold_default")]
    pub hold: Span,
    /// How often it looks.
    #[serde(default = "sync_period_default")]
    pub period: Span,
}

fn load_default() -> Signal {
    Signal::Rate(String::new())
}

fn horizon_default() -> Span {
    Span::from_secs(300)
}

fn season_default() -> Span {
    Span::from_secs(86_400)
}

fn step_default() -> Span {
    Span::from_secs(60)
}

fn level_default() -> Ratio {
    Ratio::new(0.5)
}

fn tenth() -> Ratio {
    Ratio::new(0.1)
}

fn hold_default() -> Span {
    Span::from_secs(300)
}

/// More steps than any season needs; a backstop against typing errors.
const SEASON_STEPS_MAX: u64 = 1_000_000;

impl Predictive {
    pub(super) fn check(&self) -> Result<(), String> {
        Bounds { min: self.min, max: self.max }.check()?;
        self.load.check().map_err(|complaint| format!("load: {complaint}"))?;
        if self.per_replica.as_per_second() <= 0.0 {
            return Err("per_replica: a replica that carries nothing is no use".to_owned());
        }
        if self.period == Span::ZERO {
            return Err("period: it must be longer than zero".to_owned());
        }
        if self.step < self.period {
            return Err(format!("step: {} is less than period, {}", self.step, self.period));
        }
        if self.season < self.step || !self.season.as_nanos().is_multiple_of(self.step.as_nanos()) {
            return Err(format!("season: {} is not a multiple of step, {}", self.season, self.step));
        }
        if self.season.as_nanos() / self.step.as_nanos() > SEASON_STEPS_MAX {
            return Err(format!("season: {} has more than {SEASON_STEPS_MAX} steps", self.season));
        }
        for (field, share) in [("level", self.level), ("trend", self.trend), ("seasonality", self.seasonality)] {
            if share > Ratio::ONE {
                return Err(format!("{field}: {share} is more than 100%"));
            }
        }
        Ok(())
    }

    fn forecaster(&self) -> HoltWinters {
        let smoothing = Smoothing {
            level: self.level.fraction(),
            trend: self.trend.fraction(),
            season: self.seasonality.fraction(),
        };
        HoltWinters::new(smoothing, (self.season.as_nanos() / self.step.as_nanos()) as usize)
    }
}

impl Build<dyn Scale, ScaleSurroundings> for Predictive {
    /// Panics if the recording has not been read, see [`History::check`].
    fn build(&self, surroundings: &ScaleSurroundings) -> Box<dyn Scale> {
        let mut forecaster = self.forecaster();
        let history = self.history.as_ref().map(|history| history.steps(&surroundings.traces, self.step));
        history.into_iter().flatten().for_each(|load| forecaster.observe(Some(load)));
        Box::new(Predicting {
            settings: self.clone(),
            forecaster,
            step: 0,
            samples: Mean::default(),
            predictions: VecDeque::new(),
            needs: Recommendations::default(),
        })
    }
}

/// A mean in the making.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn value(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

struct Predicting {
    settings: Predictive,
    forecaster: HoltWinters,
    /// The present step's number, from the run's beginning.
    step: u64,
    /// What was measured in it so far.
    samples: Mean,
    /// What was predicted for which step, oldest first.
    predictions: VecDeque<(u64, f64)>,
    needs: Recommendations,
}

impl Predicting {
    fn step_at(&self, time: Time) -> u64 {
        time.as_nanos() / self.settings.step.as_nanos()
    }

    /// Takes in what was measured up to `now`, and closes the steps that are over. Answers with the
    /// error of the prediction for the last of them.
    fn observe(&mut self, now: Time, load: Option<f64>) -> Option<f64> {
        // The sample tells of the time before now.
        let sampled = self.step_at(Time::from_nanos(now.as_nanos().saturating_sub(1)));
        let mut error = None;
        while self.step < sampled {
            error = self.close_step().or(error);
        }
        if let Some(load) = load.filter(|_| now > Time::ZERO) {
            self.samples.sum += load;
            self.samples.count += 1;
        }
        if self.step < self.step_at(now) {
            error = self.close_step().or(error);
        }
        error
    }

    fn close_step(&mut self) -> Option<f64> {
        let actual = std::mem::take(&mut self.samples).value();
        self.forecaster.observe(actual);
        let due = self.predictions.pop_front_if(|&mut (step, _)| step <= self.step);
        let predicted = due.filter(|&(step, _)| step == self.step).map(|(_, predicted)| predicted);
        self.step += 1;
        let actual = actual.filter(|&actual| actual > 0.0)?;
        Some((predicted? - actual).abs() / actual)
    }

    /// The load of the step in which the horizon ends.
    fn predict(&mut self, now: Time) -> Option<f64> {
        let target = self.step_at(now + self.settings.horizon);
        let value = self.forecaster.forecast(target - self.step + 1)?;
        // One prediction is judged for each step: the first.
        if self.predictions.back().is_none_or(|&(step, _)| step < target) && target > self.step {
            self.predictions.push_back((target, value));
        }
        Some(value)
    }

    fn replicas(&self, load: f64) -> u32 {
        (load / self.settings.per_replica.as_per_second()).ceil() as u32
    }
}

impl Scale for Predicting {
    fn decide(&mut self, now: Time, reading: &Reading<'_>) -> Decision {
        let present = reading.signals.first().copied().flatten().map(|load| load.max(0) as f64 / 1e3);
        let error = self.observe(now, present);
        let predicted = self.predict(now);
        let Predictive { min, max, hold, .. } = self.settings;
        let bounds = Bounds { min, max };
        let (need, reason) = match (present, predicted) {
            (None, None) => return Decision::new(bounds.hold(reading.desired), Reason::FailedGetExternalMetric),
            (Some(present), predicted) if predicted.is_none_or(|predicted| predicted <= present) => {
                (present, Reason::PresentLoad)
            }
            (_, Some(predicted)) => (predicted, Reason::Forecast),
            (Some(present), None) => (present, Reason::PresentLoad),
        };
        let wish = bounds.hold(self.replicas(need));
        let replicas = bounds.hold(self.needs.stabilize(now, hold, wish));
        let reason = if replicas > wish { Reason::ScaleDownStabilized } else { reason };
        let forecast = predicted.map(|value| Forecast { value, error });
        Decision { replicas, reason, forecast }
    }

    fn period(&self) -> Span {
        self.settings.period
    }

    fn looks_at_pods(&self) -> bool {
        false
    }
}
