//! Breadth first through every interleaving, so that what is found first is shortest.
//!
//! A level is expanded in blocks: threads work out the successors of the block's states with
//! what is known, the rest is worked out by one, and threads put the successors into their
//! shards. Blocks, shards and the order within them are fixed, so the result is the same with any
//! number of threads.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::symmetry::Symmetry;
use super::tables::{Known, Tables};
use super::visited::{SHARDS, Shard, StateId, hash, shard_of};
use crate::schedule::{Property, PropertySet, Scene, TreeError};
use crate::strategy::Strategy;

/// States that one thread expands at a time.
const CHUNK: usize = 512;
/// States that are expanded before their successors are sorted in, at most.
const BLOCK: usize = 64 * CHUNK;
/// About how many states one may lead to.
const SUCCESSORS: usize = 64;

/// A step that violates a property, or leads to a state that does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Who takes part: sessions, keys, faults. Of the shortest, the smallest is taken.
    rank: (u8, u8, u8),
    pub(super) parent: StateId,
    pub(super) step: u16,
}

/// For each property, the best way to violate it so far.
type Candidates = [Option<Candidate>; Property::ALL.len()];

/// What came of a search.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) shards: Vec<Shard>,
    pub(super) transitions: u64,
    pub(super) depth: u32,
    /// Whether every state was reached.
    pub(super) complete: bool,
    pub(super) exercised: PropertySet,
    pub(super) candidates: Candidates,
    /// For each of them, how many states there were at the end of its level.
    pub(super) states_at: [u64; Property::ALL.len()],
    /// Worlds that violate something when nothing is in progress, by number.
    pub(super) bad_ends: Vec<u32>,
}

impl Found {
    /// Of an earlier level and this one, which has come to its end, the earlier counts.
    fn keep_first(&mut self, level: Candidates) {
        let states = self.states() as u64;
        let so_far = self.candidates.iter_mut().zip(&mut self.states_at);
        for ((first, states_at), now) in so_far.zip(level) {
            if first.is_none() && now.is_some() {
                (*first, *states_at) = (now, states);
            }
        }
    }

    /// How many states were reached.
    fn states(&self) -> usize {
        self.shards.iter().map(Shard::len).sum()
    }
}

/// What one chunk of states leads to.
struct Produced {
    /// Per shard: hash (two numbers), parent, step, row.
    records: Vec<Vec<u32>>,
    transitions: u64,
    exercised: PropertySet,
    candidates: Candidates,
    /// States of the chunk with steps that are not known.
    unknown: Vec<StateId>,
}

impl Produced {
    fn new() -> Produced {
        Produced {
            records: vec![Vec::new(); SHARDS],
            transitions: 0,
            exercised: PropertySet::default(),
            candidates: Candidates::default(),
            unknown: Vec::new(),
        }
    }
}

/// Numbers of a record before its row.
const HEAD: usize = 4;

/// A search of one scene.
pub(super) struct Search<'a> {
    pub(super) scene: &'a Scene,
    pub(super) symmetry: &'a Symmetry,
    pub(super) states_max: usize,
    /// Stop when each of these has been violated.
    pub(super) wanted: PropertySet,
    /// Stop as soon as this is set.
    pub(super) cancel: &'a AtomicBool,
}

