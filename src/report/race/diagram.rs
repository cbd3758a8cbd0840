//! A schedule as a sequence diagram, for Mermaid and for PlantUML.

use super::Race;
use crate::op::{Component, Reply};
use crate::schedule::{Act, Move, Step, session_name, words};

/// What differs between the two languages.
struct Dialect {
    begin: &'static str,
    end: &'static str,
    participant: fn(&str, &str) -> String,
    call: &'static str,
    answer: &'static str,
    lost: &'static str,
    note: fn(&str, &str) -> String,
}

const MERMAID: Dialect = Dialect {
    begin: "sequenceDiagram\n",
    end: "",
    participant: |id, name| format!("    participant {id} as {name}\n"),
    call: "->>",
    answer: "-->>",
    lost: "-x",
    note: |id, text| format!("    Note over {id}: {text}\n"),
};

const PLANTUML: Dialect = Dialect {
    begin: "@startuml\n",
    end: "@enduml\n",
    participant: |id, name| format!("participant \"{name}\" as {id}\n"),
    call: "->",
    answer: "-->",
    lost: "->x",
    note: |id, text| format!("note over {id}: {text}\n"),
};

/// A Mermaid `sequenceDiagram`.
pub fn mermaid(race: &Race<'_>) -> String {
    draw(race, &MERMAID, "    ")
}

/// A PlantUML sequence diagram.
pub fn plantuml(race: &Race<'_>) -> String {
    draw(race, &PLANTUML, "")
}

fn draw(race: &Race<'_>, dialect: &Dialect, indent: &str) -> String {
    let mut text = dialect.begin.to_owned();
    let scene = race.scene;
    for index in 0..scene.sessions.len() {
        let (id, name) = (session_name(index), words::session(scene, index));
        text.push_str(&(dialect.participant)(&id, &name));
    }
    for node in 0..scene.cache_nodes.max(1) as usize {
        text.push_str(&(dialect.participant)(&cache_id(node), &words::cache(scene, node)));
    }
    text.push_str(&(dialect.participant)("database", "database"));
    for replica in 0..scene.replicas as usize {
        let name = format!("replica {}", replica + 1);
        text.push_str(&(dialect.participant)(&name.replace(' ', ""), &name));
    }
    for step in race.steps {
        step_lines(race, dialect, indent, step, &mut text);
    }
    if let (Some(step), false) = (race.steps.last(), race.violates.is_empty()) {
        let names: Vec<&str> = race.violates.iter().map(|property| property.name()).collect();
        let text_of = format!("violates {}", names.join(" and "));
        text.push_str(&(dialect.note)(&place(step), &text_of));
    }
    text + dialect.end
}

fn step_lines(race: &Race<'_>, dialect: &Dialect, indent: &str, step: &Step, text: &mut String) {
    let scene = race.scene;
    let (Move::Session(session, act), Some((op, reply))) = (step.made, step.happening.operation)
    else {
        // A colon would end the note's place, a second one its text.
        text.push_str(&(dialect.note)(&place(step), &words::action(step.made, None)));
        return;
    };
    let from = session_name(session);
    let to = match op.component() {
        Component::Cache => cache_id(scene.node_of(session)),
        Component::Database if op.name() == "db.read" && scene.replicas > 0 => {
            format!("replica{}", scene.replica_of(session) + 1)
        }
        Component::Database | Component::Local => "database".to_owned(),
    };
    let lost = matches!(act, Act::Lose(_) | Act::TimeOut(_));
    let arrow = if lost { dialect.lost } else { dialect.call };
    text.push_str(&format!("{indent}{from}{arrow}{to}: {}\n", words::operation(op)));
    let answered = !matches!(act, Act::Lose(_) | Act::TimeOut(_) | Act::TimeOutLate(_));
    if let (true, false, Some(told)) = (answered, reply == Reply::Done, words::reply(op, reply)) {
        text.push_str(&format!("{indent}{to}{}{from}: {told}\n", dialect.answer));
    }
    if let Act::TimeOut(_) | Act::TimeOutLate(_) = act {
        text.push_str(&(dialect.note)(&from, "gives up waiting"));
    }
}

/// The lifeline a step without a message belongs to.
fn place(step: &Step) -> String {
    match step.made {
        Move::Session(session, _) => session_name(session),
        Move::Evict { node, .. } | Move::Expire { node, .. } => cache_id(node),
        Move::Apply { replica } => format!("replica{}", replica + 1),
    }
}

fn cache_id(node: usize) -> String {
    format!("cache{}", node + 1)
}
