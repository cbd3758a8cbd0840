//! What everybody has after each step: stores hold rows, clients wait or have their answer.

use super::Race;
use super::cells::{cache_nodes, components, is_old, keys, named};
use crate::op::{Key, Lease, Op, Outcome, Reply, Row, Version};
use crate::schedule::{Act, Move, Scene, Stage, Step, key_name, words};
use crate::time::Time;
use crate::world::{Cache, Holding};

/// What a store or a client has at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// In words.
    pub has: String,
    /// Whether it is a store's, and older than the newest version that was accepted.
    pub is_old: bool,
}

/// Who has something: the stores, then the clients that ask for anything.
pub fn holders(scene: &Scene) -> Vec<String> {
    let clients = clients(scene).map(|session| words::session(scene, session));
    components(scene).into_iter().chain(clients).collect()
}

/// What each of [`holders`] has: at first, and then after each step.
pub fn states(race: &Race<'_>) -> Vec<Vec<State>> {
    let mut clients = vec![Client::default(); race.scene.sessions.len()];
    let mut states = vec![all(race.scene, None, &clients)];
    for step in race.steps {
        if let Move::Session(session, act) = step.made {
            clients[session].follow(act, step);
        }
        states.push(all(race.scene, Some(&step.stage), &clients));
    }
    states
}

fn all(scene: &Scene, stage: Option<&Stage>, of_clients: &[Client]) -> Vec<State> {
    let mut states = stores(scene, stage);
    states.extend(clients(scene).map(|session| {
        let has = of_clients[session].words();
        State { has, is_old: false }
    }));
    states
}

/// The sessions that ask for anything.
fn clients(scene: &Scene) -> impl Iterator<Item = usize> + '_ {
    (0..scene.sessions.len()).filter(|session| !scene.sessions[*session].is_empty())
}

fn stores(scene: &Scene, stage: Option<&Stage>) -> Vec<State> {
    let join = |of_keys: Vec<String>, is_old| State { has: of_keys.join(", "), is_old };
    let mut states: Vec<State> = (0..cache_nodes(scene))
        .map(|node| {
            let held =
                |key| named(scene, key, &stage.map_or_else(nothing, |it| entry(it, node, key)));
            let old = |key| stage.is_some_and(|it| is_old(it, node, key));
            join(keys(scene).map(held).collect(), keys(scene).any(old))
        })
        .collect();
    // Before the first step everything is at version 0.
    let rows = |version: &dyn Fn(&Stage, Key) -> Version| {
        let version = |key| stage.map_or(Version(0), |stage| version(stage, key));
        let held = |key| named(scene, key, &words::version(version(key)));
        let old = |key| stage.is_some_and(|stage| version(key) < stage.newest(key));
        join(keys(scene).map(held).collect(), keys(scene).any(old))
    };
    states.push(rows(&|stage, key| stage.in_database(key)));
    for replica in 0..scene.replicas as usize {
        states.push(rows(&|stage, key| stage.in_replica(replica, key)));
    }
    states
}

fn nothing() -> String {
    "empty".to_owned()
}

/// What a cache has under a key.
fn entry(stage: &Stage, node: usize, key: Key) -> String {
    let cache = stage.cache(node);
    let mut words = match cache.holding(key) {
        Holding::Nothing => nothing(),
        Holding::Row(version) => words::version(version),
        Holding::Tombstone(version) => format!("tombstone {}", words::version(version)),
    };
    if Cache::is_leased(cache, Time::ZERO, key) {
        words.push_str(" (leased)");
    }
    if Cache::is_locked(cache, Time::ZERO, key) {
        words.push_str(" (locked)");
    }
    words
}

/// A client, and the server that works for it.
#[derive(Clone, Debug, Default)]
struct Client {
    /// What it asked for.
    request: Option<String>,
    /// The last operation of its server, and the reply.
    last: String,
    /// The newest reply that was a row.
    row: Option<Row>,
    answer: Option<Outcome>,
    crashed: bool,
}

impl Client {
    fn follow(&mut self, act: Act, step: &Step) {
        if let Some(request) = step.happening.began {
            let verb = if request.write { "writes" } else { "reads" };
            let request = format!("{verb} {}", key_name(request.key));
            *self = Client { request: Some(request), ..Client::default() };
        }
        if act == Act::Crash {
            self.crashed = true;
        }
        if let Some((op, reply)) = step.happening.operation {
            self.last = last(act, op, reply);
            self.row = row(reply).filter(|_| matches!(act, Act::Proceed(_))).or(self.row);
        }
        self.answer = step.happening.answered.or(self.answer);
    }

    fn words(&self) -> String {
        let Some(request) = &self.request else {
            return "has not begun".to_owned();
        };
        let row = self.row.map(|row| format!(", has {}", words::version(row.version)));
        let last = match (self.crashed, self.last.is_empty()) {
            (true, _) => ": its server crashed".to_owned(),
            (false, true) => String::new(),
            (false, false) => format!(": {}{}", self.last, row.unwrap_or_default()),
        };
        match self.answer {
            Some(outcome) => format!("{request}: answered {}", words::outcome(outcome)),
            None => format!("{request}{last}"),
        }
    }
}

/// An operation of a server, and what came of it.
fn last(act: Act, op: Op, reply: Reply) -> String {
    let told = words::reply(op, reply).filter(|_| matches!(act, Act::Proceed(_)));
    let did = match act {
        Act::Proceed(_) | Act::Crash => op.name().to_owned(),
        Act::Lose(_) => format!("{} lost", op.name()),
        Act::TimeOut(_) | Act::TimeOutLate(_) | Act::TimeOutAdrift(_) => {
            format!("gave up {}", op.name())
        }
        Act::Land(_) => format!("{} landed late", op.name()),
    };
    match told {
        Some(told) => format!("{did} → {told}"),
        None => did,
    }
}

fn row(reply: Reply) -> Option<Row> {
    match reply {
        Reply::Row(row) => row,
        Reply::Lease(Lease::Hit(row)) => Some(row),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Script, play};
    use crate::strategies::DeleteOnWrite;
    use crate::time::Span;

    #[test]
    fn everybody_has_what_the_steps_gave_them() {
        let script = Script::parse(
            "strategy: delete-on-write\na: read x\nb: write x\n\na: cache.get x -> miss\n\
             a: db.read x -> v0\nb: db.write x -> v1\nb: cache.delete x\na: cache.set x v0\n",
        )
        .expect("a schedule");
        let strategy = DeleteOnWrite { ttl: Span::FOREVER, reply_before_fill: false };
        let player = play(&strategy, &script).expect("it fits");
        let race = Race {
            strategy: "delete-on-write",
            scene: player.scene(),
            steps: player.steps(),
            violates: &[],
            cause: "",
            unavoidable: None,
            replay: "",
        };
        assert_eq!(holders(race.scene), ["cache", "database", "reader a", "writer b"]);
        let told: Vec<Vec<String>> = states(&race)
            .iter()
            .map(|row| row.iter().map(|state| state.has.clone()).collect())
            .collect();
        assert_eq!(told[0], ["empty", "v0", "has not begun", "has not begun"]);
        assert_eq!(told[2][2], "reads x: db.read → v0, has v0");
        assert_eq!(told[3][3], "writes x: db.write → v1, has v1");
        assert_eq!(told[5], ["v0", "v1", "reads x: answered v0", "writes x: answered v1"]);
        assert!(states(&race)[5][0].is_old && !states(&race)[5][1].is_old);
    }
}
