//! Tells what was recorded again, as a schedule of a few requests.

use super::Moment;
use super::shrink::{Goal, Told, play};
use super::witness::{Entry, Recording};
use crate::observation::{Deed, What};
use crate::op::{Fault, Key, Lease, Op, Reply, Row, Version};
use crate::schedule::{Act, Faults, Move, Player, Request, SESSIONS_MAX, Scene, TreeError, Who};
use crate::strategy::Strategy;
use crate::time::Time;

/// The key of a scene that has but one.
const KEY: Key = Key(0);
/// How many more requests are let in each time.
const MORE: [usize; 7] = [0, 1, 2, 3, 5, 8, 13];

/// A schedule that does what was recorded.
pub(super) struct Story {
    pub(super) scene: Scene,
    /// The request of each session.
    pub(super) cast: Vec<u64>,
    pub(super) moves: Vec<Told>,
    pub(super) goal: Goal,
}

/// Tells a recording with as few of its requests as will do; `None` if none will.
pub(super) fn retell<S: Strategy>(
    strategy: &S,
    recording: &Recording,
    replicas: u32,
) -> Result<Option<Story>, TreeError> {
    let involved = involved(recording);
    let others = others(recording, &involved);
    let mut tried = usize::MAX;
    for more in MORE {
        let more = more.min(others.len()).min(SESSIONS_MAX - involved.len());
        if more == tried {
            break;
        }
        tried = more;
        let chosen = |request: &u64| involved.contains(request) || others[..more].contains(request);
        // In the order in which they begin, which is the order of their names.
        let mut cast: Vec<u64> = Vec::new();
        for (_, deed) in recording.deeds() {
            if chosen(&deed.request) && !cast.contains(&deed.request) {
                cast.push(deed.request);
            }
        }
        let telling = Telling::new(strategy, recording, cast, replicas);
        if let Some(story) = telling.tell()? {
            return Ok(Some(story));
        }
    }
    Ok(None)
}

/// The requests without which the read would not have been stale.
fn involved(recording: &Recording) -> Vec<u64> {
    let version = recording.read.version;
    let last = recording.entries.len() - 1;
    let stored = recording.deeds().rev().find(|(place, deed)| {
        *place < last && deed.request != recording.target && stores(deed) == Some(version)
    });
    let newer = recording.deeds().find(|(_, deed)| commits(deed) == Some(version.next()));
    let mut involved = vec![recording.target];
    for (_, deed) in stored.into_iter().chain(newer) {
        if !involved.contains(&deed.request) {
            involved.push(deed.request);
        }
    }
    involved.retain(|request| recording.member(*request).is_some());
    involved
}

/// All others whose whole doings may be told: the later, the sooner.
fn others(recording: &Recording, involved: &[u64]) -> Vec<u64> {
    let refused = |request: &u64| {
        let conflict = Reply::Fault(Fault::Conflict);
        let its = |deed: &Deed| deed.request == *request;
        recording.deeds().any(|(_, deed)| {
            its(deed) && matches!(deed.what, What::Effect(_, reply) if reply == conflict)
        })
    };
    let requests = recording.requests().into_iter();
    requests.filter(|it| !involved.contains(it) && !refused(it)).collect()
}

/// The version of the row that a deed put into the cache.
fn stores(deed: &Deed) -> Option<Version> {
    match deed.what {
        What::Effect(Op::CacheAccept(..), Reply::Row(Some(row))) => Some(row.version),
        What::Effect(op, reply) if reply != Reply::Accepted(false) => op.carried(),
        _ => None,
    }
}

/// The version that a deed committed.
fn commits(deed: &Deed) -> Option<Version> {
    match deed.what {
        What::Effect(Op::DbWrite(_) | Op::CacheAccept(..), Reply::Row(Some(row))) => {
            Some(row.version)
        }
        _ => None,
    }
}

/// A schedule in the making.
struct Telling<'a, S> {
    strategy: &'a S,
    recording: &'a Recording,
    cast: Vec<u64>,
    player: Player<'a, S>,
    moves: Vec<Told>,
    /// When what is being told happened.
    now: Time,
    /// Where something takes effect that its task has given up long before.
    adrift: Vec<usize>,
    /// The recorded numbers of the versions that were committed, in order.
    versions: Vec<Version>,
}

impl<'a, S: Strategy> Telling<'a, S> {
    fn new(strategy: &'a S, recording: &'a Recording, cast: Vec<u64>, replicas: u32) -> Self {
        let plan = |request: &u64| {
            let write = recording.member(*request).is_some_and(|member| member.write);
            vec![Request { write, key: KEY }]
        };
        let sessions = cast.iter().map(plan).collect();
        let scene = Scene { sessions, keys: 1, cache_nodes: 1, replicas, faults: Faults::ANY };
        let player = Player::new(strategy, scene);
        Telling {
            strategy,
            recording,
            cast,
            player,
            moves: Vec::new(),
            now: Time::ZERO,
            adrift: Vec::new(),
            versions: Vec::new(),
        }
    }

