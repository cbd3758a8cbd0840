//! `stalelab explain`: what a word of the scenario file or of a report means.

use anstyle::Style;
use clap::Args;
use stalelab::metrics::{Better, METRICS, Metric};
use stalelab::observation::Cause;
use stalelab::op::{Component, OP_KINDS};
use stalelab::report::hanging;
use stalelab::scenario::{CODES, FAULTS};
use stalelab::strategies::{self, Info, ParamKind};
use stalelab::time::Span;

use super::causes::CAUSES;
use super::exit::{Exit, Failure};
use super::operations::OPERATIONS;
use super::{doc_text, losses, output, source};

/// Explain a strategy, metric, cause, fault, operation or diagnostic code
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The word, such as `delete-on-write`, `stale_read_ratio`, `late-fill` or `cache.lease`
    word: String,
}

impl Explain {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let texts = explain(&self.word);
        if texts.is_empty() {
            return Err(unknown(&self.word));
        }
        output::print(&texts.join("\n"))?;
        Ok(Exit::Ok)
    }
}

/// Everything of this name: a word may be both a strategy and a cause.
fn explain(word: &str) -> Vec<String> {
    let entry = |kind, name: &str, text: &str| format!("{}{}", title(kind, name), prose(text));
    let find = |table: &'static [(&str, &str)], kind: &'static str| {
        table
            .iter()
            .filter(|(name, _)| *name == word)
            .map(move |(name, text)| entry(kind, name, text))
    };
    let mut texts: Vec<String> = strategies::find(word).map(strategy).into_iter().collect();
    texts.extend(METRICS.iter().filter(|metric| metric.name == word).map(metric));
    let cause = word.strip_prefix("stale_cause.").unwrap_or(word);
    let causes = CAUSES.iter().filter(|(name, _)| *name == cause);
    texts.extend(causes.map(|(name, text)| {
        entry("cause of stale reads", name, text) + &prose(not_exercised(name))
    }));
    texts.extend(find(FAULTS, "fault").map(|text| match word {
        "lose" => text + &losses::explained(),
        _ => text,
    }));
    texts.extend(find(OPERATIONS, "operation").map(|text| text + &component(word)));
    texts.extend(find(CODES, "diagnostic"));
    texts
}

/// A sentence about a cause that cannot be seen yet; nothing about any other.
fn not_exercised(cause: &str) -> &'static str {
    match Cause::ALL.iter().find(|known| known.name() == cause) {
        Some(cause) if !cause.is_exercised() => {
            "No component of this version produces it: its metric stays empty, which is not to \
             say that it was not seen."
        }
        _ => "",
    }
}

fn title(kind: &str, name: &str) -> String {
    const BOLD: Style = Style::new().bold();
    format!("{BOLD}{name}{BOLD:#} ({kind})\n")
}

fn prose(text: &str) -> String {
    hanging("", 0, text)
}

fn strategy(info: &Info) -> String {
    let mut text = title("strategy", info.name);
    text.push_str(&doc_text::render(info.source));
    if info.params.is_empty() {
        return text + "\nIt takes no parameters.\n";
    }
    text.push_str("\nParameters\n");
    let width = info.params.iter().map(|param| param.name.len()).max().unwrap_or(0) + 4;
    for param in info.params {
        let kind = match param.kind {
            ParamKind::RequiredSpan => "a duration, required".to_owned(),
            ParamKind::OptionalSpan(Span::FOREVER) => "a duration, by default for ever".to_owned(),
            ParamKind::OptionalSpan(span) => format!("a duration, by default {span}"),
            ParamKind::Flag(default) => format!("true or false, by default {default}"),
        };
        text.push_str(&hanging(
            &format!("  {}", param.name),
            width,
            &format!("{} ({kind})", param.doc),
        ));
    }
    text
}

fn metric(metric: &Metric) -> String {
    let better = match metric.better {
        Better::Less => "Less is better.",
        Better::More => "More is better.",
        Better::Neither => "Neither more nor less is better.",
    };
    let text = format!("{} Unit: {}. {better}", metric.definition, metric.unit);
    format!("{}{}", title("metric", metric.name), prose(&text))
}

fn component(operation: &str) -> String {
    let component = OP_KINDS.iter().find(|(name, _)| *name == operation).map(|(_, by)| by);
    let text = match component {
        Some(Component::Cache) => "Served by the cache: one round trip.",
        Some(Component::Database) => "Served by the database: one round trip, and a connection.",
        Some(Component::Local) => "Done by the application server itself.",
        None => "",
    };
    prose(text)
}

fn unknown(word: &str) -> Failure {
    let names: Vec<&str> = (strategies::ALL.iter().map(|info| info.name))
        .chain(METRICS.iter().map(|metric| metric.name))
        .chain([CAUSES, FAULTS, OPERATIONS, CODES].into_iter().flatten().map(|(name, _)| *name))
        .collect();
    let meant = source::similar(word, &names);
    let hint = match meant.is_empty() {
        true => "`stalelab list` shows strategies, faults and metrics".to_owned(),
        false => format!("did you mean {}?", meant.join(", ")),
    };
    Failure::new(Exit::Usage, format!("nothing is called `{word}`; {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_tables_is_explained_within_the_terminal() {
        let words = (strategies::ALL.iter().map(|info| info.name))
            .chain(METRICS.iter().map(|metric| metric.name))
            .chain(OP_KINDS.iter().map(|(name, _)| *name))
            .chain([CAUSES, FAULTS, CODES].into_iter().flatten().map(|(name, _)| *name));
        for word in words {
            let text = explain(word).join("\n");
            let text = anstream::adapter::strip_str(&text).to_string();
            assert!(text.lines().count() >= 2, "{word}");
            for line in text.lines() {
                assert!(line.chars().count() <= stalelab::report::WIDTH, "{word}: {line}");
            }
        }
    }

    #[test]
    fn a_cause_is_found_under_its_metric_too() {
        assert_eq!(explain("stale_cause.late-fill").len(), 2);
        assert_eq!(explain("late-fill").len(), 1);
    }

    #[test]
    fn a_cause_that_nothing_produces_says_so() {
        for cause in Cause::ALL {
            let says_so = explain(cause.name()).concat().contains("No component of this version");
            assert_eq!(says_so, !cause.is_exercised(), "{}", cause.name());
        }
    }
}
