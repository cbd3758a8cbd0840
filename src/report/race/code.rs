//! A schedule for programs: JSON, and a Rust test.

use serde_json::{Value, json};

use super::Race;
use crate::op::Key;
use crate::report::wrap;
use crate::schedule::{Property, Script, chain, key_name, session_name, words};
use crate::time::Time;
use crate::world::{Cache, Holding};

/// Comments are no wider, so that they fit into a test, too.
const COMMENT_WIDTH: usize = 80;

/// The version of the JSON's shape.
const SCHEMA_VERSION: u32 = 1;

/// The schedule and what each step did, as JSON.
pub fn json(race: &Race<'_>) -> Value {
    let plans = race.scene.sessions.iter().enumerate().map(|(index, plan)| {
        let requests = plan.iter().map(|request| {
            json!({ "kind": if request.write { "write" } else { "read" }, "key": key_name(request.key) })
        });
        json!({ "name": session_name(index), "requests": requests.collect::<Vec<_>>() })
    });
    let violates: Vec<&str> = race.violates.iter().map(|property| property.name()).collect();
    json!({
        "schema_version": SCHEMA_VERSION,
        "strategy": race.strategy,
        "sessions": plans.collect::<Vec<_>>(),
        "cache_nodes": race.scene.cache_nodes,
        "replicas": race.scene.replicas,
        "violates": violates,
        "cause": race.cause,
        "unavoidable_from_step": race.unavoidable.map(|index| index + 1),
        "steps": (0..race.steps.len()).map(|at| step_value(race, at)).collect::<Vec<_>>(),
        "schedule": schedule(race),
        "chains": race.violates.iter().map(|it| chain_value(race, *it)).collect::<Vec<_>>(),
        "replay": race.replay,
    })
}

/// The steps that a violation rests on.
fn chain_value(race: &Race<'_>, property: Property) -> Value {
    let links = chain(race.scene, race.steps, property).into_iter();
    let links = links.map(|link| json!({ "step": link.at + 1, "what": link.what }));
    json!({ "property": property.name(), "links": links.collect::<Vec<_>>() })
}

fn step_value(race: &Race<'_>, at: usize) -> Value {
    let step = &race.steps[at];
    let operation = step.happening.operation;
    let reply = operation.and_then(|(op, reply)| words::reply(op, reply));
    let caches = (0..race.scene.cache_nodes.max(1) as usize).map(|node| {
        let keys = (0..race.scene.keys).map(|key| {
            let held = match step.stage.cache(node).holding(Key(key)) {
                Holding::Nothing => Value::Null,
                Holding::Row(version) => json!({ "row": version.0 }),
                Holding::Tombstone(version) => json!({ "tombstone": version.0 }),
            };
            (key_name(Key(key)), held)
        });
        Value::Object(keys.collect())
    });
    let keys = || (0..race.scene.keys).map(Key);
    let versions = |version: &dyn Fn(Key) -> u32| {
        Value::Object(keys().map(|key| (key_name(key), json!(version(key)))).collect())
    };
    let stage = &step.stage;
    let replicas = (0..race.scene.replicas as usize)
        .map(|replica| versions(&|key| stage.in_replica(replica, key).0));
    // Which keys of each cache are leased, or locked.
    let held = |is: fn(&Cache, Time, Key) -> bool| {
        let nodes = 0..race.scene.cache_nodes.max(1) as usize;
        let of = |node| keys().filter(move |key| is(stage.cache(node), Time::ZERO, *key));
        nodes.map(|node| of(node).map(key_name).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let violated: Vec<&str> = step.violated.iter().map(Property::name).collect();
    let mut value = json!({
        "actor": words::actor(race.scene, step.made),
        "action": words::action(step.made, operation.map(|(op, _)| op)),
        "reply": reply,
        "answered": step.happening.answered.map(words::outcome),
        "caches": caches.collect::<Vec<_>>(),
        "leases": held(Cache::is_leased),
        "locks": held(Cache::is_locked),
        "database": versions(&|key| stage.in_database(key).0),
        "replicas": replicas.collect::<Vec<_>>(),
        "violated": violated,
    });
    if let (Some(moment), Some(members)) = (race.moments.get(at), value.as_object_mut()) {
        members.insert("at_ns".to_owned(), json!(moment.at.0));
        members.insert("at_latest".to_owned(), json!(moment.is_latest));
    }
    value
}

/// The text that `stalelab replay` plays, with the cause as a comment.
pub fn schedule(race: &Race<'_>) -> String {
    let cause = if race.cause.is_empty() { String::new() } else { format!("{}.", race.cause) };
    let comment = wrap(&cause, COMMENT_WIDTH).into_iter().map(|line| format!("# {line}\n"));
    let head: String = comment.collect();
    head + &Script::of_steps(race.strategy, race.scene, race.steps, race.violates)
}

/// A Rust test that plays the schedule and, if it violates anything, fails once it no longer does.
/// It compiles where stalelab is a dependency and the strategy a built-in.
pub fn rust_test(race: &Race<'_>) -> String {
    let (does, call) = match race.violates.first() {
        Some(property) => (format!("violates_{property}"), "must_violate"),
        None => ("plays".to_owned(), "play"),
    };
    let name = format!("{}_{}", identifier(race.strategy), identifier(&does));
    let mut text = format!("#[test]\nfn {name}() {{\n    stalelab::testing::race(\n        r#\"\n");
    for line in schedule(race).lines() {
        text.push_str(format!("        {line}").trim_end());
        text.push('\n');
    }
    text + &format!("        \"#,\n    )\n    .{call}();\n}}\n")
}

/// A text as part of a Rust name: its words, joined.
fn identifier(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}
