//! From a state back to the schedule that reached it, and that schedule without what it does not
//! need.

use rustc_hash::FxHashSet;

use super::search::Candidate;
use super::symmetry::Symmetry;
use super::tables::Known;
use super::visited::{Shard, StateId};
use crate::op::Call;
use crate::schedule::{Move, Player, Property, Request, Scene, Step, TreeError};
use crate::strategy::Strategy;

/// A shortest schedule that violates a property; of the shortest, one with the fewest sessions,
/// keys and faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What it violates, with its last step.
    pub property: Property,
    /// Who takes part: no session that does nothing, no request that is not begun.
    pub scene: Scene,
    /// The steps.
    pub steps: Vec<Step>,
    /// How many states had been reached when it was found, with all that are as many steps away.
    pub states: u64,
}

impl Counterexample {
    pub(super) fn new<S: Strategy>(
        property: Property,
        strategy: &S,
        scene: &Scene,
        moves: &[Move],
        states: u64,
    ) -> Result<Counterexample, TreeError> {
        let (scene, moves) = without_needless(property, strategy, scene, moves)?;
        let (scene, moves) = without_extras(strategy, &scene, &moves)?;
        let player = replay(strategy, &scene, &moves)?;
        let steps = player.steps().to_vec();
        let last = steps.last().map(|step| step.violated).unwrap_or_default();
        if !last.has(property) {
            // The search has seen it violated by a strategy that did something else then.
            let (first, then) = (format!("violate {property}"), "keep it".to_owned());
            return Err(TreeError::HiddenState { call: last_call(&steps), first, then });
        }
        Ok(Counterexample { property, scene, steps, states })
    }

    /// The moves of its steps.
    pub fn moves(&self) -> impl Iterator<Item = Move> {
        self.steps.iter().map(|step| step.made)
    }
}

/// Plays moves. A strategy that is a function of its replies lets them be made as they were found.
fn replay<'s, S: Strategy>(
    strategy: &'s S,
    scene: &Scene,
    moves: &[Move],
) -> Result<Player<'s, S>, TreeError> {
    let mut player = Player::new(strategy, scene.clone());
    for made in moves {
        if !player.make_if_enabled(*made)? {
            let (first, then) = (format!("{made:?}"), "something else".to_owned());
            let call = last_call(player.steps());
            return Err(TreeError::HiddenState { call, first, then });
        }
    }
    Ok(player)
}

/// The call that began last.
fn last_call(steps: &[Step]) -> Call {
    let request = steps.iter().rev().find_map(|step| step.happening.began);
    request.unwrap_or(Request::read(0)).call()
}

/// The moves that lead to a candidate, in terms of the scene's sessions.
pub(super) fn moves(
    shards: &[Shard],
    candidate: Candidate,
    known: &Known,
    symmetry: &Symmetry,
) -> Vec<Move> {
    let mut steps = vec![candidate.step];
    let mut at = candidate.parent;
    let mut first = at;
    while at != StateId::NONE {
        let (parent, step) = shards[at.shard()].origin(at.row());
        steps.push(step);
        (first, at) = (at, parent);
    }
    // The first state was not reached by a step.
    steps.pop();
    let mut row = shards[first.shard()].row(first.row()).to_vec();
    // Which session of the scene stands where in the row.
    let mut names: Vec<usize> = (0..row.len() - 1).collect();
    let mut moves = Vec::new();
    for step in steps.into_iter().rev() {
        let (made, next) = take(&row, usize::from(step), known, symmetry);
        row = next;
        moves.push(match made {
            Move::Session(at, act) => Move::Session(names[at], act),
            world => world,
        });
        symmetry.normalise_named(&mut row[1..], &mut names);
    }
    moves
}

