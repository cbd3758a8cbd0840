//! A schedule as a sequence diagram, for Mermaid and for PlantUML.

use super::Race;
use super::cells::heads;
use crate::op::{Component, Op};
use crate::schedule::{Act, Move, Scene, Step, session_name, words};

/// What differs between the two languages.
struct Dialect {
    indent: &'static str,
    begin: &'static str,
    end: &'static str,
    participant: fn(&str, &str) -> String,
    call: &'static str,
    answer: &'static str,
    lost: &'static str,
    note: fn(&str, &str) -> String,
}

const MERMAID: Dialect = Dialect {
    indent: "    ",
    begin: "sequenceDiagram\n",
    end: "",
    participant: |id, name| format!("    participant {id} as {name}\n"),
    call: "->>",
    answer: "-->>",
    lost: "-x",
    note: |id, text| format!("    Note over {id}: {text}\n"),
};

const PLANTUML: Dialect = Dialect {
    indent: "",
    begin: "@startuml\n",
    end: "@enduml\n",
    participant: |id, name| format!("participant \"{name}\" as {id}\n"),
    call: " -> ",
    answer: " --> ",
    // Without the blank, the x would be the beginning of the receiver's name.
    lost: " ->x ",
    note: |id, text| format!("note over {id}: {text}\n"),
};

/// The database's identifier: `database` is a word of PlantUML's.
const DATABASE: &str = "db";

/// A Mermaid `sequenceDiagram`.
pub fn mermaid(race: &Race<'_>) -> String {
    draw(race, &MERMAID)
}

/// A PlantUML sequence diagram.
pub fn plantuml(race: &Race<'_>) -> String {
    draw(race, &PLANTUML)
}

fn draw(race: &Race<'_>, dialect: &Dialect) -> String {
    let indent = dialect.indent;
    let mut text = dialect.begin.to_owned();
    let scene = race.scene;
    for (index, (id, name)) in ids(scene).iter().zip(heads(scene)).enumerate() {
        if scene.sessions.get(index).is_none_or(|plan| !plan.is_empty()) {
            text.push_str(&(dialect.participant)(id, &name));
        }
    }
    // Whose request is in progress: its lifeline is thick for as long.
    let mut busy = vec![false; scene.sessions.len()];
    for (index, step) in race.steps.iter().enumerate() {
        if let Move::Session(session, act) = step.made {
            if step.happening.began.is_some() {
                busy[session] = true;
                text.push_str(&format!("{indent}activate {}\n", session_name(session)));
            }
            text.push_str(&messages(scene, dialect, session, act, step));
            let ends = act == Act::Crash || step.happening.answered.is_some();
            if ends && std::mem::take(&mut busy[session]) {
                text.push_str(&format!("{indent}deactivate {}\n", session_name(session)));
            }
        } else {
            text.push_str(&(dialect.note)(&place(step), &words::action(step.made, None)));
        }
        let here = race.violates.iter().filter(|it| race.violating(**it) == Some(index));
        let names: Vec<&str> = here.map(|property| property.name()).collect();
        if !names.is_empty() {
            let violates = format!("violates {}", names.join(" and "));
            text.push_str(&(dialect.note)(&place(step), &violates));
        }
    }
    text + dialect.end
}

/// What a session says and hears in a step.
fn messages(scene: &Scene, dialect: &Dialect, session: usize, act: Act, step: &Step) -> String {
    let Some((op, reply)) = step.happening.operation else {
        return (dialect.note)(&place(step), &words::action(step.made, None));
    };
    let (indent, from) = (dialect.indent, session_name(session));
    let to = match op {
        Op::DbRead(_) if scene.replicas > 0 => replica_id(scene.replica_of(session)),
        op if op.component() == Component::Cache => cache_id(scene.node_of(session)),
        _ => DATABASE.to_owned(),
    };
    if let Act::TimeOutAdrift(_) = act {
        let text = format!("gives up waiting for {}", words::operation(op));
        return (dialect.note)(&from, &text);
    }
    let lost = matches!(act, Act::Lose(_) | Act::TimeOut(_));
    let late = if matches!(act, Act::Land(_)) { " (late)" } else { "" };
    let arrow = if lost { dialect.lost } else { dialect.call };
    let mut text = format!("{indent}{from}{arrow}{to}: {}{late}\n", words::operation(op));
    match (act, words::reply(op, reply)) {
        (Act::Proceed(_), Some(told)) => {
            text.push_str(&format!("{indent}{to}{}{from}: {told}\n", dialect.answer));
        }
        (Act::TimeOut(_) | Act::TimeOutLate(_), _) => {
            text.push_str(&(dialect.note)(&from, "gives up waiting"));
        }
        _ => {}
    }
    text
}

/// The identifiers of the lifelines, in the order of a ladder's columns.
fn ids(scene: &Scene) -> Vec<String> {
    let sessions = (0..scene.sessions.len()).map(session_name);
    let caches = (0..scene.cache_nodes.max(1) as usize).map(cache_id);
    let replicas = (0..scene.replicas as usize).map(replica_id);
    sessions.chain(caches).chain([DATABASE.to_owned()]).chain(replicas).collect()
}

/// The lifeline a step without a message belongs to.
fn place(step: &Step) -> String {
    match step.made {
        Move::Session(session, _) => session_name(session),
        Move::Evict { node, .. } | Move::Expire { node, .. } => cache_id(node),
        Move::Apply { replica } => replica_id(replica),
    }
}

fn cache_id(node: usize) -> String {
    format!("cache{}", node + 1)
}

fn replica_id(replica: usize) -> String {
    format!("replica{}", replica + 1)
}
