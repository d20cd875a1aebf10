//! From a request to a plan: every point's scenario read and checked, every name resolved.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use sim_core::Span;
use sim_core::stats::mser;

use super::cell::{Figure, Fingerprint};
use super::constraint::Constraint;
use super::design;
use super::factor::{self, Level};
use super::metric::{Goal, Limit, Metric, USUAL};
use super::plan::{Plan, PlannedPoint, Repeat};
use super::request::{Request, Variant};
use super::schema::{Design, Replications, WarmUp};
use crate::file::{Code, Diagnostics, Source};
use crate::{Loaded, run};

/// A plan, and the scenarios of its points.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What is run and reported.
    pub plan: Plan,
    /// A scenario a point.
    pub scenarios: Vec<Loaded>,
}

/// A point's label and its setting of each factor.
type Labelled = (String, Vec<Level>);

/// The most replications of a point.
const REPLICATIONS_MAX: u32 = 100_000;

impl Request {
    /// Reads and checks everything that the study needs; with [`WarmUp::Auto`] every point is run once.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the study or with the scenario of one of its points.
    pub fn prepare(&self, stop: &AtomicBool) -> Result<Prepared, Diagnostics> {
        let (points, mut scenarios) = self.points()?;
        let first = &scenarios[0];
        let seed = first.scenario.seed;
        if let Some(other) = scenarios.iter().position(|loaded| loaded.scenario.seed != seed) {
            let message = format!(
                "`{}` has another seed than `{}`: only runs of the same seed can be compared pair by pair",
                points[other].0, points[0].0
            );
            return Err(self.complain(Code::InvalidValue, "scenario", message));
        }
        let known: Vec<Figure> =
            run::figures_of(&first.scenario, &first.inputs).into_iter().map(Figure::from).collect();
        let mut metrics = self.resolved_metrics(&known)?;
        let goal = self.resolved_goal(&known)?;
        let limits = self.resolved_limits(&known)?;
        let repeat = self.repeat(&metrics, &known)?;
        let scenario = first.scenario.name.clone();
        let unsettled = self.warm_up(&mut scenarios, stop)?;
        let aims = goal.iter().map(|goal| &goal.metric).chain(limits.iter().map(|limit| &limit.metric));
        for metric in aims {
            if !metrics.contains(metric) {
                metrics.push(metric.clone());
            }
        }
        let (groups, compares) = self.groups(&points)?;
        let warm_up = scenarios.iter().map(|loaded| loaded.scenario.warm_up).max().unwrap_or(Span::ZERO);
        let planned = points.into_iter().zip(&scenarios).map(|((label, levels), loaded)| PlannedPoint {
            label,
            levels,
            fingerprint: Fingerprint::of(loaded),
        });
        let plan = Plan {
            name: self.name.clone(),
            description: self.description.clone(),
            scenario,
            seed,
            factors: self.factors.iter().map(|factor| (factor.name.clone(), factor.path.clone())).collect(),
            points: planned.collect(),
            metrics,
            repeat,
            goal,
            limits,
            groups,
            compares,
            warm_up,
            warm_up_found: self.warm_up == Some(WarmUp::Auto),
            unsettled,
            margin: self.margin,
            text: self.source.as_ref().map_or(String::new(), |source| source.text().to_owned()),
            command: self.command.clone(),
        };
        Ok(Prepared { plan, scenarios })
    }

