//! Text to typed values: the ron reader, with the paths of serde_path_to_error and our repairs.

use ron::error::Position;
use ron::extensions::Extensions;
use ron::{Deserializer, Error, Options};
use serde::de::DeserializeOwned;

use super::diagnostic::Diagnostic;
use super::explain::{Mistake, explain};
use super::outline::{Kind, Outline};
use super::path::Segment;
use super::repair::{CONSTANT, Repairs, is_no_name};
use super::scan::NESTING_MAX;
use super::source::Source;
use super::suggest::closest;

/// The reader recurses a few times a bracket: value, option, variant, content.
const RECURSION_MAX: usize = 8 * NESTING_MAX;

/// Where and how the typed reader gave up.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) path: Vec<Segment>,
    /// The byte at which the reader was, in the text that was not repaired.
    pub(crate) at: usize,
}

/// Reads a `T` from the text of `source`.
///
/// # Errors
///
/// The first mistake: in the text's form, or in its fit to the type.
pub fn parse<T: DeserializeOwned>(source: &Source) -> Result<T, Diagnostic> {
    let outline = Outline::parse(source.text()).map_err(|error| Mistake::from(error).in_source(source))?;
    let mut repairs = Repairs::default();
    loop {
        let text = repairs.apply(source.text());
        let mut failure = match read::<T>(&text) {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        failure.at = repairs.original(failure.at);
        if !repairs.extend(source, &outline, &failure) {
            let known = variants_at::<T>(source, &outline, &repairs, &failure);
            let diagnostic = explain(source, &outline, &repairs, &failure, known.as_ref()).in_source(source);
            return Err(match fitting::<T>(source, &outline, &repairs, &failure) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
        }
    }
}

/// One run of the reader over `text`.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let options = Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES)
        .with_recursion_limit(RECURSION_MAX);
    let locate = |error: ron::error::SpannedError, path| Failure {
        at: byte_offset(text, &error.span.end),
        error: error.code,
        path,
    };
    let mut reader = Deserializer::from_str_with_options(text, &options).map_err(|error| locate(error, Vec::new()))?;
    match serde_path_to_error::deserialize(&mut reader) {
        Ok(value) => match reader.end() {
            Ok(()) => Ok(value),
            Err(error) => Err(locate(reader.span_error(error), Vec::new())),
        },
        Err(error) => {
            let path = segments(error.path());
            Err(locate(reader.span_error(error.into_inner()), path))
        }
    }
}

/// The path in our terms, up to what has no name (a map key that is not text).
fn segments(path: &serde_path_to_error::Path) -> Vec<Segment> {
    use serde_path_to_error::Segment as Step;
    path.iter()
        .map_while(|step| match step {
            Step::Seq { index } => Some(Segment::Index(*index)),
            Step::Map { key } => Some(Segment::Key(key.clone())),
            Step::Enum { variant } => Some(Segment::Variant(variant.clone())),
            Step::Unknown => None,
        })
        .collect()
}

/// The byte offset of a line and column, both counted in characters from 1.
fn byte_offset(text: &str, position: &Position) -> usize {
    let line_start = match position.line {
        0 | 1 => 0,
        line => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(newline, _)| newline + 1),
    };
    let rest = &text[line_start..];
    line_start + rest.char_indices().nth(position.col.saturating_sub(1)).map_or(rest.len(), |(offset, _)| offset)
}

/// The names of an enum.
#[derive(Debug)]
pub(crate) struct Variants {
    pub(crate) known: &'static [&'static str],
    pub(crate) of: Option<String>,
}

/// The variants that the reader would have taken where it met something that is no name at all.
///
/// It does not tell; so it is asked once more, with a name there that no enum has.
fn variants_at<T: DeserializeOwned>(
    source: &Source,
    outline: &Outline<'_>,
    repairs: &Repairs,
    failure: &Failure,
) -> Option<Variants> {
    let (hit, _) = outline.follow(&failure.path);
    let bracketed = matches!(hit.node.kind, Kind::Group(_));
    if !is_no_name(&failure.error) || failure.at != hit.node.span.start || !bracketed {
        return None;
    }
    let mut text = repairs.apply(source.text());
    // Repairs before this value have moved it; brackets themselves are never repaired.
    let moved = repairs.added_before(hit.node.span.start);
    text.replace_range(hit.node.span.start + moved..hit.node.span.start + moved, "__ ");
    match read::<T>(&text) {
        Err(Failure { error: Error::NoSuchEnumVariant { expected, outer, .. }, .. }) => {
            Some(Variants { known: expected, of: outer })
        }
        _ => None,
    }
}

/// What to write where a variant is unknown and only one of the known ones takes what stands in its
/// parentheses: `Delay("100ms")` for `Constant("100ms")`.
fn fitting<T: DeserializeOwned>(
    source: &Source,
    outline: &Outline<'_>,
    repairs: &Repairs,
    failure: &Failure,
) -> Option<String> {
    let Error::NoSuchEnumVariant { expected, found, .. } = &failure.error else { return None };
    let path = match failure.path.split_last() {
        Some((Segment::Variant(_), before)) => before,
        _ => &failure.path[..],
    };
    let node = outline.follow(path).0.node;
    let content = match &node.kind {
        Kind::Group(group) if !group.name.is_empty() => source.text()[group.open..node.span.end].to_owned(),
        // Our own shorthand.
        _ if found == CONSTANT => format!("({})", &source.text()[node.span.clone()]),
        _ => return None,
    };
    let text = repairs.apply(source.text());
    let at = node.span.start + repairs.added_before(node.span.start);
    if !text[at..].starts_with(found.as_str()) {
        return None;
    }
    let fits = |name: &&&str| {
        let mut text = text.clone();
        text.replace_range(at..at + found.len(), name);
        // What else is wrong, elsewhere, does not matter; what takes no value leaves one behind, and the
        // reader stumbles over that where it reads on.
        let is_elsewhere = |later: Failure| !later.path.starts_with(path) && !path.starts_with(&later.path);
        read::<T>(&text).err().is_none_or(is_elsewhere)
    };
    let mut fitting = expected.iter().filter(fits);
    let (only, None) = (fitting.next()?, fitting.next()) else { return None };
    // A slip of the pen is told as one.
    if closest(found, expected.iter().copied()) == Some(only) {
        return None;
    }
    Some(format!("write {only}{content} (known: {})", expected.join(", ")))
}