/// The step of this number from a state, and where it leads before it is put in order.
fn take(row: &[u32], step: usize, known: &Known, symmetry: &Symmetry) -> (Move, Vec<u32>) {
    let mut next = row.to_vec();
    let mut before = 0;
    for (at, session) in row[1..].iter().enumerate() {
        let outcomes = known.outcomes(row[0], *session, symmetry.role(at)).unwrap_or_default();
        if let Some(outcome) = outcomes.get(step - before) {
            next[0] = outcome.stage;
            next[1 + at] = outcome.session;
            return (Move::Session(at, outcome.act), next);
        }
        before += outcomes.len();
    }
    let world_moves = known.stages[row[0] as usize].moves.as_deref().unwrap_or_default();
    let (made, stage) = world_moves[step - before];
    next[0] = stage;
    (made, next)
}

/// The scene without requests for keys that the violation has nothing to do with, though a session
/// has to make them before it comes to what matters; and the moves that are left.
fn without_needless<S: Strategy>(
    property: Property,
    strategy: &S,
    scene: &Scene,
    moves: &[Move],
) -> Result<(Scene, Vec<Move>), TreeError> {
    let (mut scene, mut moves) = (scene.clone(), moves.to_vec());
    if scene.keys == 1 {
        return Ok((scene, moves));
    }
    let mut keys = keys_of(&replay(strategy, &scene, &moves)?);
    for session in 0..scene.sessions.len() {
        for request in (0..scene.sessions[session].len()).rev() {
            let rest = without_request(strategy, &scene, &moves, (session, request))?;
            let mut shorter = scene.clone();
            shorter.sessions[session].remove(request);
            let mut player = Player::new(strategy, shorter.clone());
            for made in rest {
                player.make_if_enabled(made)?;
            }
            let last = player.steps().last().is_some_and(|step| step.violated.has(property));
            if last && player.steps().len() < moves.len() && keys_of(&player) < keys {
                keys = keys_of(&player);
                moves = player.steps().iter().map(|step| step.made).collect();
                scene = shorter;
            }
        }
    }
    Ok((scene, moves))
}

/// For how many keys something was asked.
fn keys_of<S: Strategy>(player: &Player<'_, S>) -> usize {
    let begun = player.steps().iter().filter_map(|step| step.happening.began);
    begun.map(|request| request.key).collect::<FxHashSet<_>>().len()
}

/// The moves without those that a session makes from the beginning of a request to that of its
/// next one.
fn without_request<S: Strategy>(
    strategy: &S,
    scene: &Scene,
    moves: &[Move],
    (session, request): (usize, usize),
) -> Result<Vec<Move>, TreeError> {
    let player = replay(strategy, scene, moves)?;
    let mut begun = 0;
    let mut rest = Vec::new();
    for step in player.steps() {
        let its = matches!(step.made, Move::Session(it, _) if it == session);
        begun += usize::from(its && step.happening.began.is_some());
        if !its || begun != request + 1 {
            rest.push(step.made);
        }
    }
    Ok(rest)
}

/// The scene without sessions that do nothing and requests that are not begun, and the moves in
/// its terms.
fn without_extras<S: Strategy>(
    strategy: &S,
    scene: &Scene,
    moves: &[Move],
) -> Result<(Scene, Vec<Move>), TreeError> {
    let player = replay(strategy, scene, moves)?;
    let mut begun = vec![0; scene.sessions.len()];
    for step in player.steps() {
        if let (Move::Session(session, _), Some(_)) = (step.made, step.happening.began) {
            begun[session] += 1;
        }
    }
    let mut scene = scene.clone();
    for (plan, begun) in scene.sessions.iter_mut().zip(&begun) {
        plan.truncate(*begun);
    }
    // With several caches or replicas, a session's number says which it uses.
    if scene.cache_nodes > 1 || scene.replicas > 1 {
        return Ok((scene, moves.to_vec()));
    }
    let new_number: Vec<usize> =
        (0..begun.len()).map(|at| begun[..at].iter().filter(|it| **it > 0).count()).collect();
    scene.sessions.retain(|plan| !plan.is_empty());
    let renumber = |made: &Move| match *made {
        Move::Session(session, act) => Move::Session(new_number[session], act),
        world => world,
    };
    Ok((scene, moves.iter().map(renumber).collect()))
}
