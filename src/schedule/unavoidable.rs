//! Which step of a schedule made what it violates unavoidable: before it the requests could still
//! have taken turns so that the promise is kept, after it they could not.
//!
//! Taken into account are the requests that the schedule begins, in every order in which they can
//! go on, and replicas that catch up. Nothing else befalls them: that an eviction could still have
//! removed an old row excuses nobody.

use rustc_hash::FxHashMap;

use super::player::{Move, Step, fills_twice};
use super::property::{Property, PropertySet};
use super::scene::Scene;
use super::session::{Act, Session, Turn};
use super::stage::Stage;
use super::tree::{Tree, TreeError};
use crate::strategy::Strategy;

/// Beyond this many states, nothing is said.
const STATES_MAX: usize = 20_000;

/// The index of the last step before which the promise could still have been kept. `None` if the
/// steps do not break it, if nothing could have kept it, or if there are too many ways to go on.
///
/// # Errors
/// If the strategy is not a function of its replies.
pub fn unavoidable<S: Strategy>(
    strategy: &S,
    scene: &Scene,
    steps: &[Step],
    property: Property,
) -> Result<Option<usize>, TreeError> {
    let Some(last) = steps.iter().position(|step| step.violated.has(property)) else {
        return Ok(None);
    };
    let tree = Tree::new(strategy, scene.keys);
    let mut ways = Ways { tree, scene: begun(scene, steps), property };
    let mut states = vec![ways.first()];
    for step in &steps[..last] {
        let (state, _) = ways.make(&states[states.len() - 1], step.made)?;
        states.push(state);
    }
    for (index, state) in states.into_iter().enumerate().rev() {
        match ways.can_keep(state)? {
            Some(true) => return Ok(Some(index)),
            Some(false) => {}
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// The scene without the requests that are not begun.
fn begun(scene: &Scene, steps: &[Step]) -> Scene {
    let mut scene = scene.clone();
    for (index, plan) in scene.sessions.iter_mut().enumerate() {
        let its = |step: &&Step| matches!(step.made, Move::Session(it, _) if it == index);
        let begun = steps.iter().filter(its).filter(|step| step.happening.began.is_some());
        plan.truncate(begun.count());
    }
    scene
}

/// Everything that tells one moment from another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    stage: Stage,
    sessions: Vec<Session>,
}

/// The ways to go on.
struct Ways<'s, S> {
    tree: Tree<'s, S>,
    scene: Scene,
    property: Property,
}

impl<S: Strategy> Ways<'_, S> {
    fn first(&self) -> State {
        let stage = Stage::new(&self.scene, self.tree.strategy().authority());
        State { stage, sessions: vec![Session::new(self.scene.keys); self.scene.sessions.len()] }
    }

    /// Where a move leads, and whether that breaks the promise.
    fn make(&mut self, from: &State, made: Move) -> Result<(State, bool), TreeError> {
        let State { mut stage, mut sessions } = from.clone();
        let mut violated = PropertySet::default();
        if let Move::Session(index, act) = made {
            let turn = Turn::new(&self.scene, index);
            violated = sessions[index].act(act, &mut stage, turn, &mut self.tree)?.violated;
        } else {
            made.change(&mut stage);
        }
        let filled = sessions.iter().flat_map(|it| it.fills(&self.tree));
        violated.add(Property::SingleFill, fills_twice(filled));
        if sessions.iter().all(Session::is_at_rest) && !stage.lags() {
            violated.add_all(stage.at_rest().0);
        }
        Ok((State { stage, sessions }, violated.has(self.property)))
    }

    fn moves(&mut self, state: &State) -> Result<Vec<Move>, TreeError> {
        let mut moves = Vec::new();
        for (index, session) in state.sessions.iter().enumerate() {
            let turn = Turn::new(&self.scene, index);
            let acts = session.acts(&state.stage, turn, &mut self.tree)?;
            let acts = acts.into_iter().filter(|act| matches!(act, Act::Proceed(_)));
            moves.extend(acts.map(|act| Move::Session(index, act)));
        }
        let applies = (0..self.scene.replicas as usize).map(|replica| Move::Apply { replica });
        moves.extend(applies.filter(|it| it.change(&mut state.stage.clone())));
        Ok(moves)
    }

    /// Whether the promise can be kept from here: whether a state can be reached from which
    /// nothing breaks it any more. Requests may wait there for ever. `None` if there are too many.
    fn can_keep(&mut self, from: State) -> Result<Option<bool>, TreeError> {
        let mut numbers = FxHashMap::from_iter([(from.clone(), 0)]);
        let mut open = vec![from];
        // For each state, from which it is reached, and whether a way from it breaks the promise.
        let (mut before, mut breaks) = (vec![Vec::new()], vec![false]);
        while let Some(state) = open.pop() {
            let number = numbers[&state];
            let moves = self.moves(&state)?;
            if moves.is_empty() {
                return Ok(Some(true));
            }
            for made in moves {
                let (next, broken) = self.make(&state, made)?;
                if broken {
                    breaks[number] = true;
                    continue;
                }
                let new = numbers.len();
                let next_number = *numbers.entry(next.clone()).or_insert(new);
                if next_number == new {
                    open.push(next);
                    before.push(Vec::new());
                    breaks.push(false);
                }
                before[next_number].push(number);
            }
            if numbers.len() > STATES_MAX {
                return Ok(None);
            }
        }
        let mut open: Vec<usize> = (0..breaks.len()).filter(|it| breaks[*it]).collect();
        while let Some(number) = open.pop() {
            for &earlier in &before[number] {
                if !std::mem::replace(&mut breaks[earlier], true) {
                    open.push(earlier);
                }
            }
        }
        Ok(Some(breaks.contains(&false)))
    }
}
