//! What Prometheus' parser of the text format refuses, and on which line.
//!
//! Source: prometheus/common, `expfmt/text_parse.go`, with its classic rules for names. It reads from
//! left to right and stops at the first thing that it does not understand; so does this.

use std::collections::BTreeMap;
use std::fmt;

/// Why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for Refused {}

/// What is known of a family of metrics.
#[derive(Debug, Default)]
struct Family {
    help: bool,
    kind: Option<Kind>,
    sampled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Untyped,
    Summary,
    Histogram,
}

/// Whether Prometheus' parser accepts `text`.
///
/// # Errors
///
/// The first thing that it does not.
pub fn check(text: &str) -> Result<(), Refused> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let refused = |reason: String| Refused { line: index + 1, reason };
        // A value that a line break cuts short is noticed where it stands.
        let (line, ended) = line.strip_suffix('\n').map_or((line, false), |line| (line, true));
        statement(line, &mut families).map_err(refused)?;
        if !ended {
            return Err(refused("unexpected end of input".to_owned()));
        }
    }
    Ok(())
}

fn statement(line: &str, families: &mut BTreeMap<String, Family>) -> Result<(), String> {
    let line = line.trim_start_matches(BLANKS);
    if line.is_empty() {
        return Ok(());
    }
    match line.strip_prefix('#') {
        Some(comment) => self::comment(comment.trim_start_matches(BLANKS), families),
        None => sample(line, families),
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// HELP and TYPE mean something, all else is for people.
fn comment(comment: &str, families: &mut BTreeMap<String, Family>) -> Result<(), String> {
    let (word, rest) = comment.split_once(BLANKS).unwrap_or((comment, ""));
    if word != "HELP" && word != "TYPE" {
        return Ok(());
    }
    let rest = rest.trim_start_matches(BLANKS);
    if rest.is_empty() {
        return Ok(());
    }
    let (name, rest) = split_name(rest, ':');
    let rest_begins_well = rest.is_empty() || rest.starts_with(BLANKS);
    if name.is_empty() || !rest_begins_well {
        return Err("invalid metric name in comment".to_owned());
    }
    let family = families.entry(name.to_owned()).or_default();
    let rest = rest.trim_start_matches(BLANKS);
    if word == "HELP" {
        if std::mem::replace(&mut family.help, true) {
            return Err(format!("second HELP line for metric name {name:?}"));
        }
        return escapes(rest, false).map(drop);
    }
    if rest.is_empty() {
        return Ok(());
    }
    if family.kind.is_some() || family.sampled {
        return Err(format!("second TYPE line for metric name {name:?}, or TYPE reported after samples"));
    }
    family.kind = Some(match rest.trim_end_matches(BLANKS).to_ascii_lowercase().as_str() {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "untyped" => Kind::Untyped,
        "summary" => Kind::Summary,
        "histogram" => Kind::Histogram,
        other => return Err(format!("unknown metric type {other:?}")),
    });
    Ok(())
}

/// The name that `text` begins with, and the rest; names of metrics may have colons.
fn split_name(text: &str, extra: char) -> (&str, &str) {
    let fits = |(at, letter): (usize, char)| {
        letter.is_ascii_alphabetic() || letter == '_' || letter == extra || (at > 0 && letter.is_ascii_digit())
    };
    let end = text.char_indices().find(|one| !fits(*one)).map_or(text.len(), |(at, _)| at);
    text.split_at(end)
}

fn sample(line: &str, families: &mut BTreeMap<String, Family>) -> Result<(), String> {
    let (name, rest) = split_name(line, ':');
    if name.is_empty() {
        return Err("invalid metric name".to_owned());
    }
    let (family, part) = family_of(name, families);
    let kind = families.entry(family).or_default();
    kind.sampled = true;
    let kind = kind.kind.unwrap_or(Kind::Untyped);
    let rest = rest.trim_start_matches(BLANKS);
    let rest = match rest.strip_prefix('{') {
        Some(rest) => labels(rest, kind)?,
        None if rest.len() < line.len() - name.len() => rest,
        None => return Err("invalid metric name".to_owned()),
    };
    let mut words = rest.split(BLANKS).filter(|word| !word.is_empty());
    let value = words.next().unwrap_or_default();
    let value = float(value).ok_or_else(|| format!("expected float as value, got {value:?}"))?;
    if kind == Kind::Histogram && part == Part::Count && (value < 0.0 || value.is_nan()) {
        return Err(format!("a count is not negative: {value}"));
    }
    if let Some(timestamp) = words.next()
        && timestamp.parse::<i64>().is_err()
    {
        return Err(format!("expected integer as timestamp, got {timestamp:?}"));
    }
    words.next().map_or(Ok(()), |word| Err(format!("spurious string after timestamp: {word:?}")))
}

/// What a sample says of its family.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    /// How many there are, in a bucket or at all.
    Count,
}

/// The family of the sample `name`, which has an ending if it is part of a histogram or summary.
fn family_of(name: &str, families: &BTreeMap<String, Family>) -> (String, Part) {
    let endings = [("_count", Part::Count), ("_bucket", Part::Count), ("_sum", Part::Value)];
    for (ending, part) in endings {
        let Some(family) = name.strip_suffix(ending) else { continue };
        let kind = families.get(family).and_then(|family| family.kind);
        if kind == Some(Kind::Histogram) || (kind == Some(Kind::Summary) && ending != "_bucket") {
            return (family.to_owned(), part);
        }
    }
    (name.to_owned(), Part::Value)
}

/// Reads labels behind their opening brace; what follows the closing one.
fn labels(text: &str, kind: Kind) -> Result<&str, String> {
    let mut seen: Vec<&str> = Vec::new();
    let mut rest = text.trim_start_matches(BLANKS);
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok(after);
        }
        let (name, after) = split_name(rest, '_');
        if name.is_empty() {
            return Err("invalid label name".to_owned());
        }
        if name == "__name__" {
            return Err(format!("label name {name:?} is reserved"));
        }
        let after = after.trim_start_matches(BLANKS).strip_prefix('=').ok_or("expected '=' after label name")?;
        let after =
            after.trim_start_matches(BLANKS).strip_prefix('"').ok_or("expected '\"' at start of label value")?;
        let (value, after) = escapes(after, true)?;
        let is_bound = (kind == Kind::Histogram && name == "le") || (kind == Kind::Summary && name == "quantile");
        if is_bound && float(&value).is_none() {
            return Err(format!("expected float as value for {name:?} label, got {value:?}"));
        }
        if seen.contains(&name) {
            return Err(format!("duplicate label name {name:?}"));
        }
        seen.push(name);
        rest = after.trim_start_matches(BLANKS);
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest.trim_start_matches(BLANKS),
            None if rest.starts_with('}') => rest,
            None => return Err("unexpected end of label value".to_owned()),
        };
    }
}

