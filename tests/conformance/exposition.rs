//! The writer of Prometheus' text format against Prometheus' own tests, and what its parser refuses.

use reports::exposition::{self, check};
use serde_json::Value;

use crate::case::Case;
use crate::json;

pub(crate) fn prom_exposition(file: &str) -> Vec<Case> {
    json::cases(file, |kind, input, expected| match kind {
        "prom.reject" => refuse(input, expected),
        "prom.number" => json::expect(expected, "text", exposition::number(number(&input["value"])?)),
        "prom.escape" => escape(input, expected),
        "prom.histogram" => histogram(input, expected),
        other => Err(format!("unknown kind {other}")),
    })
}

fn refuse(input: &Value, expected: &Value) -> Result<(), String> {
    let checked = check::check(input["text"].as_str().ok_or("no text")?);
    json::expect(expected, "error", checked.is_err())?;
    match checked {
        Err(refused) => json::expect(expected, "errorLine", refused.line),
        Ok(()) => Ok(()),
    }
}

/// A number, or one of those that JSON lacks in words.
fn number(value: &Value) -> Result<f64, String> {
    let in_words = || value.as_str().and_then(|word| word.parse().ok());
    value.as_f64().or_else(in_words).ok_or_else(|| format!("no number: {value}"))
}

fn escape(input: &Value, expected: &Value) -> Result<(), String> {
    if let Some(text) = input["help"].as_str() {
        json::expect(expected, "helpText", exposition::help(text))?;
    }
    if let Some(text) = input["labelValue"].as_str() {
        json::expect(expected, "labelText", exposition::label(text))?;
    }
    Ok(())
}

fn histogram(input: &Value, expected: &Value) -> Result<(), String> {
    let buckets = input["buckets"].as_array().ok_or("no buckets")?.iter().map(|bucket| {
        let cumulative = bucket[1].as_u64().ok_or_else(|| format!("no count: {bucket}"))?;
        Ok((number(&bucket[0])?, cumulative))
    });
    let buckets: Vec<(f64, u64)> = buckets.collect::<Result<_, String>>()?;
    let count = input["count"].as_u64().ok_or("no count")?;
    let labels: Vec<(&str, &str)> = match input["labels"].as_object() {
        Some(labels) => labels.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect(),
        None => Vec::new(),
    };
    let name = input["name"].as_str().ok_or("no name")?;
    let mut text = String::new();
    exposition::histogram(&mut text, name, &labels, (&buckets, count, number(&input["sum"])?), None);
    json::expect(expected, "sampleLines", text.lines().collect::<Vec<_>>())
}
