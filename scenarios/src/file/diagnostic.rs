//! What is wrong with a scenario, where, and what would be right: for people and for machines.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::codes::Code;
use super::outline::Outline;
use super::path::Path;
use super::source::Source;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The scenario runs, but perhaps not as meant.
    Warning,
    /// The scenario cannot run.
    Error,
}

/// One mistake, with its place and, where one can be given, a suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of mistake.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The file, as the user named it; `--set` for an override.
    pub file: Box<str>,
    /// The line, from 1, where the mistake has one.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// The value's path, such as `services.shop.balancer`.
    pub path: Option<String>,
    /// What would be right.
    pub help: Option<String>,
    #[serde(skip)]
    // Boxed, so that a Result with a diagnostic stays small.
    excerpt: Option<Box<Excerpt>>,
}

/// The line that a diagnostic shows, and the bytes of it to underline.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    line: String,
    marked: Range<usize>,
}

/// A place in a file, ready to be shown.
#[derive(Debug)]
pub(crate) struct Place {
    file: String,
    line: u32,
    column: u32,
    excerpt: Excerpt,
}

/// A line or column; no file that is read has more than fit.
fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Place {
    /// The bytes `span` of `text`, which is that of `file`; what is beyond the first line is cut off.
    pub(crate) fn new(file: &str, text: &str, span: Range<usize>) -> Place {
        let (start, end) = (text.floor_char_boundary(span.start), text.ceil_char_boundary(span.end));
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let start = (start - line_start).min(line.len());
        let end = (end - line_start).clamp(start, line.len());
        Place {
            file: file.to_owned(),
            line: count(1 + text[..line_start].matches('\n').count()),
            column: count(1 + line[..start].chars().count()),
            excerpt: Excerpt { line: line.to_owned(), marked: start..end },
        }
    }
}

impl Diagnostic {
    /// An error in `file` that has no place within it.
    pub fn new(code: Code, file: impl Into<Box<str>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            file: file.into(),
            line: None,
            column: None,
            path: None,
            help: None,
            excerpt: None,
        }
    }

    /// An error in line `line` (from 1) of `file`, whose text is `text`: for files that are not
    /// scenarios, such as traces.
    pub fn of_line(code: Code, file: &str, line: usize, text: &str, message: impl Into<String>) -> Diagnostic {
        let excerpt = Excerpt { line: text.to_owned(), marked: 0..text.len() };
        Diagnostic::at(code, Place { file: file.to_owned(), line: count(line), column: 1, excerpt }, message)
    }

    /// An error at `place`.
    pub(crate) fn at(code: Code, place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            line: Some(place.line),
            column: Some(place.column),
            excerpt: Some(Box::new(place.excerpt)),
            ..Diagnostic::new(code, place.file, message)
        }
    }

    /// The problem at the place in `source` that its path names, or at what is left of that path.
    pub fn locate(problem: &Problem, source: &Source) -> Diagnostic {
        Diagnostic::locate_in(problem, source, Outline::parse(source.text()).ok().as_ref())
    }

    /// As [`Diagnostic::locate`]; without an outline the place is the beginning of the text.
    fn locate_in(problem: &Problem, source: &Source, outline: Option<&Outline<'_>>) -> Diagnostic {
        let path = Path::parse(&problem.path).unwrap_or_default();
        let span = outline.map_or(0..0, |outline| outline.head(&outline.follow(&path.0).0));
        Diagnostic {
            severity: problem.severity,
            help: problem.help.clone(),
            ..Diagnostic::at(problem.code, source.place(span), problem.message.clone())
        }
        .path(&problem.path)
    }

    /// The same with a suggestion.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same at a line and column that cannot be shown.
    #[must_use]
    pub(crate) fn line(mut self, line: usize, column: usize) -> Diagnostic {
        (self.line, self.column) = (Some(count(line)), Some(count(column)));
        self
    }

    /// The same with the path of the value; an empty path means the whole file.
    #[must_use]
    pub(crate) fn path(mut self, path: &str) -> Diagnostic {
        self.path = (!path.is_empty()).then(|| path.to_owned());
        self
    }

    /// The line that the message shows.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.excerpt.as_ref().map(|excerpt| excerpt.line.as_str())
    }

    /// The message as a terminal shows it, without a final line break; with escape codes if `color`.
    pub fn render(&self, color: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(self.message.as_str()).id(self.code.text()));
        if let (Some(excerpt), Some(line)) = (&self.excerpt, self.line) {
            let label = self.path.as_ref().map(|path| format!("at {path}"));
            let mark = AnnotationKind::Primary.span(excerpt.marked.clone()).label(label);
            let snippet = Snippet::source(excerpt.line.as_str()).line_start(line as usize).path(&*self.file);
            group = group.element(snippet.annotation(mark));
        } else {
            let mut origin = Origin::path(&*self.file);
            if let (Some(line), Some(column)) = (self.line, self.column) {
                origin = origin.line(line as usize).char_column(column as usize);
            }
            group = group.element(origin);
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostic {}

/// What a check of the scenario's meaning found: a path, not yet a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of mistake.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// The value's path; keys as [`key`](super::key) writes them.
    pub path: String,
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Problem {
    /// An error about the value at `path`.
    pub fn new(code: Code, path: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { code, severity: Severity::Error, path: path.into(), message: message.into(), help: None }
    }

    /// The same with a suggestion.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}

/// All mistakes found in one go; never none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Gives every problem its place in `source`; in the order of the text.
    pub fn locate(problems: &[Problem], source: &Source) -> Diagnostics {
        let outline = Outline::parse(source.text()).ok();
        let place = |problem| Diagnostic::locate_in(problem, source, outline.as_ref());
        let mut located: Vec<_> = problems.iter().map(place).collect();
        located.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        Diagnostics(located)
    }

    /// All messages, an empty line between two; see [`Diagnostic::render`].
    pub fn render(&self, color: bool) -> String {
        self.0.iter().map(|diagnostic| diagnostic.render(color)).collect::<Vec<_>>().join("\n\n")
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