    /// The schedule, if its last step is the stale read.
    fn tell(mut self) -> Result<Option<Story>, TreeError> {
        for place in 0..self.recording.entries.len() {
            self.now = self.recording.entries[place].at();
            let told = match self.recording.entries[place] {
                Entry::Dropped(_) => self.drop_entry()?,
                Entry::Deed(deed) => self.deed(place, &deed)?,
            };
            if !told {
                return Ok(None);
            }
        }
        let target = self.cast.iter().position(|it| *it == self.recording.target);
        let scene = self.player.scene().clone();
        let Some(target) = target else {
            return Ok(None);
        };
        let goal = Goal::new(target, &self.recording.read.staleness);
        if goal.is_met(&scene, self.player.steps()) {
            return Ok(Some(Story { scene, cast: self.cast, moves: self.moves, goal }));
        }
        // A request that is over in a schedule may have been waiting for its last reply.
        for session in (0..self.cast.len()).filter(|session| *session != target) {
            let its = |told: &Told| matches!(told.made, Move::Session(it, _) if it == session);
            let mut moves = self.moves.clone();
            if let Some(last) = moves.iter().rposition(its) {
                moves.remove(last);
            }
            if goal.is_met(&scene, &play(self.strategy, &scene, &moves)?.0) {
                return Ok(Some(Story { scene, cast: self.cast, moves, goal }));
            }
        }
        Ok(None)
    }

    /// Makes a move that is on record.
    fn make(&mut self, made: Move) -> Result<(), TreeError> {
        self.player.make(made)?;
        self.moves.push(Told { made, when: Moment { at: self.now, is_latest: false } });
        Ok(())
    }

    /// Makes a move that must have been made by now.
    fn put_in(&mut self, made: Move) -> Result<(), TreeError> {
        self.player.make(made)?;
        self.moves.push(Told { made, when: Moment { at: self.now, is_latest: true } });
        Ok(())
    }

    fn drop_entry(&mut self) -> Result<bool, TreeError> {
        let evict = Move::Evict { node: 0, key: KEY };
        if self.player.world_moves().contains(&evict) {
            self.make(evict)?;
        }
        Ok(true)
    }

    /// Tells a deed. Says whether it could.
    fn deed(&mut self, place: usize, deed: &Deed) -> Result<bool, TreeError> {
        let Some(session) = self.cast.iter().position(|it| *it == deed.request) else {
            return Ok(true);
        };
        match deed.what {
            What::Crashed => {
                // What was on its way then still takes effect: in a schedule, just before.
                if !self.others_of_task(place, deed).any(|(at, _)| at > place) {
                    self.crash(session)?;
                }
                Ok(true)
            }
            What::GaveUp(op) => self.give_up(place, session, deed, op),
            What::Effect(op, reply) if self.adrift.contains(&place) => {
                let Some(made) = self.landing(session, op)? else {
                    return Ok(false);
                };
                self.effect(made, reply)
            }
            What::Lost(op) => {
                let act = if self.is_given_up(place, deed, op) { Act::TimeOut } else { Act::Lose };
                let Some(made) = self.move_for(session, deed.job, op, act)? else {
                    return Ok(false);
                };
                self.make(made)?;
                Ok(true)
            }
            What::Effect(op, reply) => {
                let given_up = self.is_given_up(place, deed, op);
                let act = if given_up { Act::TimeOutLate } else { Act::Proceed };
                let Some(made) = self.move_for(session, deed.job, op, act)? else {
                    return Ok(false);
                };
                if !self.effect(made, reply)? {
                    return Ok(false);
                }
                let mut others = self.others_of_task(place, deed);
                if others.any(|(at, it)| at < place && it.what == What::Crashed) {
                    drop(others);
                    self.crash(session)?;
                }
                Ok(true)
            }
        }
    }

    /// A task stops waiting. That is told with the operation, if nothing came between.
    fn give_up(
        &mut self,
        place: usize,
        session: usize,
        deed: &Deed,
        op: Op,
    ) -> Result<bool, TreeError> {
        let is_it =
            |it: &Deed| matches!(it.what, What::Effect(its, _) | What::Lost(its) if its == op);
        let before = self.others_of_task(place, deed).rfind(|(at, _)| *at < place);
        let mut after = self.others_of_task(place, deed).filter(|(at, _)| *at > place);
        let beside = before.into_iter().chain(after.clone().next()).any(|(_, it)| is_it(it));
        if beside || after.clone().next().is_none() {
            return Ok(true);
        }
        // It takes effect when its task is further on already, or never.
        let late = after.find(|(_, it)| matches!(it.what, What::Effect(its, _) if its == op));
        let act = if late.is_some() { Act::TimeOutAdrift } else { Act::TimeOut };
        self.adrift.extend(late.map(|(at, _)| at));
        let Some(made) = self.move_for(session, deed.job, op, act)? else {
            return Ok(false);
        };
        self.make(made)?;
        Ok(true)
    }

