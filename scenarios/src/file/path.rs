//! Where a value stands in a scenario file: `services.shop.endpoints.buy[0].policies[1]`.
//!
//! Dots lead to struct fields and map keys, `[i]` to elements of lists and tuples. Enum variants
//! are transparent: the fields of `balancer: PowerOfChoices(choices: 2)` are at `balancer.choices`.
//! A key with odd characters is quoted: `services."a.b".replicas`.

use std::borrow::Cow;
use std::fmt;

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A struct field or a map key.
    Key(String),
    /// An element of a list or a tuple.
    Index(usize),
    /// Into the content of an enum variant; not written, see the module.
    Variant(String),
}

/// The steps from the whole file to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Segment>);

/// A map key as a path writes it: quoted where its characters would be misread.
pub fn key(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
    if !name.is_empty() && name.chars().all(plain) { Cow::Borrowed(name) } else { Cow::Owned(quoted(name)) }
}

/// `text` between double quotes, as a string literal.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut dot = "";
        for segment in &self.0 {
            match segment {
                Segment::Key(name) => write!(f, "{dot}{}", key(name))?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Variant(_) => continue,
            }
            dot = ".";
        }
        Ok(())
    }
}

/// A path that cannot be read: the byte offset in its text, and why.
#[derive(Debug)]
pub(crate) struct PathError {
    pub(crate) offset: usize,
    pub(crate) message: &'static str,
}

impl Path {
    /// Reads a path as a user writes it.
    pub(crate) fn parse(text: &str) -> Result<Path, PathError> {
        Ok(Path(Path::parse_spanned(text)?.into_iter().map(|(_, segment)| segment).collect()))
    }

    /// Reads a path and keeps the byte offset at which each segment begins.
    pub(crate) fn parse_spanned(text: &str) -> Result<Vec<(usize, Segment)>, PathError> {
        let mut segments = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let start = at;
            let segment = if text[at..].starts_with('[') {
                let close =
                    text[at..].find(']').ok_or(PathError { offset: at, message: "this `[` is never closed" })?;
                let index = text[at + 1..at + close].trim().parse();
                at += close + 1;
                Segment::Index(index.map_err(|_| PathError { offset: start, message: "an index is a whole number" })?)
            } else {
                if !segments.is_empty() {
                    if !text[at..].starts_with('.') {
                        return Err(PathError { offset: at, message: "expected `.` or `[` here" });
                    }
                    at += 1;
                }
                let (name, len) = leading_key(&text[at..], at)?;
                segments.push((at, Segment::Key(name)));
                at += len;
                continue;
            };
            segments.push((start, segment));
        }
        Ok(segments)
    }
}

/// The key at the start of `text`, and how many bytes it takes; `offset` is for messages.
fn leading_key(text: &str, offset: usize) -> Result<(String, usize), PathError> {
    if let Some(rest) = text.strip_prefix('"') {
        let mut name = String::new();
        let mut escaped = false;
        for (i, c) in rest.char_indices() {
            match c {
                '\\' if !escaped => escaped = true,
                '"' if !escaped => return Ok((name, i + 2)),
                _ => {
                    escaped = false;
                    name.push(c);
                }
            }
        }
        return Err(PathError { offset, message: "this quote is never closed" });
    }
    let len = text.find(['.', '[', ']', '"']).unwrap_or(text.len());
    if len == 0 {
        return Err(PathError { offset, message: "expected a name here" });
    }
    Ok((text[..len].to_owned(), len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn odd_keys_are_quoted_and_bad_paths_refused() {
        let path = Path::parse(r#"services."a.b".steps[2][0]"#).unwrap();
        assert_eq!(path.0.len(), 5);
        assert_eq!(path.0[1], Segment::Key("a.b".into()));
        for (bad, offset) in [("a..b", 2), ("a[x]", 1), ("a[1", 1), ("a[1]b", 4), ("\"a", 0), (".a", 0)] {
            assert_eq!(Path::parse(bad).unwrap_err().offset, offset, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_path_reads_what_it_writes(keys in proptest::collection::vec(("[a-z.\\[\"\\\\ é=-]{0,6}", 0_usize..9), 1..5)) {
            let steps = keys.into_iter().flat_map(|(name, index)| [Segment::Key(name), Segment::Index(index)]);
            let path = Path(steps.collect());
            prop_assert_eq!(Path::parse(&path.to_string()).unwrap(), path);
        }
    }
}