/// Resolves escapes up to the closing quote, if there has to be one; what follows it.
fn escapes(text: &str, quoted: bool) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' if quoted => return Ok((value, &text[at + 1..])),
            '\\' => match letters.next() {
                Some((_, '\\')) => value.push('\\'),
                Some((_, 'n')) => value.push('\n'),
                Some((_, '"')) if quoted => value.push('"'),
                Some((_, other)) => return Err(format!("invalid escape sequence '\\{other}'")),
                None => return Err("an escape without its letter".to_owned()),
            },
            other => value.push(other),
        }
    }
    if quoted { Err(format!("label value {value:?} contains unescaped new-line")) } else { Ok((value, "")) }
}

/// A number as Go reads it, but for hexadecimal ones and underscores, which the format refuses.
fn float(text: &str) -> Option<f64> {
    let signed_nan = text.len() > 3 && text.to_ascii_lowercase().ends_with("nan");
    text.parse().ok().filter(|_| !signed_nan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_well_formed_is_accepted() {
        let text = "\n# A comment\n# HELP a b \\\\ c\\n\n# TYPE a counter\n  a{x = \"1\" , y=\"\\\"\" ,} 3.5 12\na 1e5\n\n\
                    # TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_sum -4\nh_count 3\nb{} NaN\n c +Inf -5\n# HELP\n# TYPE t\n";
        assert_eq!(check(text), Ok(()));
        assert_eq!(check(""), Ok(()));
    }

    #[test]
    fn the_line_that_is_wrong_is_named() {
        for (text, line) in [
            ("a 1\na 2", 2),
            ("a{l=\"\\t\"} 1\n", 1),
            ("a{@=\"b\"} 1\n", 1),
            ("a{l+=\"b\"} 1\n", 1),
            ("a{l=\"b\"\n} 1\n", 1),
            ("a{l=\"b\",l=\"c\"} 1\n", 1),
            ("a 1 2 3\n", 1),
            ("a 1 2.5\n", 1),
            ("a\n", 1),
            ("a 0x1\n", 1),
            ("a 0x1p-3\n", 1),
            ("\n# HELP a one\n# HELP a two\n", 3),
            ("# HELP a \\x\n", 1),
            ("a 4\n# TYPE a counter\n", 2),
            ("# TYPE a-b counter\n", 1),
            ("# TYPE h histogram\nh_bucket{le=\"x\"} 3\n", 2),
            ("# TYPE h histogram\nh_bucket{le=\"1\"} -3\n", 2),
            ("# TYPE s summary\ns{quantile=\"x\"} 3\n", 2),
        ] {
            assert_eq!(check(text).map_err(|refused| refused.line), Err(line), "{text}");
        }
    }
}