    /// The move by which such an operation of a session lands that nobody waits for.
    fn landing(&mut self, session: usize, op: Op) -> Result<Option<Move>, TreeError> {
        for made in self.player.enabled()? {
            let lands = matches!(made, Move::Session(it, Act::Land(_)) if it == session);
            if lands && self.player.operation(made)?.is_some_and(|it| it.kind() == op.kind()) {
                return Ok(Some(made));
            }
        }
        Ok(None)
    }

    fn crash(&mut self, session: usize) -> Result<(), TreeError> {
        let crash = Move::Session(session, Act::Crash);
        if self.player.enabled()?.contains(&crash) {
            self.make(crash)?;
        }
        Ok(())
    }

    /// What else became of a deed's task.
    fn others_of_task(
        &self,
        place: usize,
        deed: &Deed,
    ) -> impl DoubleEndedIterator<Item = (usize, &'a Deed)> + Clone + use<'a, S> {
        let task = (deed.request, deed.job);
        let its = move |it: &Deed| (it.request, it.job) == task;
        self.recording.deeds().filter(move |(at, it)| *at != place && its(it))
    }

    /// Whether the task stopped waiting for this operation, before or after it took effect.
    fn is_given_up(&self, place: usize, deed: &Deed, op: Op) -> bool {
        let gave_up = |it: &Deed| it.what == What::GaveUp(op);
        let after = self.others_of_task(place, deed).find(|(at, _)| *at > place);
        let before = self.others_of_task(place, deed).rfind(|(at, _)| *at < place);
        after.is_some_and(|(_, it)| gave_up(it)) || before.is_some_and(|(_, it)| gave_up(it))
    }

    /// The move of a session that has to do with such an operation.
    fn move_for(
        &mut self,
        session: usize,
        job: u32,
        op: Op,
        act: fn(Who) -> Act,
    ) -> Result<Option<Move>, TreeError> {
        let mut found = Vec::new();
        for made in self.player.enabled()? {
            let Move::Session(_, its) = made else {
                continue;
            };
            let Some(who) = its.who() else {
                continue;
            };
            let asks = self.player.operation(made)?.is_some_and(|it| it.kind() == op.kind());
            if asks && made == Move::Session(session, act(who)) {
                found.push(made);
            }
        }
        // The request comes first; a job is looked for from the other end.
        Ok(if job == 0 { found.first() } else { found.last() }.copied())
    }

    /// An operation takes effect with a reply as recorded. Says whether it could.
    fn effect(&mut self, made: Move, reply: Reply) -> Result<bool, TreeError> {
        let Some(world) = self.world_before(made, reply)? else {
            return Ok(false);
        };
        for made in world {
            self.put_in(made)?;
        }
        let op = self.player.operation(made)?;
        self.make(made)?;
        if let (Some(Op::DbWrite(_) | Op::CacheAccept(..)), Reply::Row(Some(row))) = (op, reply) {
            self.versions.push(row.version);
        }
        Ok(true)
    }

    /// What must have happened in the world for a move to be told this: often nothing.
    fn world_before(&mut self, made: Move, reply: Reply) -> Result<Option<Vec<Move>>, TreeError> {
        let moves = self.player.world_moves();
        let commits = self.versions.len();
        let mut worlds = vec![Vec::new()];
        for &made in &moves {
            match made {
                Move::Apply { .. } => worlds.extend((1..=commits).map(|many| vec![made; many])),
                _ => worlds.push(vec![made]),
            }
        }
        // What ended by itself is likelier than what was dropped: that is on record.
        worlds.sort_by_key(|world| matches!(world.first(), Some(Move::Evict { .. })));
        for world in worlds {
            let foreseen = self.player.foresee(&world, made)?;
            if foreseen.is_some_and(|(op, told)| self.agree(op, told, reply)) {
                return Ok(Some(world));
            }
        }
        Ok(None)
    }

    /// Whether what a scene's task is told is what was recorded.
    fn agree(&self, op: Op, told: Reply, recorded: Reply) -> bool {
        match (told, recorded) {
            // A commit's number is its place among those that take part.
            _ if matches!(op, Op::DbWrite(_) | Op::CacheAccept(..)) => true,
            (Reply::Row(told), Reply::Row(recorded)) => match (told, recorded) {
                (Some(told), Some(recorded)) => told.version == self.version(recorded),
                (told, recorded) => told.is_none() && recorded.is_none(),
            },
            (Reply::Lease(told), Reply::Lease(recorded)) => match (told, recorded) {
                (Lease::Hit(told), Lease::Hit(recorded)) => told.version == self.version(recorded),
                (told, recorded) => {
                    std::mem::discriminant(&told) == std::mem::discriminant(&recorded)
                }
            },
            (Reply::Lock(told), Reply::Lock(recorded)) => told.is_some() == recorded.is_some(),
            (told, recorded) => told == recorded,
        }
    }

    /// The number that a recorded row's version has in the scene.
    fn version(&self, row: Row) -> Version {
        Version(self.versions.iter().filter(|version| **version <= row.version).count() as u32)
    }
}