    /// Every point's label and settings, and its scenario.
    fn points(&self) -> Result<(Vec<Labelled>, Vec<Loaded>), Diagnostics> {
        if !self.variants.is_empty() {
            let load = |variant: &Variant| crate::load(&variant.file, &[&self.set[..], &variant.set].concat());
            let loaded = self.variants.iter().map(load).collect::<Result<_, _>>()?;
            let labels = self.variants.iter().map(|variant| (variant.label.clone(), Vec::new()));
            return Ok((labels.collect(), loaded));
        }
        let base = crate::source(&self.scenario, &[])?;
        let base = self.set.iter().try_fold(base, |source, text| source.set(text));
        let base = base.map_err(|found| self.blame(found.into(), &[]))?;
        let loaded = crate::parse(&base, self.folder()).map_err(|found| self.blame(found, &[]))?;
        let rows = design::points(&self.design, &self.factors, loaded.scenario.seed)
            .map_err(|(path, message)| self.complain(Code::InvalidValue, &path, message))?;
        let rows = self.constrained(rows)?;
        let all: Vec<Loaded> = rows.iter().map(|levels| self.at(&base, levels)).collect::<Result<_, _>>()?;
        let label = |levels: &Vec<Level>| match &levels[..] {
            [] => self.name.clone(),
            levels => levels.iter().map(|level| level.label.as_str()).collect::<Vec<_>>().join(", "),
        };
        Ok((rows.into_iter().map(|levels| (label(&levels), levels)).collect(), all))
    }

    fn folder(&self) -> &Path {
        Path::new(&self.scenario).parent().unwrap_or(Path::new(""))
    }

    /// The scenario at a point.
    fn at(&self, base: &Source, levels: &[Level]) -> Result<Loaded, Diagnostics> {
        let settings = levels.iter().flat_map(|level| &level.settings);
        let mut source = base.clone();
        for text in settings {
            source = source.set(text).map_err(|found| self.blame(found.into(), levels))?;
        }
        crate::parse(&source, self.folder()).map_err(|found| self.blame(found, levels))
    }

    /// The points of which every constraint holds.
    fn constrained(&self, rows: Vec<Vec<Level>>) -> Result<Vec<Vec<Level>>, Diagnostics> {
        let mut kept = rows;
        for (index, text) in self.constraints.iter().enumerate() {
            let fail = |message| self.complain(Code::InvalidValue, &format!("constraints[{index}]"), message);
            let constraint = Constraint::parse(text, &self.factors).map_err(fail)?;
            let holds: Vec<bool> =
                kept.iter().map(|levels| constraint.holds(levels)).collect::<Result<_, _>>().map_err(fail)?;
            let mut holds = holds.into_iter();
            kept.retain(|_| holds.next() == Some(true));
        }
        if kept.is_empty() {
            return Err(self.complain(
                Code::InvalidValue,
                "constraints",
                "no point is left of which all of these hold",
            ));
        }
        Ok(kept)
    }

