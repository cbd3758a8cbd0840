//! Single values: numbers, durations, words, distributions.

use super::diagnostics::{Sink, suggest};
use super::fields::{self, Limits, Shape};
use super::reader::{Section, kind};
use super::tree::{Node, Value};
use crate::random::Distribution;
use crate::time::Span;

/// How a value of a shape is written, for messages.
pub(super) fn example(shape: Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::Title => "\"…\"",
        Shape::Seed | Shape::Count(_) => "10",
        Shape::Replications => {
            "{ until = { metric = \"stale_read_ratio\", relative_error = 0.05 } }"
        }
        Shape::Share => "0.5",
        Shape::Part => "0.05",
        Shape::Number | Shape::Positive => "100.0",
        Shape::Duration { .. } => "\"30s\"",
        Shape::Distribution => "{ exponential = \"5ms\" }",
        Shape::Popularity | Shape::PopularityOrSame => "{ zipf = 0.99 }",
        Shape::Arrivals => "{ poisson = { rate = 1000.0 } }",
        Shape::Journey => "{ edit-then-view = { think = \"2s\" } }",
        Shape::Strategy => "{ ttl-only = { ttl = \"60s\" } }",
        Shape::Overrides | Shape::Table(_) | Shape::Nothing => "{}",
        Shape::Tables(_) => "[]",
        Shape::Word(words) => words[0],
    }
}

pub(super) fn text(node: &Node, what: &str, sink: &mut Sink) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        other => {
            let found = other.describe();
            sink.error("S003", &node.place, format!("{what} is a string; found {found}"));
            None
        }
    }
}

/// A text of one line, and not blank.
pub(super) fn title(node: &Node, what: &str, sink: &mut Sink) -> Option<String> {
    let text = text(node, what, sink)?;
    if text.trim().is_empty() {
        let message = format!("{what} is blank; found {text:?}");
        sink.error_with_help("S005", &node.place, message, "write one, or leave it out");
        return None;
    }
    if text.contains(char::is_control) {
        let message =
            format!("{what} is a line of text without control characters; found {text:?}");
        sink.error("S005", &node.place, message);
        return None;
    }
    Some(text)
}

pub(super) fn flag(node: &Node, what: &str, sink: &mut Sink) -> Option<bool> {
    match &node.value {
        Value::Flag(flag) => Some(*flag),
        other => {
            let found = other.describe();
            sink.error("S003", &node.place, format!("{what} is true or false; found {found}"));
            None
        }
    }
}

pub(super) fn count(node: &Node, what: &str, limits: Limits, sink: &mut Sink) -> Option<u64> {
    let (number, found) = match &node.value {
        Value::Integer(number) => (i128::from(*number), number.to_string()),
        // Beyond any limit, on its side of them.
        Value::Huge(digits) if digits.starts_with('-') => (i128::MIN, digits.clone()),
        Value::Huge(digits) => (i128::MAX, digits.clone()),
        other => {
            let found = other.describe();
            sink.error("S003", &node.place, format!("{what} is a whole number; found {found}"));
            return None;
        }
    };
    let Limits { least, most, why } = limits;
    let message = || format!("{what} is from {least} to {most}; found {found}");
    match u64::try_from(number) {
        Ok(number) if number >= least && number <= most => Some(number),
        _ if number > i128::from(most) => {
            sink.error_with_help("S005", &node.place, message(), format!("no more: {why}"));
            None
        }
        _ => {
            sink.error("S005", &node.place, message());
            None
        }
    }
}

pub(super) fn number(
    node: &Node,
    what: &str,
    least: f64,
    most: f64,
    sink: &mut Sink,
) -> Option<f64> {
    let number = match &node.value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Huge(digits) => digits.parse().ok(),
        _ => None,
    };
    let Some(number) = number else {
        let found = node.value.describe();
        sink.error("S003", &node.place, format!("{what} is a number; found {found}"));
        return None;
    };
    if !(number.is_finite() && (least..=most).contains(&number)) {
        let range = if least == f64::MIN {
            "a finite number".to_owned()
        } else if most == f64::MAX {
            format!("at least {least}")
        } else {
            format!("from {least} to {most}")
        };
        sink.error("S005", &node.place, format!("{what} is {range}; found {number}"));
        return None;
    }
    Some(number)
}

/// A number above 0, and at most a thousand million million.
pub(super) fn positive(node: &Node, what: &str, sink: &mut Sink) -> Option<f64> {
    let number = number(node, what, f64::MIN, f64::MAX, sink)?;
    if number <= 0.0 || number > POSITIVE_MOST {
        let message = format!("{what} is above 0, and at most 1e15; found {number}");
        sink.error("S005", &node.place, message);
        return None;
    }
    Some(number)
}

/// The most that a number above 0 may be.
pub(super) const POSITIVE_MOST: f64 = 1e15;

