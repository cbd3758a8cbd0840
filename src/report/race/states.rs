//! What everybody has after each step: stores hold rows, clients wait or have their answer.

use super::Race;
use super::cells::{cache_nodes, components, is_old, keys, named};
use super::terms::Terms;
use crate::op::{Key, Lease, Op, Outcome, Reply, Row, Version};
use crate::schedule::{Act, Move, Scene, Stage, Step, key_name, words};
use crate::time::Time;
use crate::world::{Cache, Expiry, Holding};

/// What a store or a client has at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// In words.
    pub has: String,
    /// How long a cache will have it, where that is limited or known: TTL, lease and lock.
    pub left: String,
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
    let scene = race.scene;
    let mut of_clients = vec![Client::default(); scene.sessions.len()];
    let mut terms = Terms::default();
    let mut states = vec![stores(scene, None)];
    states[0].extend(told(scene, &of_clients));
    for (index, step) in race.steps.iter().enumerate() {
        if let Move::Session(session, act) = step.made {
            of_clients[session].follow(act, step);
        }
        terms.follow(race, index);
        let mut row = stores(scene, Some(&step.stage));
        for (node, state) in row.iter_mut().take(cache_nodes(scene)).enumerate() {
            state.left = left(race, &terms, index, node);
        }
        row.extend(told(scene, &of_clients));
        states.push(row);
    }
    states
}

/// What each client has.
fn told<'a>(scene: &'a Scene, of_clients: &'a [Client]) -> impl Iterator<Item = State> + 'a {
    clients(scene).map(|session| {
        let has = of_clients[session].words();
        State { has, left: String::new(), is_old: false }
    })
}

/// How long a cache will have what it has after a step.
fn left(race: &Race<'_>, terms: &Terms, index: usize, node: usize) -> String {
    let cache = race.steps[index].stage.cache(node);
    let there = |key, expiry| match expiry {
        Expiry::Entry => cache.holding(key) != Holding::Nothing,
        Expiry::Lease => cache.is_leased(Time::ZERO, key),
        Expiry::Lock => cache.is_locked(Time::ZERO, key),
    };
    let all = keys(race.scene).flat_map(|key| Expiry::ALL.map(|expiry| (key, expiry)));
    let known = all.filter(|(key, expiry)| there(*key, *expiry)).filter_map(|(key, expiry)| {
        let words = terms.left(race, index, (node, key, expiry))?;
        Some(named(race.scene, key, &words))
    });
    known.collect::<Vec<_>>().join(", ")
}

/// The sessions that ask for anything.
fn clients(scene: &Scene) -> impl Iterator<Item = usize> + '_ {
    (0..scene.sessions.len()).filter(|session| !scene.sessions[*session].is_empty())
}

fn stores(scene: &Scene, stage: Option<&Stage>) -> Vec<State> {
    let join = |of_keys: Vec<String>, is_old| State {
        has: of_keys.join(", "),
        left: String::new(),
        is_old,
    };
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
    use crate::incident::Moment;
    use crate::schedule::{Script, play};
    use crate::strategies::{DeleteOnWrite, Lease};
    use crate::strategy::Strategy;
    use crate::time::Span;

    /// The states of a schedule of a strategy.
    fn played<S: Strategy>(
        strategy: &S,
        script: &str,
        moments: &[Moment],
    ) -> (Vec<String>, Vec<Vec<State>>) {
        let script = Script::parse(script).expect("a schedule");
        let player = play(strategy, &script).expect("it fits");
        let race = Race {
            strategy: "",
            scene: player.scene(),
            steps: player.steps(),
            violates: &[],
            cause: "",
            unavoidable: None,
            moments,
            replay: "",
        };
        (holders(race.scene), states(&race))
    }

    /// The states of the stale set, with a TTL of a minute.
    fn stale_set(moments: &[Moment]) -> (Vec<String>, Vec<Vec<State>>) {
        let strategy = DeleteOnWrite { ttl: Span::from_secs(60), reply_before_fill: false };
        let script = "strategy: delete-on-write\na: read x\nb: write x\nc: read x\n\n\
             a: cache.get x -> miss\na: db.read x -> v0\nb: db.write x -> v1\n\
             b: cache.delete x\na: cache.set x v0\nc: cache.get x -> v0\n";
        played(&strategy, script, moments)
    }

    /// At each of these seconds.
    fn at(seconds: &[u64]) -> Vec<Moment> {
        let at = |second: &u64| Time::ZERO + Span::from_secs(*second);
        seconds.iter().map(|second| Moment { at: at(second), is_latest: false }).collect()
    }

    #[test]
    fn everybody_has_what_the_steps_gave_them() {
        let (holders, states) = stale_set(&[]);
        assert_eq!(holders, ["cache", "database", "reader a", "writer b", "reader c"]);
        let has = |step: usize, who: usize| states[step][who].has.as_str();
        assert_eq!([0, 1, 2, 3].map(|who| has(0, who)), ["empty", "v0", NOT_BEGUN, NOT_BEGUN]);
        assert_eq!(has(2, 2), "reads x: db.read → v0, has v0");
        assert_eq!(has(3, 3), "writes x: db.write → v1, has v1");
        let ended = ["v0", "v1", "reads x: answered v0", "writes x: answered v1"];
        assert_eq!([0, 1, 2, 3].map(|who| has(5, who)), ended);
        assert!(states[5][0].is_old && !states[5][1].is_old);
    }

    const NOT_BEGUN: &str = "has not begun";

    #[test]
    fn a_ttl_counts_down_where_there_is_a_time() {
        let (_, untimed) = stale_set(&[]);
        assert_eq!(untimed[4][0].left, "");
        assert_eq!(untimed[5][0].left, "TTL 60 s: no time in this schedule");
        let (_, timed) = stale_set(&at(&[1, 2, 3, 4, 5, 47]));
        assert_eq!(timed[5][0].left, "TTL 60 s: 60.0 s left");
        assert_eq!(timed[6][0].left, "TTL 60 s: 18.0 s left");
    }

    #[test]
    fn a_lease_runs_on_where_somebody_else_asks_for_it_and_is_not_told() {
        let strategy =
            Lease { ttl: Span::FOREVER, term: Span::from_secs(10), backoff: Span::from_millis(2) };
        let script = "strategy: lease\na: read x\nb: read x\n\n\
             a: cache.lease x -> granted\nb: give up after cache.lease x\na: db.read x -> v0\n";
        let (_, timed) = played(&strategy, script, &at(&[1, 5, 7]));
        assert_eq!(timed[2][0].left, "lease for 10 s: 6.00 s left");
        assert_eq!(timed[3][0].left, "lease for 10 s: 4.00 s left");
        // Whoever has it, though it was not told, has it from when it took effect.
        let alone = "strategy: lease\na: read x\n\na: give up after cache.lease x\n";
        let (_, timed) = played(&strategy, alone, &at(&[3]));
        assert_eq!(timed[1][0].left, "lease for 10 s: 10.0 s left");
    }
}
