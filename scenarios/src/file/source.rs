//! A scenario's text, and where each byte of it came from: the file, or a `--set`.
//!
//! Overrides edit the text. Messages must still speak of what the user wrote, so the text is kept
//! as pieces (a piece table, as editors use), each of which knows its origin.

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path as FilePath;

use super::codes::Code;
use super::diagnostic::{Diagnostic, Place};
use super::scan;
use super::suggest::closest;

/// How many files of a folder are named where none is like the one that is missing.
const NAMES_SHOWN: usize = 10;

/// The largest scenario file that is read, in bytes: 4 MiB.
pub const SIZE_MAX: u64 = 4 << 20;

/// The text of a scenario file, as read and as overridden since.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    file: String,
    arguments: Vec<String>,
    pieces: Vec<Piece>,
}

/// Some bytes of the text from one origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) len: usize,
    pub(crate) origin: Origin,
}

/// Where a piece came from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// The file, from this byte on.
    File(usize),
    /// The override of this number, from this byte of its argument on.
    Argument(usize, usize),
    /// Glue, such as a quote or a comma, that an override brought along; stands for this byte of it.
    Glue(usize, usize),
}

impl Source {
    /// A source named `name` (for messages) with the text `text`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let pieces = vec![Piece { len: text.len(), origin: Origin::File(0) }];
        Source { name: name.into(), file: text.clone(), text, arguments: Vec::new(), pieces }
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// A file that is missing, a folder, unreadable, larger than [`SIZE_MAX`] (told from its
    /// metadata where it has some), not UTF-8, or holds nothing but comments.
    pub fn read(path: &str) -> Result<Source, Diagnostic> {
        let fail = |error: io::Error| unreadable(path, &error);
        let metadata = fs::metadata(path).map_err(fail)?;
        if metadata.is_dir() {
            return Err(Diagnostic::new(Code::Io, path, format!("{path} is a folder, not a scenario file")));
        }
        if metadata.len() > SIZE_MAX {
            return Err(too_large(path, &format!("{} bytes", metadata.len())));
        }
        Source::read_from(&mut File::open(path).map_err(fail)?, path)
    }

    /// Reads all that `reader` yields, for messages named `path`.
    ///
    /// # Errors
    ///
    /// As [`Source::read`].
    pub fn read_from(reader: &mut dyn Read, path: &str) -> Result<Source, Diagnostic> {
        // A device or a pipe tells no length beforehand, and may never end.
        let mut bytes = Vec::new();
        reader.take(SIZE_MAX + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > SIZE_MAX {
            return Err(too_large(path, "more"));
        }
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, error.as_bytes(), error.utf8_error()))?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if scan::is_blank(&text) {
            let holds = if text.trim().is_empty() { "the file is empty" } else { "the file holds only comments" };
            return Err(Diagnostic::new(Code::Empty, path, holds)
                .help("a scenario begins with `Scenario(`; `gameday new` writes one that runs"));
        }
        Ok(Source::new(path, text))
    }

    /// The file's name, as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, with its overrides.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the bytes `span` of the text are, in the user's own words.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        let (origin, start) = self.origin(span.start);
        let end = if span.end > span.start { self.origin(span.end - 1) } else { (origin, start) };
        let end = if end.0 == origin && span.end > span.start { end.1 + 1 } else { start };
        match origin {
            None => Place::new(&self.name, &self.file, start..end.max(start)),
            Some(index) => Place::new("--set", &self.arguments[index], start..end.max(start)),
        }
    }

    /// Whether the byte `offset` of the text came from an override.
    pub(crate) fn is_override(&self, offset: usize) -> bool {
        self.origin(offset).0.is_some()
    }

    /// The override that the byte `offset` came from, if any, and the byte in its argument or the file.
    fn origin(&self, offset: usize) -> (Option<usize>, usize) {
        let mut begin = 0;
        for piece in &self.pieces {
            if offset < begin + piece.len {
                return match piece.origin {
                    Origin::File(at) => (None, at + offset - begin),
                    Origin::Argument(index, at) => (Some(index), at + offset - begin),
                    Origin::Glue(index, at) => (Some(index), at),
                };
            }
            begin += piece.len;
        }
        (None, self.file.len())
    }

    /// Remembers an override's argument for messages; returns its number.
    pub(crate) fn add_argument(&mut self, argument: &str) -> usize {
        self.arguments.push(argument.to_owned());
        self.arguments.len() - 1
    }

    /// Puts `parts` in place of the bytes `span`.
    pub(crate) fn replace(&mut self, span: Range<usize>, parts: &[(String, Origin)]) {
        let mut pieces = self.cut(0..span.start);
        pieces.extend(parts.iter().map(|(text, origin)| Piece { len: text.len(), origin: *origin }));
        pieces.extend(self.cut(span.end..self.text.len()));
        self.pieces = pieces;
        self.text.replace_range(span, &parts.iter().map(|(text, _)| text.as_str()).collect::<String>());
    }

    /// The pieces, or parts of them, that make up the bytes `span`.
    fn cut(&self, span: Range<usize>) -> Vec<Piece> {
        let mut cut = Vec::new();
        let mut begin = 0;
        for piece in &self.pieces {
            let (from, to) = (span.start.max(begin), span.end.min(begin + piece.len));
            if from < to {
                let skipped = from - begin;
                let origin = match piece.origin {
                    Origin::File(at) => Origin::File(at + skipped),
                    Origin::Argument(index, at) => Origin::Argument(index, at + skipped),
                    glue @ Origin::Glue(..) => glue,
                };
                cut.push(Piece { len: to - from, origin });
            }
            begin += piece.len;
        }
        cut
    }
}

fn too_large(path: &str, found: &str) -> Diagnostic {
    Diagnostic::new(Code::Size, path, format!("a scenario has at most {} MiB; this file has {found}", SIZE_MAX >> 20))
        .help("a recorded workload belongs in a CSV file of its own, which the scenario names")
}

fn not_utf8(path: &str, bytes: &[u8], error: std::str::Utf8Error) -> Diagnostic {
    let valid = &bytes[..error.valid_up_to()];
    let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
    let column = 1 + String::from_utf8_lossy(valid).chars().rev().take_while(|c| *c != '\n').count();
    let found = bytes[valid.len()];
    let message = format!("not UTF-8 text: byte {found:#04x} at offset {}, line {line}", valid.len());
    Diagnostic::new(Code::Encoding, path, message).help("save the file as UTF-8").line(line, column)
}

/// Says why `path` cannot be read, and which file was perhaps meant.
fn unreadable(path: &str, error: &io::Error) -> Diagnostic {
    if error.kind() != io::ErrorKind::NotFound {
        return Diagnostic::new(Code::Io, path, format!("cannot read {path}: {error}"));
    }
    let missing = Diagnostic::new(Code::Io, path, format!("there is no file {path}"));
    let wanted = FilePath::new(path);
    let folder = match wanted.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => FilePath::new("."),
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return missing.help(format!("the folder {} does not exist either", folder.display()));
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".ron"))
        .collect();
    names.sort_unstable();
    let name = wanted.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let with_ending = format!("{}.ron", name.trim_end_matches(".ron"));
    match closest(&with_ending, names.iter().map(String::as_str)) {
        Some(near) => missing.help(format!("did you mean {}?", wanted.with_file_name(near).display())),
        None if names.is_empty() => missing.help(format!("there is no .ron file in {}", folder.display())),
        None => {
            let more = if names.len() > NAMES_SHOWN { ", ..." } else { "" };
            names.truncate(NAMES_SHOWN);
            missing.help(format!("scenarios there: {}{more}", names.join(", ")))
        }
    }
}
