//! The products' defaults against the constants in their sources.

use models::defaults::{self, Constant, Value as Default};
use serde::Deserialize;
use serde_json::Value;

use crate::case::Case;
use crate::json::{self, expect, read};

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// The value is in the unit named; what else the unit says of it is a comment.
pub(crate) fn constants(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| {
        if kind != "constant" {
            return Err(format!("nobody knows the kind {kind}"));
        }
        let Named { name } = read(input)?;
        let constant = named(&name).ok_or_else(|| format!("nobody knows {name}"))?;
        let unit = expected["unit"].as_str().unwrap_or_default();
        let found = match constant.value {
            Default::Span(span) => (span.as_secs_f64() / seconds(unit)?).into(),
            Default::Number(number) => Value::from(number),
            Default::Amount(amount) => amount.to_string().into(),
            Default::Text(text) => text.into(),
        };
        expect(expected, "value", found)
    })
}

fn seconds(unit: &str) -> Result<f64, String> {
    match unit.split(|c: char| !c.is_ascii_alphabetic()).next() {
        Some("s" | "seconds") => Ok(1.0),
        Some("ms") => Ok(0.001),
        Some("min" | "m" | "minutes") => Ok(60.0),
        Some("h") => Ok(3_600.0),
        _ => Err(format!("no unit of time: {unit:?}")),
    }
}

/// By name, or else by the words of it that matter if only one default has them all.
fn named(name: &str) -> Option<&'static Constant> {
    defaults::constant(name).or_else(|| {
        let wanted = words(name);
        let fits = |constant: &&Constant| constant.names.iter().any(|known| words(known) == wanted);
        let mut fitting = defaults::constants().filter(fits);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    })
}

/// The words of a name, less those that say only that it is a default or a time.
fn words(name: &str) -> Vec<String> {
    const EMPTY: [&str; 8] = ["default", "seconds", "sec", "period", "duration", "window", "time", "interval"];
    let mut words = vec![String::new()];
    for c in name.chars() {
        if !c.is_ascii_lowercase() {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric() {
            words.last_mut().expect("never empty").push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty() && !EMPTY.contains(&word.as_str()));
    words.sort();
    words
}