impl Search<'_> {
    /// Searches until there is nothing new, or enough is known.
    pub(super) fn run<S: Strategy>(&self, tables: &mut Tables<'_, S>) -> Result<Found, TreeError> {
        let width = 1 + self.scene.sessions.len();
        let mut found = Found {
            shards: (0..SHARDS).map(|number| Shard::new(number, width)).collect(),
            transitions: 0,
            depth: 0,
            complete: false,
            exercised: PropertySet::default(),
            candidates: Candidates::default(),
            states_at: [0; Property::ALL.len()],
            bad_ends: Vec::new(),
        };
        let (stage, session) = tables.first();
        let mut first = vec![session; width];
        first[0] = stage;
        let hash = hash(&first);
        found.shards[shard_of(hash)].insert(&first, hash, StateId::NONE, 0);
        let mut level: Vec<usize> = vec![0; SHARDS];
        loop {
            let frontier: Vec<StateId> = frontier(&found.shards, &level);
            if frontier.is_empty() {
                found.complete = true;
                break;
            }
            level = found.shards.iter().map(Shard::len).collect();
            let mut candidates = Candidates::default();
            let mut rest = frontier.as_slice();
            while !rest.is_empty() {
                let (block, later) = rest.split_at(self.block(&found).min(rest.len()));
                rest = later;
                let whole = self.expand(block, tables, &mut found, &mut candidates)?;
                if !whole || found.states() > self.states_max {
                    found.keep_first(candidates);
                    return Ok(found);
                }
            }
            found.keep_first(candidates);
            if found.states() > level.iter().sum() {
                found.depth += 1;
            }
            let done = |property: Property| found.candidates[property as usize].is_some();
            if !self.wanted.is_empty() && self.wanted.iter().all(done) {
                break;
            }
        }
        Ok(found)
    }

    /// How many states to expand at once: fewer near the limit, so that it is hardly passed.
    fn block(&self, found: &Found) -> usize {
        let left = self.states_max.saturating_sub(found.states());
        (left / SUCCESSORS).clamp(1, BLOCK)
    }

    /// Whether to go on working out what is not known.
    fn goes_on<S: Strategy>(&self, tables: &Tables<'_, S>) -> bool {
        !tables.are_beyond(self.states_max) && !self.cancel.load(Ordering::Relaxed)
    }

    /// Expands a block of states. Says whether all of it was.
    fn expand<S: Strategy>(
        &self,
        block: &[StateId],
        tables: &mut Tables<'_, S>,
        found: &mut Found,
        candidates: &mut Candidates,
    ) -> Result<bool, TreeError> {
        let (known, shards) = (&tables.known, &found.shards);
        let expand = |states: &[StateId]| {
            let mut produced = Produced::new();
            for &state in states {
                let row = shards[state.shard()].row(state.row());
                if !self.successors(known, state, row, &mut produced) {
                    produced.unknown.push(state);
                }
            }
            produced
        };
        let mut all: Vec<Produced> = block.par_chunks(CHUNK).map(expand).collect();
        let mut late = Produced::new();
        let mut whole = self.goes_on(tables);
        for state in all.iter().flat_map(|produced| &produced.unknown) {
            whole = whole && self.goes_on(tables);
            if !whole {
                break;
            }
            let row = found.shards[state.shard()].row(state.row());
            tables.work_out_world(row[0]);
            for (index, session) in row[1..].iter().enumerate() {
                tables.work_out(row[0], *session, self.symmetry.role(index), index)?;
            }
            self.successors(&tables.known, *state, row, &mut late);
        }
        all.push(late);
        for produced in &all {
            found.transitions += produced.transitions;
            found.exercised.add_all(produced.exercised);
            keep_best(candidates, &produced.candidates);
        }
        let known = &tables.known;
        let sort_in =
            |(number, shard): (usize, &mut Shard)| self.sort_in(known, &all, number, shard);
        let news: Vec<News> = found.shards.par_iter_mut().enumerate().map(sort_in).collect();
        for news in news {
            found.exercised.add_all(news.exercised);
            keep_best(candidates, &news.candidates);
            found.bad_ends.extend(news.bad_ends);
        }
        found.bad_ends.sort_unstable();
        found.bad_ends.dedup();
        Ok(whole)
    }

    /// Adds what a state leads to. Says whether all of it was known; if not, nothing is added.
    fn successors(
        &self,
        known: &Known,
        state: StateId,
        row: &[u32],
        produced: &mut Produced,
    ) -> bool {
        let sessions = &row[1..];
        let role = |index| self.symmetry.role(index);
        let is_known = |(index, session): (usize, &u32)| {
            known.outcomes(row[0], *session, role(index)).is_some()
        };
        let Some(world_moves) = &known.stages[row[0] as usize].moves else {
            return false;
        };
        if !sessions.iter().enumerate().all(is_known) {
            return false;
        }
        let filling = |session: &u32| known.sessions[*session as usize].filling;
        let (once, twice) = sessions
            .iter()
            .map(filling)
            .fold((0, 0), |(once, twice), keys| (once | keys, twice | once & keys));
        let mut next = row.to_vec();
        let mut step = 0;
        for (index, &session) in sessions.iter().enumerate() {
            let others_fill = twice | once & !filling(&session);
            for outcome in known.outcomes(row[0], session, role(index)).unwrap_or_default() {
                next.copy_from_slice(row);
                next[0] = outcome.stage;
                next[1 + index] = outcome.session;
                produced.exercised.add_all(outcome.exercised);
                let contended = outcome.wanted & others_fill != 0;
                produced.exercised.add(Property::SingleFill, contended);
                self.add(known, state, step, &mut next, outcome.violated, produced);
                step += 1;
            }
        }
        for &(_, stage) in world_moves {
            next.copy_from_slice(row);
            next[0] = stage;
            self.add(known, state, step, &mut next, PropertySet::default(), produced);
            step += 1;
        }
        produced.transitions += u64::from(step);
        true
    }

    #[inline]
    fn add(
        &self,
        known: &Known,
        state: StateId,
        step: u16,
        row: &mut [u32],
        violated: PropertySet,
        produced: &mut Produced,
    ) {
        self.symmetry.normalise(&mut row[1..]);
        if !violated.is_empty() {
            let candidate = Candidate { rank: rank(known, row), parent: state, step };
            note(&mut produced.candidates, violated, candidate);
        }
        let hash = hash(row);
        let record = &mut produced.records[shard_of(hash)];
        record.extend([hash as u32, (hash >> 32) as u32, state.0, u32::from(step)]);
        record.extend_from_slice(row);
    }

    /// Puts the successors that belong to a shard into it, and judges the new ones.
    fn sort_in(&self, known: &Known, all: &[Produced], number: usize, shard: &mut Shard) -> News {
        let width = 1 + self.scene.sessions.len();
        let mut news = News::default();
        for record in all.iter().flat_map(|it| it.records[number].chunks_exact(HEAD + width)) {
            let hash = u64::from(record[0]) | u64::from(record[1]) << 32;
            let (parent, step) = (StateId(record[2]), record[3] as u16);
            let row = &record[HEAD..];
            if shard.insert(row, hash, parent, step).is_none() {
                continue;
            }
            let (violated, exercised) = judge(known, row, &mut news.bad_ends);
            news.exercised.add_all(exercised);
            if !violated.is_empty() {
                let candidate = Candidate { rank: rank(known, row), parent, step };
                note(&mut news.candidates, violated, candidate);
            }
        }
        news
    }
}

