//! The `[workload]` table.

use super::diagnostics::Sink;
use super::fields::{self, Shape, WORKLOAD};
use super::reader::{Section, kind};
use super::tree::{Node, Value};
use super::{Input, values};
use crate::workload::{
    Arrivals, Journey, Popularity, TraceConfig, TraceFormat, TraceWrites, WorkloadConfig,
};

/// Reads the table.
pub(super) fn read(node: &Node, input: &Input, sink: &mut Sink) -> WorkloadConfig {
    let section = Section::open("[workload]", node, WORKLOAD, sink);
    let arrivals = arrivals(&section, input, sink);
    if let Arrivals::Trace(_) = arrivals {
        for name in ["clients", "keys", "read_share", "read_keys", "write_keys"] {
            if let Some(entry) = section.given(name) {
                let message = format!("`{name}` has no effect: the trace has its own");
                sink.warn("S103", &entry.key_place, message, "leave it out");
            }
        }
    }
    let keys = section.count("keys", sink);
    let read_keys = popularity(&section, "read_keys", keys, sink);
    let write_keys = match section.given("write_keys").map(|entry| &entry.node.value) {
        None => None,
        Some(Value::Text(same)) if same == "same" => None,
        Some(_) => Some(popularity(&section, "write_keys", keys, sink)),
    };
    WorkloadConfig {
        clients: section.count("clients", sink),
        arrivals,
        read_share: section.share("read_share", sink),
        keys,
        read_keys,
        write_keys,
        journey: journey(&section, sink),
    }
}

fn arrivals(section: &Section<'_>, input: &Input, sink: &mut Sink) -> Arrivals {
    let harmless = Arrivals::Poisson { rate: 1.0 };
    let Some(entry) = section.given("arrivals") else {
        section.missing("arrivals", sink);
        return harmless;
    };
    let Some((entry, shape)) = kind(&entry.node, "`arrivals`", fields::ARRIVALS, &[], sink) else {
        return harmless;
    };
    let Shape::Table(fields) = shape else { return harmless };
    let section = Section::open(&entry.key, &entry.node, fields, sink);
    match entry.key.as_str() {
        "poisson" => Arrivals::Poisson { rate: section.positive("rate", sink) },
        "closed" => {
            let think = section.distribution("think", sink);
            if think.mean() <= 0.0 {
                let message = "clients that think for no time ask without end at one instant";
                sink.error("S005", section.value_place("think"), message.to_owned());
            }
            Arrivals::Closed { think }
        }
        _ => Arrivals::Trace(trace(&section, input, sink)),
    }
}

fn trace(section: &Section<'_>, input: &Input, sink: &mut Sink) -> TraceConfig {
    let name = section.text("file", sink);
    let embedded = input.embedded.iter().find(|(path, _)| *path == name).map(|(_, text)| *text);
    let file = match &input.folder {
        Some(folder) => folder.join(&name),
        None => name.clone().into(),
    };
    if let Some(entry) = section.given("file")
        && embedded.is_none()
        && !file.is_file()
    {
        let message = format!("there is no trace file {}", file.display());
        let help = "the path is relative to the scenario's folder";
        sink.error_with_help("S015", &entry.node.place, message, help);
    }
    let format = match section.word("format", sink) {
        0 => TraceFormat::Csv,
        _ => TraceFormat::MetaKvcache,
    };
    let writes = match section.word("writes", sink) {
        0 => TraceWrites::FromDeletes,
        _ => TraceWrites::FromSets,
    };
    if let (Some(entry), TraceFormat::Csv) = (section.given("writes"), format) {
        let message = "`writes` has no effect: the csv format says which records are writes";
        sink.warn("S103", &entry.key_place, message.to_owned(), "leave it out");
    }
    TraceConfig { file, embedded, format, speed: section.positive("speed", sink), writes }
}

fn popularity(outer: &Section<'_>, name: &str, keys: u32, sink: &mut Sink) -> Popularity {
    let words: &[&str] = if name == "write_keys" { &["same", "uniform"] } else { &["uniform"] };
    let node = outer.node(name);
    match &node.value {
        Value::Text(word) if word == "uniform" => return Popularity::Uniform,
        Value::Table(entries) if entries.is_empty() && outer.given(name).is_none() => {
            return Popularity::Uniform;
        }
        _ => {}
    }
    let what = format!("`{name}`");
    let Some((entry, shape)) = kind(&node, &what, fields::POPULARITIES, words, sink) else {
        return Popularity::Uniform;
    };
    match shape {
        Shape::Table(fields) => {
            let section = Section::open(&entry.key, &entry.node, fields, sink);
            let hot = section.count("keys", sink);
            if hot > keys && !outer.failed("keys", sink) {
                let place = section.value_place("keys");
                let message = format!("{hot} hot keys are more than all {keys} keys");
                sink.error("S005", place, message);
            }
            Popularity::Hot { keys: hot, share: section.share("share", sink) }
        }
        _ => {
            let exponent = values::number(&entry.node, &what, 0.0, 20.0, sink);
            Popularity::Zipf { exponent: exponent.unwrap_or(0.0) }
        }
    }
}

fn journey(section: &Section<'_>, sink: &mut Sink) -> Journey {
    let node = section.node("journey");
    if let Value::Text(word) = &node.value
        && word == "independent"
    {
        return Journey::Independent;
    }
    let Some((entry, Shape::Table(fields))) =
        kind(&node, "`journey`", fields::JOURNEYS, &["independent"], sink)
    else {
        return Journey::Independent;
    };
    let section = Section::open(&entry.key, &entry.node, fields, sink);
    let (think, share) = (section.distribution("think", sink), section.share("share", sink));
    if entry.key == "edit-then-view" {
        Journey::EditThenView { think, share }
    } else {
        Journey::ViewThenAct { think, share }
    }
}
