//! Overrides: values from the command line, put into the scenario's tree before anything is read
//! from it, so that they meet the same checks as the file.
//!
//! How a value is put over another is the business of `merge.rs`.

use super::diagnostics::{Sink, SourceText, suggest};
use super::fields::{SCENARIO, Shape, VARIANT};
use super::merge::{Step, entry_or_default, put};
use super::tree::{Entry, Node, Value, read};
use super::variants::name_of;

/// A value given on the command line: `key.path=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    text: String,
    path: Vec<String>,
    value: String,
}

impl Override {
    /// Reads `key.path=value`. The value is TOML; a bare word that is not is taken as a string,
    /// so that `cache.link=5ms` works. A part of the key with a dot in it is quoted, as in
    /// `variant."v1.2".strategy.ttl-only.ttl=5s`.
    ///
    /// # Errors
    /// A sentence, if there is no key or no `=`.
    pub fn parse(text: &str) -> Result<Override, String> {
        let wrong =
            || format!("expected KEY=VALUE, for example workload.read_share=0.5; found `{text}`");
        let (key, value) = split(text).ok_or_else(wrong)?;
        let path = path(key).ok_or_else(wrong)?;
        let value = value.trim();
        if value.is_empty() {
            return Err(wrong());
        }
        Ok(Override { text: text.to_owned(), path, value: value.to_owned() })
    }

    /// The override's text, to show in messages: TOML of the form `key = value`.
    pub(super) fn source(&self) -> SourceText {
        let key: Vec<String> = self.path.iter().map(|part| key_text(part)).collect();
        let key = key.join(".");
        let mut text = format!("{key} = {}", self.value);
        let mut quiet = Sink::default();
        let root = read(&text, 0, &mut quiet);
        if !quiet.list.is_empty() || descend(&root, self.path.len()).is_none() {
            text = format!("{key} = {}", quoted(&self.value));
        }
        SourceText { origin: format!("--set {}", self.text), text }
    }

    /// Puts the value into the tree. `text` is that of the [source](Override::source).
    pub(super) fn apply(&self, root: &mut Node, source: usize, text: &str, sink: &mut Sink) {
        let own = read(text, source, sink);
        let Some((path, node)) = descend(&own, self.path.len()) else { return };
        match path.as_slice() {
            [list, variant, rest @ ..] if list.key == "variant" => {
                if let Some(table) = variant_named(root, variant, sink) {
                    put_into_variant(table, rest, node.clone());
                }
            }
            [list, part, ..] if ["fault", "expect"].contains(&list.key) => {
                let message = format!("no [[{}]] has a name to reach it by", list.key);
                let help = format!("only the whole list can be given, as {}=[]", list.key);
                sink.error_with_help("S016", part.place, message, help);
            }
            path => put(root, Shape::Table(SCENARIO), path, node.clone()),
        }
    }
}

/// The parts before and after the first `=` that is not in quotes.
fn split(text: &str) -> Option<(&str, &str)> {
    let at = outside_quotes(text, '=').next().or_else(|| text.find('='))?;
    Some((&text[..at], &text[at + 1..]))
}

/// Where this character stands outside quotes.
fn outside_quotes(text: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mut quote = None;
    let found = text.char_indices().filter(move |(_, c)| {
        match quote {
            Some(open) if open == *c => quote = None,
            None if ['"', '\''].contains(c) => quote = Some(*c),
            _ => {}
        }
        quote.is_none() && *c == wanted
    });
    found.map(|(at, _)| at)
}

/// The parts of a key.
fn path(key: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for end in outside_quotes(key, '.').chain([key.len()]) {
        parts.push(key_part(key[start..end].trim())?);
        start = end + 1;
    }
    Some(parts)
}

/// A part of a key, as TOML reads it; or as it is, for a shell takes the quotes off a name that
/// needs them in TOML.
fn key_part(text: &str) -> Option<String> {
    let mut quiet = Sink::default();
    let root = read(&format!("{text} = 0"), 0, &mut quiet);
    match root.entries() {
        [entry] if quiet.list.is_empty() => Some(entry.key.clone()),
        _ if text.is_empty() || text.contains(['"', '\'']) => None,
        _ => Some(text.to_owned()),
    }
}

