//! A study as asked for: in a file, or piece by piece on the command line.

use std::path::Path;

use super::factor::{self, Factor, Level};
use super::schema::{Design, Replications, Study, WarmUp};
use crate::file::{self, Code, Diagnostic, Diagnostics, Outline, Problem, Source, key};

/// A study before its scenario has been looked at.
#[derive(Clone, Debug)]
pub struct Request {
    /// What reports call it.
    pub name: String,
    /// What it asks.
    pub description: String,
    /// The scenario file, relative to the working folder.
    pub scenario: String,
    /// Overrides at every point.
    pub set: Vec<String>,
    /// What is varied.
    pub factors: Vec<Factor>,
    /// Points of their own, instead of a design: whole files and variants of them.
    pub variants: Vec<Variant>,
    /// Which combinations are run.
    pub design: Design,
    /// What must hold between factors.
    pub constraints: Vec<String>,
    /// How often each point is run.
    pub replications: Replications,
    /// How much of each run's start no figure includes; `None` leaves it to the scenario.
    pub warm_up: Option<WarmUp>,
    /// The figures to report; none means the usual ones.
    pub metrics: Vec<String>,
    /// What is best.
    pub goal: Option<String>,
    /// What must hold of the best.
    pub limits: Vec<String>,
    /// The factor whose settings are compared.
    pub compare: Option<String>,
    /// A relative difference below this does not matter.
    pub margin: f64,
    /// The shell command that repeats the study, for reports.
    pub command: String,
    /// The study file, for messages.
    pub(super) source: Option<Source>,
}

/// A point of its own: a file with overrides.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What tables call it.
    pub label: String,
    /// The scenario file.
    pub file: String,
    /// Its overrides.
    pub set: Vec<String>,
}

impl Request {
    /// A study of the scenario file `scenario`, with nothing varied yet.
    pub fn of_scenario(scenario: &str) -> Request {
        let stem = Path::new(scenario).file_stem().and_then(|stem| stem.to_str()).unwrap_or("study");
        Request {
            name: stem.to_owned(),
            description: String::new(),
            scenario: scenario.to_owned(),
            set: Vec::new(),
            factors: Vec::new(),
            variants: Vec::new(),
            design: Design::Full,
            constraints: Vec::new(),
            replications: Replications::default(),
            warm_up: None,
            metrics: Vec::new(),
            goal: None,
            limits: Vec::new(),
            compare: None,
            margin: MARGIN,
            command: String::new(),
            source: None,
        }
    }

    /// Reads a study file, or takes a scenario file for a study in which nothing is varied yet.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, with its place. A scenario is not looked at here.
    pub fn read(path: &str) -> Result<Request, Diagnostics> {
        let source = Source::read(path)?;
        let is_study = Outline::parse(source.text()).is_ok_and(|outline| outline.name() == "Study");
        if !is_study {
            return Ok(Request::of_scenario(path));
        }
        let study: Study = file::parse(&source)?;
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        Request::of_study(study, source, folder)
    }

    fn of_study(study: Study, source: Source, folder: &Path) -> Result<Request, Diagnostics> {
        let mut problems = Vec::new();
        let mut factors = Vec::new();
        for (path, text) in &study.factors {
            match Factor::read(path, text) {
                Ok(factor) => factors.push(factor),
                Err(message) => {
                    problems.push(Problem::new(Code::InvalidValue, format!("factors.{}", key(path)), message));
                }
            }
        }
        if !problems.is_empty() {
            return Err(Diagnostics::locate(&problems, &source));
        }
        factor::name(&mut factors);
        Ok(Request {
            name: study.name,
            description: study.description,
            scenario: folder.join(&study.scenario).to_string_lossy().into_owned(),
            set: study.set,
            factors,
            variants: Vec::new(),
            design: study.design,
            constraints: study.constraints,
            replications: study.replications,
            warm_up: study.warm_up,
            metrics: study.metrics,
            goal: study.goal,
            limits: study.subject_to,
            compare: study.compare,
            margin: MARGIN,
            command: String::new(),
            source: Some(source),
        })
    }

    /// Whether it was read from a study file.
    pub fn is_study(&self) -> bool {
        self.source.is_some()
    }

    /// Varies one thing more; a factor of the same path is replaced.
    ///
    /// # Errors
    ///
    /// What is wrong with `argument`, which is `path=a,b,c` or `path=1..5:3`.
    pub fn vary(&mut self, argument: &str) -> Result<(), Diagnostics> {
        let factor = Factor::parse(argument).map_err(|message| Diagnostic::new(Code::Override, "--param", message))?;
        self.factors.retain(|known| known.path != factor.path);
        self.factors.push(factor);
        factor::name(&mut self.factors);
        Ok(())
    }

    /// The messages for what is wrong with the part of the study at `path`.
    pub(super) fn complain(&self, code: Code, path: &str, message: impl Into<String>) -> Diagnostics {
        match &self.source {
            Some(source) if Outline::parse(source.text()).is_ok_and(|outline| outline.span(path).is_some()) => {
                Diagnostics::locate(&[Problem::new(code, path, message)], source)
            }
            _ => Diagnostic::new(code, "the command line", message).into(),
        }
    }

    /// The same as `found`, where it is about a setting of a factor shown where the study says it.
    pub(super) fn blame(&self, found: Diagnostics, levels: &[Level]) -> Diagnostics {
        let one = |diagnostic: Diagnostic| {
            if &*diagnostic.file != "--set" {
                return diagnostic;
            }
            let (Some(source), Some(text)) = (&self.source, diagnostic.shown()) else { return diagnostic };
            let factor =
                self.factors.iter().zip(levels).find(|(_, level)| level.settings.iter().any(|set| set == text));
            let path = match factor {
                Some((factor, level)) => {
                    let list = format!("factors.{}", key(&factor.path));
                    let at = factor.grid().and_then(|grid| grid.iter().position(|known| known == level));
                    at.map_or(list.clone(), |at| format!("{list}[{at}]"))
                }
                None => match self.set.iter().position(|set| set == text) {
                    Some(at) => format!("set[{at}]"),
                    None => return diagnostic,
                },
            };
            // What the command line has set stands in no file.
            if !Outline::parse(source.text()).is_ok_and(|outline| outline.span(&path).is_some()) {
                return diagnostic;
            }
            let mut problem = Problem::new(diagnostic.code, path, diagnostic.message.clone());
            problem.help = diagnostic.help.clone();
            Diagnostic::locate(&problem, source)
        };
        Diagnostics(found.0.into_iter().map(one).collect())
    }
}

/// Relative differences of less than this do not matter, if nothing else is said.
pub const MARGIN: f64 = 0.05;
