//! What the cells of a ladder say: what a step did, and of each component only what it changed.

use crate::op::Key;
use crate::schedule::{Act, Move, Scene, Stage, Step, Who, key_name, words};
use crate::time::Time;
use crate::world::{Cache, Holding};

/// Stands for a blank at which a cell is not to be broken into lines.
pub(super) const GLUE: char = '\u{2060}';

/// The names of the columns: the sessions, then the components.
pub(super) fn heads(scene: &Scene) -> Vec<String> {
    let sessions = (0..scene.sessions.len()).map(|session| words::session(scene, session));
    sessions.chain(components(scene)).collect()
}

/// The names of the components: the caches, the database, its replicas.
pub(super) fn components(scene: &Scene) -> Vec<String> {
    let caches = (0..cache_nodes(scene)).map(|node| words::cache(scene, node));
    let replicas = (0..scene.replicas).map(|replica| words::replica(replica as usize));
    caches.chain(["database".to_owned()]).chain(replicas).collect()
}

/// A row: what was done, in the column of who did it, and what that changed.
pub(super) fn row(scene: &Scene, before: Option<&Stage>, step: &Step) -> Vec<String> {
    let mut cells = vec![String::new(); scene.sessions.len()];
    cells.extend(changes(scene, before, &step.stage));
    let components = scene.sessions.len();
    let at = match step.made {
        Move::Session(session, _) => session,
        Move::Evict { node, .. } | Move::Expire { node, .. } => components + node,
        Move::Apply { replica } => components + cache_nodes(scene) + 1 + replica,
    };
    let between = if cells[at].is_empty() { "" } else { ", " };
    cells[at] = format!("{}{between}{}", done(scene, step), cells[at]);
    cells
}

/// What changed in each component, empty where nothing did.
pub(super) fn changes(scene: &Scene, before: Option<&Stage>, after: &Stage) -> Vec<String> {
    let caches = (0..cache_nodes(scene)).map(|node| {
        let (old, new) = (before.map(|stage| stage.cache(node)), after.cache(node));
        let changes = keys(scene).flat_map(|key| cache_changes(scene, key, old, new));
        changes.collect::<Vec<_>>().join(", ")
    });
    let rows = |version: &dyn Fn(&Stage, Key) -> u32| {
        let changed = keys(scene).filter_map(|key| {
            let (old, new) = (before.map_or(0, |stage| version(stage, key)), version(after, key));
            (old != new).then(|| named(scene, key, &format!("v{new}")))
        });
        changed.collect::<Vec<_>>().join(", ")
    };
    let mut cells: Vec<String> = caches.collect();
    cells.push(rows(&|stage, key| stage.in_database(key).0));
    for replica in 0..scene.replicas as usize {
        cells.push(rows(&|stage, key| stage.in_replica(replica, key).0));
    }
    cells
}

/// What the client of a step was told, if its request ended.
pub(super) fn answer(step: &Step) -> String {
    let told = |outcome| format!("answers {}", words::outcome(outcome));
    step.happening.answered.map(told).unwrap_or_default()
}

/// What the actor of a step did and was told.
pub(super) fn done(scene: &Scene, step: &Step) -> String {
    let whole = words::step(scene, step.made, step.happening.operation);
    let (_, action) = whole.split_once(": ").unwrap_or(("", &whole));
    // With one key, its name says nothing.
    let mut action = match (scene.keys, step.happening.operation.and_then(|(op, _)| op.key())) {
        (1, Some(key)) => action.replacen(&format!(" {}", key_name(key)), "", 1),
        (1, None) => action.trim_end_matches(" x").to_owned(),
        _ => action.to_owned(),
    };
    if let Move::Session(_, Act::Proceed(Who::Background(_))) = step.made {
        action = format!("(job) {action}");
    }
    action.replace("-> ", &format!("→{GLUE}"))
}

pub(super) fn cache_nodes(scene: &Scene) -> usize {
    scene.cache_nodes.max(1) as usize
}

pub(super) fn keys(scene: &Scene) -> impl Iterator<Item = Key> + use<> {
    (0..scene.keys).map(Key)
}

/// With several keys, whose it is.
pub(super) fn named(scene: &Scene, key: Key, what: &str) -> String {
    if scene.keys > 1 { format!("{} {what}", key_name(key)) } else { what.to_owned() }
}

/// Whether what a cache holds under a key is older than the newest version that was accepted.
pub(in crate::report::race) fn is_old(stage: &Stage, node: usize, key: Key) -> bool {
    match stage.cache(node).holding(key) {
        Holding::Row(version) => version < stage.newest(key),
        Holding::Nothing | Holding::Tombstone(_) => false,
    }
}

/// What changed in a cache under one key.
fn cache_changes(scene: &Scene, key: Key, old: Option<&Cache>, new: &Cache) -> Vec<String> {
    let mut changes = Vec::new();
    if old.map_or(Holding::Nothing, |cache| cache.holding(key)) != new.holding(key) {
        changes.push(match new.holding(key) {
            Holding::Nothing => "empty".to_owned(),
            Holding::Row(version) => words::version(version),
            Holding::Tombstone(version) => format!("tombstone {}", words::version(version)),
        });
    }
    let grants = [
        (Cache::is_leased as fn(&Cache, Time, Key) -> bool, "leased", "lease void"),
        (Cache::is_locked, "locked", "unlocked"),
    ];
    for (is, yes, no) in grants {
        let was = old.is_some_and(|cache| is(cache, Time::ZERO, key));
        let now = is(new, Time::ZERO, key);
        if was != now {
            changes.push(if now { yes } else { no }.to_owned());
        }
    }
    changes.iter().map(|what| named(scene, key, what)).collect()
}
