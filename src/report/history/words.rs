//! Operations, violations and what was covered, in words.

use super::Shown;
use crate::consistency::{Kind, Operation, Property, Rule, UNKNOWN, Violation};
use crate::report::number;
use crate::time::{Span, Time};

/// A span as a person would say it.
pub(super) fn span(span: Span) -> String {
    match span {
        Span::ZERO => "0".to_owned(),
        Span(nanos @ 1..1_000) => format!("{nanos} ns"),
        Span(nanos) => number::duration(nanos as f64 / 1e6),
    }
}

/// A number of things: `1 read`, `1,000 reads`.
pub(super) fn many(count: u64, thing: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {thing}{s}", number::count(count as f64))
}

/// So many of all things, with their share; of none, what it is at most.
pub(super) fn share(count: u64, all: u64, thing: &str) -> String {
    let percent = match count {
        0 => {
            // What has not happened in n trials is at most 3/n, and no share is more than all.
            let bound = (3.0 / all as f64).min(1.0);
            format!("at most {}", number::upper_bound(100.0 * bound))
        }
        count => number::significant(100.0 * count as f64 / all as f64, 3),
    };
    format!("{} of {} ({percent} %)", number::count(count as f64), many(all, thing))
}

/// `is` or `are`.
pub(super) fn be(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Read => "read",
        Kind::Write => "write",
    }
}

/// What kind of operations a property is about, in one word.
pub(super) fn subject(property: Property) -> &'static str {
    match property {
        Property::Linearizability => "operation",
        Property::MonotonicWrites | Property::WritesFollowReads => "write",
        Property::NoStaleRead
        | Property::NoInversion
        | Property::NoDirtyRead
        | Property::ReadYourWrites
        | Property::MonotonicReads => "read",
    }
}

/// A rule's name in JSON.
pub(super) fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::OlderThanWrite => "older-than-write",
        Rule::OlderThanRead => "older-than-read",
        Rule::NotYetWritten => "not-yet-written",
        Rule::NeverWritten => "never-written",
        Rule::WrittenTwice => "written-twice",
    }
}

impl Shown<'_> {
    /// An operation in a line of a table: where it is told, who did what, and when.
    pub(super) fn operation(&self, number: u32) -> [String; 5] {
        let it = self.history.operation(number);
        let place = match it.line {
            0 => format!("operation {number}"),
            line => format!("line {line}"),
        };
        let version = match it.version {
            UNKNOWN => "unknown version".to_owned(),
            version => format!("version {version}"),
        };
        let ended = match it.completed {
            Time::NEVER => "open".to_owned(),
            Time(ended) => format!("to {ended}"),
        };
        [
            place,
            format!("process {}", self.history.sessions.name(it.session)),
            format!("{} {} → {version}", kind(it.kind), self.history.keys.name(it.key)),
            format!("from {}", it.invoked.0),
            ended,
        ]
    }

    /// What is wrong, in a sentence.
    pub(super) fn sentence(&self, violation: &Violation) -> String {
        let it = self.history.operation(violation.operation);
        let what = kind(it.kind);
        let Some(against) = violation.against.map(|number| self.history.operation(number)) else {
            return format!("Nobody wrote version {}.", it.version);
        };
        let version = against.version;
        let ahead = span(it.invoked - against.completed);
        match violation.rule {
            Rule::OlderThanWrite if version == UNKNOWN => format!(
                "A newer version, which its writer does not know, had been acknowledged {ahead} \
                 before the {what} began."
            ),
            Rule::OlderThanWrite => {
                format!("Version {version} had been acknowledged {ahead} before the {what} began.")
            }
            Rule::OlderThanRead => {
                format!("Version {version} had been returned {ahead} before the {what} began.")
            }
            Rule::NotYetWritten => {
                let late = span(against.invoked - it.completed);
                format!("The write of version {version} began {late} after the read had ended.")
            }
            Rule::NeverWritten => format!("Nobody wrote version {version}."),
            Rule::WrittenTwice => format!("Version {version} was acknowledged to both writers."),
        }
    }

    /// How many operations are known to have failed: reads, writes.
    pub(super) fn failed(&self) -> (u64, u64) {
        let failed = self.history.failed();
        let reads = failed.iter().filter(|it: &&Operation| it.kind == Kind::Read).count() as u64;
        (reads, failed.len() as u64 - reads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_a_bound() {
        assert_eq!(share(0, 1, "read"), "0 of 1 read (at most 100 %)");
        assert_eq!(share(0, 12, "read"), "0 of 12 reads (at most 25 %)");
        assert_eq!(share(0, 1_899, "read"), "0 of 1,899 reads (at most 0.16 %)");
        assert_eq!(share(1, 4, "read"), "1 of 4 reads (25.0 %)");
    }
}
