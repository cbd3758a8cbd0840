//! The `[[fault]]` tables.

use super::diagnostics::{Place, Sink, suggest};
use super::fields::{FAULT, LOSE, SERVER_CRASH};
use super::model::{FAULTS, Fault, FaultKind};
use super::reader::Section;
use super::too_late::{self, starts_too_late};
use super::tree::{Entry, Node};
use super::variants::Draft;
use crate::op::{Component, OP_KINDS};
use crate::time::Time;

/// Reads all faults, with the places of their `at`. `end`: when load stops, [`Time::NEVER`] if
/// that is not known.
pub(super) fn read(
    tables: &[Node],
    end: Time,
    drafts: &[Draft],
    sink: &mut Sink,
) -> (Vec<Fault>, Vec<Place>) {
    tables.iter().filter_map(|node| fault(node, end, drafts, sink)).unzip()
}

fn fault(node: &Node, end: Time, drafts: &[Draft], sink: &mut Sink) -> Option<(Fault, Place)> {
    let section = Section::open("[[fault]]", node, FAULT, sink);
    let at = Time::ZERO + section.span("at", sink);
    let place = section.value_place("at");
    if at >= end {
        let message = starts_too_late(at, "the run", end - Time::ZERO);
        sink.error_with_help("S012", place, message, too_late::HELP);
    }
    let length = section.optional_span("for", sink);
    let kinds: Vec<(usize, &Entry)> = FAULTS
        .iter()
        .enumerate()
        .filter_map(|(index, (name, _))| section.given(name).map(|entry| (index, entry)))
        .collect();
    let [(_, entry)] = kinds.as_slice() else {
        if kinds.is_empty() && section.has_unknown() {
            return None;
        }
        let message = format!("a [[fault]] says what breaks, once; found {}", kinds.len());
        let names = FAULTS.iter().map(|(name, _)| *name);
        sink.error_with_help("S008", section.place, message, suggest("", names));
        return None;
    };
    let kind = match entry.key.as_str() {
        "cache-restart" => {
            Section::open("cache-restart", &entry.node, &[], sink);
            FaultKind::CacheRestart
        }
        "lose" => lose(entry, sink)?,
        _ => crash(entry, drafts, sink),
    };
    let lasts = matches!(kind, FaultKind::Lose { .. });
    if let (false, Some(given)) = (lasts, section.given("for")) {
        let message = format!("`{}` is over as soon as it happens", entry.key);
        sink.error_with_help("S012", &given.key_place, message, "leave `for` out");
    }
    let until = match (lasts, length) {
        (false, _) => at,
        (true, Some(length)) => at + length,
        (true, None) => Time::NEVER,
    };
    Some((Fault { at, until, kind }, place.clone()))
}

fn lose(entry: &Entry, sink: &mut Sink) -> Option<FaultKind> {
    let section = Section::open("lose", &entry.node, LOSE, sink);
    let name = section.text("operation", sink);
    let probability = section.share("probability", sink);
    let travels = |(_, component): &&(&str, Component)| *component != Component::Local;
    let operation = OP_KINDS.iter().filter(travels).position(|(known, _)| *known == name);
    if let (None, Some(given)) = (operation, section.sound("operation", sink)) {
        let message = format!("there is no operation `{name}` that could be lost");
        let names: Vec<&str> = OP_KINDS.iter().filter(travels).map(|(name, _)| *name).collect();
        sink.error_with_help("S007", &given.node.place, message, suggest(&name, names));
    }
    Some(FaultKind::Lose { operation: operation?, probability })
}

fn crash(entry: &Entry, drafts: &[Draft], sink: &mut Sink) -> FaultKind {
    let section = Section::open("server-crash", &entry.node, SERVER_CRASH, sink);
    let servers = section.count("servers", sink);
    let known = drafts.iter().filter(|draft| draft.sound(&["servers", "count"], sink));
    let fewest = known.map(|draft| draft.world.servers.count).min();
    if let Some(fewest) = fewest.filter(|fewest| servers > *fewest) {
        let message = format!("{servers} servers cannot crash, where there are {fewest}");
        sink.error("S012", section.value_place("servers"), message);
    }
    FaultKind::ServerCrash { servers }
}
