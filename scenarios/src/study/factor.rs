//! Factors: what is varied, and to what.

use ron::value::RawValue;
use serde::{Deserialize, Serialize};
use sim_core::study;

use super::quantity::{Range, magnitude};
use crate::file::{Outline, did_you_mean};

/// Something that a study varies.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// What tables call it: the end of its path, as much as it takes to tell it from others.
    pub name: String,
    /// The path of the value; a name of its own where several values are set at once.
    pub path: String,
    pub(crate) domain: Domain,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Domain {
    Levels(Vec<Level>),
    Range(Range),
}

/// A setting of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// What tables call it.
    pub label: String,
    /// The overrides that it stands for, as `--set` takes them.
    pub settings: Vec<String>,
}

impl Level {
    fn of(path: &str, value: &str) -> Level {
        let label = value.trim().trim_matches('"');
        let label = label.strip_suffix("()").unwrap_or(label);
        Level { label: label.to_owned(), settings: vec![format!("{path}={}", value.trim())] }
    }

    /// Its size, for quantities: in seconds, per second, bytes, cores, or as it is.
    pub fn magnitude(&self) -> Option<f64> {
        magnitude(&self.label)
    }

    pub(super) fn data(&self) -> study::Level {
        study::Level { label: self.label.clone(), magnitude: self.magnitude() }
    }
}

impl Factor {
    /// The factor of a study file.
    pub(super) fn read(path: &str, text: &RawValue) -> Result<Factor, String> {
        let text = text.get_ron().trim();
        let outline = Outline::parse(text).map_err(|error| error.message)?;
        let domain = if let Some(items) = outline.elements() {
            Domain::Levels(items.into_iter().map(|item| Level::of(path, item)).collect())
        } else if let Some(entries) = outline.map_entries() {
            let level = |(label, value): (String, &str)| {
                let settings = ron::from_str::<Vec<String>>(value);
                let settings = settings.map_err(|_| format!("`{label}` is a list of overrides: [\"path=value\"]"))?;
                Ok(Level { label, settings })
            };
            Domain::Levels(entries.into_iter().map(level).collect::<Result<_, String>>()?)
        } else {
            let range = ron::from_str::<String>(text);
            Domain::Range(Range::parse(
                &range.map_err(|_| "settings are a list, a range in quotes, or a map".to_owned())?,
            )?)
        };
        Factor::new(path, domain)
    }

    /// The factor of a command line: `path=a,b,c` or `path=1..5:3`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in a sentence.
    pub fn parse(argument: &str) -> Result<Factor, String> {
        let (path, values) = argument
            .split_once('=')
            .ok_or_else(|| format!("`{argument}` is no factor: write path=a,b,c or path=1..5:3"))?;
        let (path, values) = (path.trim(), values.trim());
        if path.is_empty() || values.is_empty() {
            return Err(format!("`{argument}` is no factor: write path=a,b,c or path=1..5:3"));
        }
        let pieces = split_outside(values, ',');
        let domain = match pieces[..] {
            [one] if one.contains("..") => Domain::Range(Range::parse(one.trim().trim_matches('"'))?),
            _ => Domain::Levels(pieces.into_iter().map(|value| Level::of(path, value)).collect()),
        };
        Factor::new(path, domain)
    }

    fn new(path: &str, domain: Domain) -> Result<Factor, String> {
        if let Domain::Levels(levels) = &domain {
            if levels.is_empty() {
                return Err("a factor has at least one setting".to_owned());
            }
            if let Some(twice) = levels.iter().enumerate().find(|(at, level)| levels[..*at].contains(level)) {
                return Err(format!("`{}` is given twice", twice.1.label));
            }
        }
        Ok(Factor { name: path.to_owned(), path: path.to_owned(), domain })
    }

    /// The settings of a grid; `None` for a range without steps.
    pub(super) fn grid(&self) -> Option<Vec<Level>> {
        match &self.domain {
            Domain::Levels(levels) => Some(levels.clone()),
            Domain::Range(range) => {
                Some(range.grid()?.into_iter().map(|quantity| Level::of(&self.path, &quantity)).collect())
            }
        }
    }

    /// The setting at `share` in [0, 1).
    pub(super) fn at(&self, share: f64) -> Level {
        match (self.grid(), &self.domain) {
            (Some(levels), _) => levels[((share * levels.len() as f64) as usize).min(levels.len() - 1)].clone(),
            (None, Domain::Range(range)) => Level::of(&self.path, &range.at(share)),
            (None, Domain::Levels(_)) => unreachable!("a list is its own grid"),
        }
    }

    /// Whether its settings are quantities.
    pub(super) fn is_numeric(&self) -> bool {
        match &self.domain {
            Domain::Levels(levels) => levels.iter().all(|level| level.magnitude().is_some()),
            Domain::Range(_) => true,
        }
    }
}

/// Gives every factor the shortest end of its path that no other has.
pub(super) fn name(factors: &mut [Factor]) {
    let paths: Vec<Vec<String>> = factors.iter().map(|factor| split_owned(&factor.path)).collect();
    let end = |path: &[String], length: usize| path[path.len().saturating_sub(length)..].join(".");
    for (index, factor) in factors.iter_mut().enumerate() {
        let path = &paths[index];
        let alone = |length: &usize| {
            paths.iter().enumerate().all(|(other, its)| other == index || end(its, *length) != end(path, *length))
        };
        factor.name = end(path, (1..=path.len()).find(alone).unwrap_or(path.len()));
    }
}

/// The factor that `name` means: its name or its path.
pub(super) fn find(factors: &[Factor], name: &str) -> Result<usize, String> {
    let found = factors.iter().position(|factor| factor.name == name || factor.path == name);
    found.ok_or_else(|| {
        format!(
            "no factor is called `{name}`: {}",
            did_you_mean(name, factors.iter().map(|factor| factor.name.as_str()))
        )
    })
}

fn split_owned(path: &str) -> Vec<String> {
    split_outside(path, '.').into_iter().map(str::to_owned).collect()
}

/// `text` cut at each `separator` that is not within quotes or brackets.
pub fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut begin, mut depth, mut quoted) = (Vec::new(), 0, 0_i32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            c if c == separator && !quoted && depth <= 0 => {
                pieces.push(&text[begin..at]);
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&text[begin..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_names_values_or_a_range() {
        let factor = Factor::parse("services.web.balancer=RoundRobin,PowerOfChoices(choices: 2, seed: 1)").unwrap();
        let labels: Vec<_> = factor.grid().unwrap().into_iter().map(|level| level.label).collect();
        assert_eq!(labels, ["RoundRobin", "PowerOfChoices(choices: 2, seed: 1)"]);
        let factor = Factor::parse("workloads.web.rate=1000/s..3000/s:3").unwrap();
        assert_eq!(factor.at(0.99).settings, ["workloads.web.rate=3000/s"]);
        assert!(factor.is_numeric());
        for bad in ["x", "x=", "=3", "x=1,1"] {
            assert!(Factor::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_as_short_as_they_can_be() {
        let paths = ["services.shop.replicas=1", "services.stock.replicas=1", "workloads.crowd.rate=1/s"];
        let mut factors: Vec<Factor> = paths.iter().map(|path| Factor::parse(path).unwrap()).collect();
        name(&mut factors);
        let names: Vec<_> = factors.iter().map(|factor| factor.name.as_str()).collect();
        assert_eq!(names, ["shop.replicas", "stock.replicas", "rate"]);
        assert_eq!(find(&factors, "rate"), Ok(2));
        assert!(find(&factors, "rat").unwrap_err().contains("did you mean `rate`"));
    }
}