    fn resolved_metrics(&self, known: &[Figure]) -> Result<Vec<Metric>, Diagnostics> {
        if self.metrics.is_empty() {
            return Ok(USUAL.iter().filter_map(|name| Metric::find(name, known).ok()).collect());
        }
        let mut metrics: Vec<Metric> = Vec::new();
        for (index, text) in self.metrics.iter().enumerate() {
            let metric = Metric::find(text, known)
                .map_err(|message| self.complain(Code::UnknownReference, &format!("metrics[{index}]"), message))?;
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        Ok(metrics)
    }

    fn resolved_goal(&self, known: &[Figure]) -> Result<Option<Goal>, Diagnostics> {
        let Some(text) = &self.goal else { return Ok(None) };
        let goal = Goal::parse(text, known);
        Ok(Some(goal.map_err(|message| self.complain(Code::UnknownReference, "goal", message))?))
    }

    fn resolved_limits(&self, known: &[Figure]) -> Result<Vec<Limit>, Diagnostics> {
        let limit = |(index, text): (usize, &String)| {
            let path = format!("subject_to[{index}]");
            Limit::parse(text, known).map_err(|message| self.complain(Code::UnknownReference, &path, message))
        };
        self.limits.iter().enumerate().map(limit).collect()
    }

    fn repeat(&self, metrics: &[Metric], known: &[Figure]) -> Result<Repeat, Diagnostics> {
        let fail = |message: String| self.complain(Code::InvalidValue, "replications", message);
        match &self.replications {
            Replications::Constant(times @ 1..=REPLICATIONS_MAX) => Ok(Repeat::Times(*times)),
            Replications::Constant(times) => {
                Err(fail(format!("a point is run 1 to {REPLICATIONS_MAX} times, not {times}")))
            }
            Replications::Auto(precision) => {
                if precision.least < 2 || precision.cap < precision.least || precision.cap > REPLICATIONS_MAX {
                    let range = format!("at least 2, at most {REPLICATIONS_MAX}, `least` not above `cap`");
                    return Err(fail(format!("`least` is {} and `cap` {}: {range}", precision.least, precision.cap)));
                }
                if precision.ci_width.fraction() <= 0.0 {
                    return Err(fail("an interval has some width: such as `ci_width: \"2%\"`".to_owned()));
                }
                let index = |text: &String| {
                    let metric = Metric::find(text, known).map_err(fail)?;
                    metrics
                        .iter()
                        .position(|known| *known == metric)
                        .ok_or_else(|| fail(format!("`{text}` is not among the study's metrics")))
                };
                let watched = precision.metrics.iter().map(index).collect::<Result<Vec<_>, _>>()?;
                let watched = if watched.is_empty() { (0..metrics.len()).collect() } else { watched };
                Ok(Repeat::Until(precision.clone(), watched))
            }
        }
    }

    /// Sets the warm-up of all points; which of them never settle, if it had to be found.
    fn warm_up(&self, scenarios: &mut [Loaded], stop: &AtomicBool) -> Result<Vec<usize>, Diagnostics> {
        let (length, unsettled) = match self.warm_up {
            None => return Ok(Vec::new()),
            Some(WarmUp::Constant(length)) => (length, Vec::new()),
            Some(WarmUp::Auto) => {
                let cut = |loaded: &Loaded| {
                    let scenario = &loaded.scenario;
                    let steps = mser(&run::requests_in_system(scenario, &loaded.inputs, stop));
                    steps.map(|steps| scenario.step() * steps as u64)
                };
                let cuts: Vec<Option<Span>> = scenarios.par_iter().map(cut).collect();
                let unsettled = (0..cuts.len()).filter(|&point| cuts[point].is_none()).collect();
                (cuts.into_iter().flatten().max().unwrap_or(Span::ZERO), unsettled)
            }
        };
        for loaded in scenarios {
            if length >= loaded.scenario.duration {
                let message = format!("a warm-up of {length} leaves nothing of {}", loaded.scenario.duration);
                return Err(self.complain(Code::InvalidValue, "warm_up", message));
            }
            loaded.scenario.warm_up = length;
        }
        Ok(unsettled)
    }

    /// Which points are held against each other, and whether they are compared pair by pair.
    fn groups(&self, points: &[Labelled]) -> Result<(Vec<Vec<usize>>, bool), Diagnostics> {
        let whole = vec![(0..points.len()).collect::<Vec<_>>()];
        let compared = match &self.compare {
            Some(name) => Some(
                factor::find(&self.factors, name)
                    .map_err(|message| self.complain(Code::UnknownReference, "compare", message))?,
            ),
            None => self.factors.iter().position(|factor| !factor.is_numeric()),
        };
        Ok(match (&self.design, compared) {
            (Design::OneAtATime, _) => (whole, true),
            (Design::Full, Some(compared)) => {
                let others = |levels: &[Level]| -> Vec<String> {
                    let labels = levels.iter().enumerate().filter(|(factor, _)| *factor != compared);
                    labels.map(|(_, level)| level.label.clone()).collect()
                };
                let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
                for (index, (_, levels)) in points.iter().enumerate() {
                    let shared = others(levels);
                    match groups.iter_mut().find(|(known, _)| *known == shared) {
                        Some((_, group)) => group.push(index),
                        None => groups.push((shared, vec![index])),
                    }
                }
                (groups.into_iter().map(|(_, group)| group).collect(), true)
            }
            (Design::Full, None) => (whole, self.factors.len() <= 1),
            _ => (whole, false),
        })
    }
}