/// The way into tables of one entry each, so many deep, and what is there; `None` if there is
/// more in them.
fn descend(root: &Node, depth: usize) -> Option<(Vec<Step<'_>>, &Node)> {
    let (mut path, mut node) = (Vec::new(), root);
    while path.len() < depth {
        let [entry] = node.entries() else { return None };
        path.push(Step::of(entry));
        node = &entry.node;
    }
    Some((path, node))
}

/// A part of a key as TOML.
fn key_text(part: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !part.is_empty() && part.chars().all(bare) {
        true => part.to_owned(),
        false => quoted(part),
    }
}

/// A text as a TOML string of one line.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn variant_named<'a>(root: &'a mut Node, name: &Step<'_>, sink: &mut Sink) -> Option<&'a mut Node> {
    let Value::Table(entries) = &mut root.value else { return None };
    let list = entries.iter_mut().find(|entry| entry.key == "variant");
    let variants = match list.map(|entry| &mut entry.node.value) {
        Some(Value::Array(variants)) => variants.as_mut_slice(),
        // The reader says what is wrong with the list.
        Some(_) => return None,
        None => &mut [],
    };
    let index = variants.iter().position(|variant| name_of(variant) == Some(name.key));
    if index.is_none() {
        let message = format!("there is no variant named {:?}", name.key);
        let names: Vec<&str> = variants.iter().filter_map(name_of).collect();
        sink.error_with_help("S016", name.place, message, suggest(name.key, names));
    }
    index.map(|index| &mut variants[index])
}

