//! A schedule as a ladder: one column per actor and component, one row per step.

use super::Race;
use crate::op::Key;
use crate::report::hanging;
use crate::schedule::{Act, Move, Scene, Stage, Step, Who, key_name, words};
use crate::time::Time;
use crate::world::{Cache, Holding};

/// Wider than this, a ladder becomes a list.
const WIDTH_MAX: usize = 100;

/// One column per actor and component, one row per step, and in a component's column only what
/// the step changed. Ends with the cause and with how to see it again.
pub fn ladder(race: &Race<'_>) -> String {
    let columns = Columns::of(race.scene);
    let mut rows = vec![columns.heads(race.scene)];
    let mut before: Option<&Stage> = None;
    for step in race.steps {
        rows.push(columns.row(race.scene, before, step));
        before = Some(&step.stage);
    }
    let mut text = String::new();
    for property in race.violates {
        text.push_str(&format!("{property}: {}\n", property.promise()));
    }
    text.push_str(&layout(&rows, race));
    if !race.cause.is_empty() {
        text.push_str(&hanging("", 0, &format!("{}.", race.cause)));
    }
    text + &format!("replay: {}\n", race.replay)
}

/// Which column belongs to whom.
struct Columns {
    sessions: usize,
    caches: usize,
    replicas: usize,
}

impl Columns {
    fn of(scene: &Scene) -> Columns {
        Columns {
            sessions: scene.sessions.len(),
            caches: scene.cache_nodes.max(1) as usize,
            replicas: scene.replicas as usize,
        }
    }

    fn heads(&self, scene: &Scene) -> Vec<String> {
        let sessions = (0..self.sessions).map(|index| words::session(scene, index));
        let caches = (0..self.caches).map(|node| words::cache(scene, node));
        let replicas = (0..self.replicas).map(|replica| format!("replica {}", replica + 1));
        sessions.chain(caches).chain(["database".to_owned()]).chain(replicas).collect()
    }

    fn row(&self, scene: &Scene, before: Option<&Stage>, step: &Step) -> Vec<String> {
        let mut cells = vec![String::new(); self.sessions + self.caches + 1 + self.replicas];
        let at = match step.made {
            Move::Session(session, _) => session,
            Move::Evict { node, .. } | Move::Expire { node, .. } => self.sessions + node,
            Move::Apply { replica } => self.sessions + self.caches + 1 + replica,
        };
        cells[at] = done(scene, step);
        for node in 0..self.caches {
            let old = before.map(|stage| stage.cache(node));
            let new = cache_changes(scene, old, step.stage.cache(node));
            append(&mut cells[self.sessions + node], new);
        }
        let database = self.sessions + self.caches;
        for key in keys(scene) {
            let old = before.map_or(0, |stage| stage.in_database(key).0);
            let new = step.stage.in_database(key);
            let changed = (new.0 != old).then(|| named(scene, key, &words::version(new)));
            append(&mut cells[database], changed);
            for replica in 0..self.replicas {
                let old = before.map_or(0, |stage| stage.in_replica(replica, key).0);
                let new = step.stage.in_replica(replica, key);
                let changed = (new.0 != old).then(|| named(scene, key, &words::version(new)));
                append(&mut cells[database + 1 + replica], changed);
            }
        }
        cells
    }
}

/// What the actor of a step did, was told, and told its client.
fn done(scene: &Scene, step: &Step) -> String {
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
    action.replace("->", "→")
}

fn keys(scene: &Scene) -> impl Iterator<Item = Key> + use<> {
    (0..scene.keys).map(Key)
}

/// With several keys, whose it is.
fn named(scene: &Scene, key: Key, what: &str) -> String {
    if scene.keys > 1 { format!("{} {what}", key_name(key)) } else { what.to_owned() }
}

fn append(cell: &mut String, what: Option<String>) {
    if let Some(what) = what {
        let between = if cell.is_empty() { "" } else { ", " };
        cell.push_str(&format!("{between}{what}"));
    }
}

/// What a step changed in a cache.
fn cache_changes(scene: &Scene, old: Option<&Cache>, new: &Cache) -> Option<String> {
    let mut changes = Vec::new();
    for key in keys(scene) {
        let holding = |cache: &Cache| cache.holding(key);
        if old.map_or(Holding::Nothing, holding) != holding(new) {
            let what = match new.holding(key) {
                Holding::Nothing => "empty".to_owned(),
                Holding::Row(version) => words::version(version),
                Holding::Tombstone(version) => format!("tombstone {}", words::version(version)),
            };
            changes.push(named(scene, key, &what));
        }
        let grants = [
            (Cache::is_leased as fn(&Cache, Time, Key) -> bool, "leased", "lease void"),
            (Cache::is_locked, "locked", "unlocked"),
        ];
        for (is, yes, no) in grants {
            let (was, is) =
                (old.is_some_and(|it| is(it, Time::ZERO, key)), is(new, Time::ZERO, key));
            if was != is {
                changes.push(named(scene, key, if is { yes } else { no }));
            }
        }
    }
    (!changes.is_empty()).then(|| changes.join(", "))
}

fn layout(rows: &[Vec<String>], race: &Race<'_>) -> String {
    let columns = rows[0].len();
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|it| wide(it).unwrap_or(0)).collect();
    let answers = race.steps.iter().map(|step| answer(step).chars().count()).max();
    let total = 4 + widths.iter().map(|it| it + 2).sum::<usize>() + answers.unwrap_or(0);
    if total > WIDTH_MAX {
        return list(race);
    }
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let number = if index == 0 { String::new() } else { index.to_string() };
        let mut line = format!("{number:>3} ");
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!(" {cell:<width$} "));
        }
        if index > 0 {
            line.push_str(&answer(&race.steps[index - 1]));
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if index > 0 {
            text.push_str(&violations(race, index - 1));
        }
    }
    text
}

/// What the client of a step was told, if its request ended.
fn answer(step: &Step) -> String {
    let told = |outcome| format!("answers {}", words::outcome(outcome));
    step.happening.answered.map(told).unwrap_or_default()
}

/// A line under the step that shows a violation: the read that observed it, or the last one.
fn violations(race: &Race<'_>, index: usize) -> String {
    let step = &race.steps[index];
    if index + 1 < race.steps.len() && step.happening.answered.is_none() {
        return String::new();
    }
    let here = race.violates.iter().filter(|property| step.violated.has(**property));
    here.map(|property| format!("     ✗ {property}\n")).collect()
}

/// A row a step, for what is too wide for columns.
fn list(race: &Race<'_>) -> String {
    let line = |(index, step): (usize, &Step)| {
        let words = words::step(race.scene, step.made, step.happening.operation);
        let line = format!("{:>3}  {words}  {}", index + 1, answer(step));
        format!("{}\n{}", line.trim_end(), violations(race, index))
    };
    race.steps.iter().enumerate().map(line).collect()
}