/// A share that is not nothing.
pub(super) fn part(node: &Node, what: &str, sink: &mut Sink) -> Option<f64> {
    let number = number(node, what, f64::MIN, f64::MAX, sink)?;
    if number <= 0.0 || number > 1.0 {
        let message = format!("{what} is above 0, and at most 1; found {number}");
        sink.error_with_help("S005", &node.place, message, "a share of the mean: 5 % is 0.05");
        return None;
    }
    Some(number)
}

/// The longest duration that is accepted: a hundred years of 365.25 days, as humantime reads them.
const SPAN_MAX: u64 = 100 * 31_557_600 * 1_000_000_000;

pub(super) fn span(node: &Node, what: &str, zero: bool, sink: &mut Sink) -> Option<Span> {
    const HELP: &str =
        "a duration is a number with a unit, in quotes: \"250us\", \"5ms\", \"1m 30s\"";
    let text = match &node.value {
        Value::Text(text) => text,
        Value::Integer(number) => {
            let message = format!("{what} is a duration, and {number} has no unit");
            let help = format!("{number} of what? \"{number}ms\", \"{number}s\"; {HELP}");
            sink.error_with_help("S004", &node.place, message, help);
            return None;
        }
        other => {
            let message = format!("{what} is a duration; found {}", other.describe());
            sink.error_with_help("S003", &node.place, message, HELP);
            return None;
        }
    };
    let parsed = humantime::parse_duration(text.trim());
    let nanos = match parsed.map(|duration| u64::try_from(duration.as_nanos())) {
        Ok(Ok(nanos)) if nanos <= SPAN_MAX => nanos,
        Ok(_) => {
            let message = format!("{what} is at most 100 years; found {text:?}");
            sink.error("S005", &node.place, message);
            return None;
        }
        Err(error) => {
            let message = format!("{what} is a duration, and {text:?} is none: {error}");
            sink.error_with_help("S004", &node.place, message, HELP);
            return None;
        }
    };
    if nanos == 0 && !zero {
        sink.error("S005", &node.place, format!("{what} is longer than nothing; found {text:?}"));
        return None;
    }
    Some(Span(nanos))
}

/// The index of a word among those accepted.
pub(super) fn word(
    node: &Node,
    what: &str,
    words: &'static [&'static str],
    sink: &mut Sink,
) -> Option<usize> {
    let text = text(node, what, sink)?;
    let index = words.iter().position(|word| *word == text);
    if index.is_none() {
        let message = format!("{what} cannot be {text:?}");
        let help = suggest(&text, words.iter().copied());
        sink.error_with_help("S007", &node.place, message, help);
    }
    index
}

pub(super) fn distribution(node: &Node, what: &str, sink: &mut Sink) -> Option<Distribution> {
    if let Value::Text(_) | Value::Integer(_) = node.value {
        return span(node, what, true, sink).map(Distribution::Constant);
    }
    let (entry, shape) = kind(node, what, fields::DISTRIBUTIONS, &["5ms"], sink)?;
    let label = format!("{what} ({})", entry.key);
    let table = |sink: &mut Sink| match shape {
        Shape::Table(fields) => Some(Section::open(&entry.key, &entry.node, fields, sink)),
        _ => None,
    };
    let distribution = match entry.key.as_str() {
        "constant" => Distribution::Constant(span(&entry.node, &label, true, sink)?),
        "exponential" => Distribution::Exponential(span(&entry.node, &label, false, sink)?),
        "uniform" => {
            let section = table(sink)?;
            let (min, max) = ordered(&section, "min", "max", sink);
            Distribution::Uniform { min, max }
        }
        "lognormal" => {
            let section = table(sink)?;
            let (median, p99) = ordered(&section, "median", "p99", sink);
            Distribution::Lognormal { median, p99 }
        }
        _ => {
            let section = table(sink)?;
            let (min, shape) = (section.span("min", sink), section.positive("shape", sink));
            if shape <= 1.0 && !section.failed("shape", sink) {
                let message = format!("a Pareto distribution with shape {shape} has no mean");
                sink.warn("S104", section.value_place("shape"), message, "use a shape above 1");
            }
            Distribution::Pareto { min, shape }
        }
    };
    Some(distribution)
}

/// Reads two durations, of which the second may not be the shorter one.
fn ordered(section: &Section<'_>, low: &str, high: &str, sink: &mut Sink) -> (Span, Span) {
    let known = sink.list.len();
    let spans = (section.span(low, sink), section.span(high, sink));
    // What could not be read was replaced by something harmless: say nothing more about it.
    if spans.1 < spans.0 && sink.list.len() == known {
        let message = format!("{high} ({}) is below {low} ({})", spans.1, spans.0);
        // The one that an override has put there is the one to look at.
        let (low, high) = (section.value_place(low), section.value_place(high));
        let place = if low.source > high.source { low } else { high };
        sink.error("S009", place, message);
    }
    spans
}