/// What sorting in brought to light.
#[derive(Default)]
struct News {
    exercised: PropertySet,
    candidates: Candidates,
    bad_ends: Vec<u32>,
}

/// The states that are new since these lengths.
fn frontier(shards: &[Shard], from: &[usize]) -> Vec<StateId> {
    let of_shard = |(number, shard): (usize, &Shard)| {
        (from[number]..shard.len()).map(move |row| StateId::new(row, number)).collect::<Vec<_>>()
    };
    shards.iter().enumerate().flat_map(of_shard).collect()
}

/// What a state itself violates and exercises.
fn judge(known: &Known, row: &[u32], bad_ends: &mut Vec<u32>) -> (PropertySet, PropertySet) {
    let (mut violated, mut exercised) = (PropertySet::default(), PropertySet::default());
    let (mut filling, mut at_rest) = (0, true);
    for session in &row[1..] {
        let facts = &known.sessions[*session as usize];
        at_rest &= facts.at_rest;
        let twice = facts.fills_twice || filling & facts.filling != 0;
        violated.add(Property::SingleFill, twice);
        filling |= facts.filling;
    }
    let stage = &known.stages[row[0] as usize];
    if at_rest && !stage.lags {
        violated.add_all(stage.at_rest.0);
        exercised.add_all(stage.at_rest.1);
        if !stage.at_rest.0.is_empty() {
            bad_ends.push(row[0]);
        }
    }
    (violated, exercised)
}

fn rank(known: &Known, row: &[u32]) -> (u8, u8, u8) {
    let (mut actors, mut keys) = (0, 0_u8);
    for session in &row[1..] {
        let facts = &known.sessions[*session as usize];
        actors += u8::from(facts.acts);
        keys |= facts.keys;
    }
    (actors, keys.count_ones() as u8, known.stages[row[0] as usize].faults_used)
}

fn note(candidates: &mut Candidates, violated: PropertySet, candidate: Candidate) {
    for property in violated.iter() {
        let best = &mut candidates[property as usize];
        if best.is_none_or(|best| candidate.rank < best.rank) {
            *best = Some(candidate);
        }
    }
}

fn keep_best(candidates: &mut Candidates, others: &Candidates) {
    for (best, other) in candidates.iter_mut().zip(others) {
        if let Some(other) = other
            && best.is_none_or(|best| other.rank < best.rank)
        {
            *best = Some(*other);
        }
    }
}
