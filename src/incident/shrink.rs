//! Leaves out of a schedule what its end does not need.

use super::Moment;
use super::retell::Story;
use crate::observation::{Cause, Staleness};
use crate::schedule::{
    Act, Move, Player, Property, Scene, Step, TreeError, answers_stale, explain_read,
};
use crate::strategy::Strategy;

/// A move, and when it was made in the run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) made: Move,
    pub(super) when: Moment,
}

/// What the last step of a schedule is to be: the answer to a session's only request, a read, as
/// stale as the one recorded and for the same cause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    target: usize,
    cause: Cause,
    ack_stale: bool,
}

impl Goal {
    pub(super) fn new(target: usize, staleness: &Staleness) -> Goal {
        Goal { target, cause: staleness.cause, ack_stale: staleness.ack_stale }
    }

    pub(super) fn is_met(&self, scene: &Scene, steps: &[Step]) -> bool {
        let its = |step: &&Step| matches!(step.made, Move::Session(it, _) if it == self.target);
        let Some(last) = steps.last().filter(its) else {
            return false;
        };
        answers_stale(steps, steps.len() - 1)
            && (last.violated.has(Property::NoStaleRead) || !self.ack_stale)
            && explain_read(scene, steps).cause == Some(self.cause)
    }
}

/// What is left of a story.
pub(super) struct Race {
    pub(super) scene: Scene,
    /// The request of each session.
    pub(super) cast: Vec<u64>,
    pub(super) steps: Vec<Step>,
    /// When each of them was made in the run.
    pub(super) moments: Vec<Moment>,
}

/// The smallest part of a story that still meets its goal.
pub(super) fn shrink<S: Strategy>(strategy: &S, story: Story) -> Result<Option<Race>, TreeError> {
    let Story { scene, cast, mut moves, goal } = story;
    let attempt = |shorter: Vec<Told>, moves: &mut Vec<Told>| -> Result<bool, TreeError> {
        let (steps, moments) = play(strategy, &scene, &shorter)?;
        // A move that could not be made is left out, too.
        let made = || steps.iter().map(|step| step.made);
        let before = (moves.len(), faults(moves.iter().map(|told| told.made)));
        let met = (steps.len(), faults(made())) < before && goal.is_met(&scene, &steps);
        if met {
            let made = steps.iter().zip(moments);
            *moves = made.map(|(step, when)| Told { made: step.made, when }).collect();
        }
        Ok(met)
    };
    loop {
        let before = (moves.len(), faults(moves.iter().map(|told| told.made)));
        for session in (0..cast.len()).filter(|it| *it != goal.target) {
            let others = moves.iter().copied();
            let others =
                others.filter(|it| !matches!(it.made, Move::Session(it, _) if it == session));
            attempt(others.collect(), &mut moves)?;
        }
        for place in (0..moves.len()).rev() {
            if place < moves.len() {
                let mut shorter = moves.clone();
                shorter.remove(place);
                attempt(shorter, &mut moves)?;
            }
        }
        for place in 0..moves.len() {
            if let Some(usual) = moves.get(place).and_then(|told| without_fault(told.made)) {
                let mut harmless = moves.clone();
                harmless[place].made = usual;
                attempt(harmless, &mut moves)?;
            }
        }
        if (moves.len(), faults(moves.iter().map(|told| told.made))) == before {
            break;
        }
    }
    rename(strategy, &scene, &cast, &moves, goal)
}

/// The same operation, with nothing that befalls it.
fn without_fault(made: Move) -> Option<Move> {
    match made {
        Move::Session(
            session,
            Act::Lose(who) | Act::TimeOut(who) | Act::TimeOutLate(who) | Act::TimeOutAdrift(who),
        ) => Some(Move::Session(session, Act::Proceed(who))),
        _ => None,
    }
}

/// How many of the moves are faults of operations.
fn faults(moves: impl Iterator<Item = Move>) -> usize {
    moves.filter(|made| without_fault(*made).is_some()).count()
}

/// Plays what of these moves can be made: the steps, and when each was made in the run.
pub(super) fn play<S: Strategy>(
    strategy: &S,
    scene: &Scene,
    moves: &[Told],
) -> Result<(Vec<Step>, Vec<Moment>), TreeError> {
    let mut player = Player::new(strategy, scene.clone());
    let mut moments = Vec::new();
    for told in moves {
        if player.make_if_enabled(told.made)? {
            moments.push(told.when);
        }
    }
    Ok((player.steps().to_vec(), moments))
}

/// The same schedule without the sessions that do nothing in it.
fn rename<S: Strategy>(
    strategy: &S,
    scene: &Scene,
    cast: &[u64],
    moves: &[Told],
    goal: Goal,
) -> Result<Option<Race>, TreeError> {
    let mut order: Vec<usize> = Vec::new();
    for told in moves {
        if let Move::Session(session, _) = told.made
            && !order.contains(&session)
        {
            order.push(session);
        }
    }
    let new = |session: usize| order.iter().position(|it| *it == session).unwrap_or(session);
    let renamed = moves.iter().map(|told| match told.made {
        Move::Session(session, act) => Told { made: Move::Session(new(session), act), ..*told },
        _ => *told,
    });
    let sessions = order.iter().map(|session| scene.sessions[*session].clone()).collect();
    let scene = Scene { sessions, ..scene.clone() };
    let goal = Goal { target: new(goal.target), ..goal };
    let (steps, moments) = play(strategy, &scene, &renamed.collect::<Vec<_>>())?;
    let cast = order.iter().map(|session| cast[*session]).collect();
    Ok(goal.is_met(&scene, &steps).then_some(Race { scene, cast, steps, moments }))
}