fn put_into_variant(variant: &mut Node, path: &[Step<'_>], node: Node) {
    match (path, &node.value) {
        ([], Value::Table(entries)) => {
            for entry in entries {
                put_into_variant(variant, &[Step::of(entry)], entry.node.clone());
            }
        }
        // Later overrides win, however the earlier ones are written.
        ([set], Value::Table(entries)) if set.key == "set" => {
            for entry in entries {
                put_into_variant(variant, &[*set, Step::of(entry)], entry.node.clone());
            }
        }
        ([set, rest @ ..], _) if set.key == "set" && !rest.is_empty() => {
            let keys: Vec<&str> = rest.iter().map(|step| step.key).collect();
            let key_place = rest[0].place.clone();
            let patch = Entry { key: keys.join("."), key_place, node };
            let set = entry_or_default(variant, set, "").map(|entry| &mut entry.node.value);
            if let Some(Value::Table(entries)) = set {
                entries.push(patch);
            }
        }
        _ => put(variant, Shape::Table(VARIANT), path, node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Distribution;
    use crate::scenario::{Checked, Diagnostics, Input, parse};
    use crate::time::Span;
    use crate::workload::Arrivals;

    const BASE: &str = r#"
duration = "10s"

[workload]
arrivals = { poisson = { rate = 100.0 } }
keys = 500

[database]
write = { lognormal = { median = "3ms", p99 = "9ms" } }
link = { exponential = "1ms" }

[[variant]]
name = "ttl 60 s"
strategy = { ttl-only = { ttl = "60s" } }
set = { database = { connections = 7 }, "cache.capacity" = 9 }

[[variant]]
strategy = { no-cache = {} }
"#;

    fn base() -> Input {
        Input::from_text("base", BASE)
    }

    fn set(overrides: &[&str]) -> Result<Checked, Diagnostics> {
        let overrides: Result<Vec<_>, _> = overrides.iter().map(|o| Override::parse(o)).collect();
        parse(&base(), &overrides.expect("each has a key and a value"))
    }

    /// What is said, as `code line:column message; help`, each on a line.
    fn said(overrides: &[&str]) -> String {
        let list = set(overrides).err().unwrap_or_default();
        let line = |one: &crate::scenario::Diagnostic| {
            let (line, column) = list.line_and_column(one, &base());
            let help = one.help.as_deref().unwrap_or_default();
            format!("{} {line}:{column} {}; {help}\n", one.code, one.message)
        };
        list.iter().map(line).collect()
    }

    const fn ms(millis: u64) -> Span {
        Span::from_millis(millis)
    }

    #[test]
    fn another_kind_replaces_and_the_same_is_reached_into() {
        let checked = set(&[
            "workload.arrivals.closed.think=1s",
            "database.write.lognormal.p99=30ms",
            // Not in the file: it starts from the default.
            "database.read.lognormal.p99=30ms",
            "database.link={ uniform = { min = \"1ms\", max = \"2ms\" } }",
        ]);
        let variant = &checked.expect("all fine").scenario.variants[1];
        let think = Distribution::Constant(Span::from_secs(1));
        assert_eq!(variant.workload.arrivals, Arrivals::Closed { think });
        let database = &variant.world.database;
        assert_eq!(database.write, Distribution::Lognormal { median: ms(3), p99: ms(30) });
        assert_eq!(database.read, Distribution::Lognormal { median: ms(2), p99: ms(30) });
        assert_eq!(database.link, Distribution::Uniform { min: ms(1), max: ms(2) });
    }

    #[test]
    fn what_a_new_kind_needs_is_asked_for_at_the_overrides_own_text() {
        let said = said(&["database.link.lognormal.p99=30ms"]);
        assert!(said.starts_with("S006 1:15 lognormal needs `median`;"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }

    #[test]
    fn tables_are_merged() {
        let checked = set(&["workload={ read_share = 0.5 }", "servers={ count = 2 }"]);
        let variant = &checked.expect("all fine").scenario.variants[1];
        assert_eq!((variant.workload.read_share, variant.workload.keys), (0.5, 500));
        assert_eq!(variant.world.servers.count, 2);
    }

    #[test]
    fn a_variant_is_reached_by_its_name() {
        let checked = set(&[
            "variant.\"ttl 60 s\".strategy.ttl-only.ttl=5s",
            "variant.ttl 60 s.set.\"database.connections\"=3",
            "variant.'ttl 60 s'.set.cache.capacity=4",
            "variant.no-cache.strategy.lease={}",
            "variant.lease.set={ \"workload.keys\" = 50 }",
        ]);
        let scenario = checked.expect("all fine").scenario;
        let [one, other] = scenario.variants.as_slice() else { panic!("two variants") };
        assert_eq!(one.strategy.params.span(0), Span::from_secs(5));
        assert_eq!((one.world.database.connections, one.world.cache.capacity), (3, Some(4)));
        assert_eq!((other.name.as_str(), other.strategy.name), ("lease", "lease"));
        assert_eq!((one.workload.keys, other.workload.keys), (500, 50));
    }

    #[test]
    fn a_name_that_is_not_there_is_pointed_at() {
        let said = said(&["variant.ttl 6 s.name=x", "fault.0.at=1s", "variant.lease.x=1"]);
        let expected = [
            "S016 1:9 there is no variant named \"ttl 6 s\"; did you mean `ttl 60 s`? accepted:",
            "S016 1:7 no [[fault]] has a name to reach it by; only the whole list",
            "S016 1:9 there is no variant named \"lease\";",
        ];
        for (line, expected) in said.lines().zip(expected) {
            assert!(line.starts_with(expected), "{line}");
        }
        assert_eq!(said.lines().count(), expected.len(), "{said}");
    }

    #[test]
    fn a_value_is_one_value() {
        let said = said(&["seed=1\nreplications=2", "workload.keys=5\nworkload.clients=6"]);
        assert_eq!(said.matches("S003").count(), 2, "{said}");
    }

    #[test]
    fn keys_are_taken_apart_as_toml_does() {
        let parts = |text: &str| Override::parse(text).map(|given| given.path);
        assert_eq!(parts("a.\"b.c=d\".e=1"), Ok(vec!["a".into(), "b.c=d".into(), "e".into()]));
        assert_eq!(parts("a . b c = 1"), Ok(vec!["a".into(), "b c".into()]));
        for wrong in ["", "=", "=1", "a=", "a..b=1", ".a=1", "a.\"b=1", "seed"] {
            assert!(parts(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn strings_are_quoted_as_toml_does() {
        for text in ["a b", "\"", "\\", "tab\t\u{7f}", "é"] {
            let root = read(&format!("x = {}", quoted(text)), 0, &mut Sink::default());
            assert!(
                matches!(&root.entries()[0].node.value, Value::Text(read) if read == text),
                "{text:?}"
            );
        }
    }
}
