//! Mistakes and warnings: where, what was found, what would be accepted, and a way out.
//!
//! Nothing is decided here; [`super::parse`] fills the list and the command line renders it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Input;

/// How many diagnostics are shown in full: each costs a pass over the text.
const SHOWN_MAX: usize = 50;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It can, and the result may not mean what its author thinks.
    Warning,
}

/// Where in which text: the scenario file is source 0, command-line overrides follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: usize,
    pub(super) span: Range<usize>,
}

impl Place {
    /// The start of the scenario file: for what is missing altogether.
    pub(super) const START: Place = Place { source: 0, span: 0..0 };
}

/// One mistake or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code, for `stalelab explain`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, with what was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    pub(super) place: Place,
}

/// A text that was read: the file, or an override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourceText {
    pub(super) origin: String,
    pub(super) text: String,
}

/// Everything there is to say about a scenario, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// The overrides' texts: source `n` is the n-th of them, from 1.
    overrides: Vec<SourceText>,
}

impl Diagnostics {
    pub(super) fn new(mut list: Vec<Diagnostic>, overrides: Vec<SourceText>) -> Diagnostics {
        list.sort_by_key(|one| {
            (one.place.source, one.place.span.start, one.severity, one.message.clone())
        });
        // What all variants inherit is read once per variant, and said once.
        list.dedup();
        Diagnostics { list, overrides }
    }

    /// Other diagnostics about the same texts.
    pub(super) fn instead(&self, list: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::new(list, self.overrides.clone())
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The mistakes and warnings, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Line and column of a diagnostic of this list, both from 1; columns count characters.
    pub fn line_and_column(&self, diagnostic: &Diagnostic, input: &Input) -> (usize, usize) {
        let text = self.text_of(diagnostic.place.source, input).1;
        let before = &text[..floor_char(text, diagnostic.place.span.start)];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// All of it as people read it, with colours if asked for. Of very many only the first are
    /// shown, and the rest counted: nobody mends a thousand mistakes at once.
    pub fn render(&self, input: &Input, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for diagnostic in self.list.iter().take(SHOWN_MAX) {
            text.push_str(&self.render_one(diagnostic, input, &renderer));
            text.push_str("\n\n");
        }
        if let Some(rest) = self.list.len().checked_sub(SHOWN_MAX).filter(|rest| *rest > 0) {
            text.push_str(&format!("and {rest} more like these\n\n"));
        }
        text
    }

    fn render_one(&self, diagnostic: &Diagnostic, input: &Input, renderer: &Renderer) -> String {
        let (origin, text) = self.text_of(diagnostic.place.source, input);
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let span = &diagnostic.place.span;
        let (start, end) = (floor_char(text, span.start), floor_char(text, span.end));
        let snippet = Snippet::source(text)
            .path(origin)
            .annotation(AnnotationKind::Primary.span(start..end.max(start)));
        let mut group =
            level.primary_title(&diagnostic.message).id(diagnostic.code).element(snippet);
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help));
        }
        renderer.render(&[group])
    }

    fn text_of<'a>(&'a self, source: usize, input: &'a Input) -> (&'a str, &'a str) {
        match source.checked_sub(1).and_then(|index| self.overrides.get(index)) {
            Some(text) => (&text.origin, &text.text),
            None => (&input.origin, &input.text),
        }
    }
}

/// The last character boundary at or before this byte.
fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Collects what is found while a scenario is read.
#[derive(Debug, Default)]
pub(super) struct Sink {
    pub(super) list: Vec<Diagnostic>,
}

impl Sink {
    /// Whether there is a mistake (a warning is none).
    pub(super) fn failed(&self) -> bool {
        self.list.iter().any(|found| found.severity == Severity::Error)
    }

    /// Whether there is a mistake inside this place.
    pub(super) fn failed_in(&self, place: &Place) -> bool {
        let inside = |found: &Place| {
            found.source == place.source
                && place.span.start <= found.span.start
                && found.span.end <= place.span.end
        };
        self.list.iter().any(|one| one.severity == Severity::Error && inside(&one.place))
    }

    pub(super) fn error(&mut self, code: &'static str, place: &Place, message: String) {
        self.report(Severity::Error, code, place, message, None);
    }

    pub(super) fn error_with_help(
        &mut self,
        code: &'static str,
        place: &Place,
        message: String,
        help: impl Into<String>,
    ) {
        self.report(Severity::Error, code, place, message, Some(help.into()));
    }

    pub(super) fn warn(
        &mut self,
        code: &'static str,
        place: &Place,
        message: String,
        help: impl Into<String>,
    ) {
        self.report(Severity::Warning, code, place, message, Some(help.into()));
    }

    fn report(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: &Place,
        message: String,
        help: Option<String>,
    ) {
        self.list.push(Diagnostic { code, severity, message, help, place: place.clone() });
    }
}

/// What is accepted; with a "did you mean" in front if something is close to what was found.
pub(super) fn suggest<'a>(
    found: &str,
    accepted: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let words: Vec<String> = accepted.clone().into_iter().map(|word| format!("`{word}`")).collect();
    if words.is_empty() {
        return "nothing is accepted here".to_owned();
    }
    format!("{}accepted: {}", did_you_mean(found, accepted), words.join(", "))
}

/// The question whether the closest of these words was meant; nothing if none is close.
pub(super) fn did_you_mean<'a>(found: &str, accepted: impl IntoIterator<Item = &'a str>) -> String {
    let likeness = |word: &str| match strsim::damerau_levenshtein(found, word) {
        // Of a short word, one slip leaves little that is alike.
        1 if word.len() > 2 => 1.0,
        _ => strsim::jaro_winkler(found, word),
    };
    let close = accepted
        .into_iter()
        .map(|word| (likeness(word), word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    close.map_or_else(String::new, |(_, word)| format!("did you mean `{word}`? "))
}
