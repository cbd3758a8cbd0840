//! Plays a script: every step must be what the strategy does.

use std::iter::repeat_n;

use rustc_hash::FxHashSet;

use super::player::{Move, Player};
use super::script::{Place, Script, ScriptStep};
use super::session::Act;
use super::tree::TreeError;
use super::{Property, words};
use crate::strategy::Strategy;

/// Why a script cannot be played to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayError {
    /// A step is not what happens there.
    DoesNotFit(Box<Misfit>),
    /// The script was played, and violates something else than it claims.
    Violates {
        /// What it claims and does not violate.
        claimed: Vec<Property>,
        /// What it does violate.
        found: Vec<Property>,
    },
    /// The strategy is not a function of its replies.
    Strategy(TreeError),
}

/// The first step that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The step's number, from 1.
    pub number: usize,
    /// Where it is written.
    pub place: Place,
    /// What is written.
    pub written: String,
    /// What happened instead, if the move could be made but its reply is another.
    pub told: Option<String>,
    /// Every step that could have been made there, faults apart.
    pub enabled: Vec<String>,
    /// What could have befallen there.
    pub faults: Vec<String>,
}

impl std::fmt::Display for PlayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PlayError::DoesNotFit(it) => {
                let Place { line, column } = it.place;
                let (number, written) = (it.number, &it.written);
                write!(f, "{line}:{column}: step {number} does not fit: `{written}`")?;
                if let Some(told) = &it.told {
                    write!(f, "\n  the reply is `{told}`")?;
                }
                match it.enabled.as_slice() {
                    [] if it.told.is_some() => Ok(()),
                    [] => write!(f, "\n  nothing can be done there any more"),
                    enabled => write!(f, "\n  possible there: `{}`", enabled.join("`, `")),
                }?;
                match it.faults.as_slice() {
                    [] => Ok(()),
                    faults => write!(f, "\n  or a fault: `{}`", faults.join("`, `")),
                }
            }
            PlayError::Violates { claimed, found } => {
                let names = |all: &[Property]| match all {
                    [] => "nothing".to_owned(),
                    all => all.iter().map(|it| it.name()).collect::<Vec<_>>().join(", "),
                };
                let (claimed, found) = (names(claimed), names(found));
                write!(f, "the schedule does not violate {claimed}; it violates {found}")
            }
            PlayError::Strategy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PlayError {}

impl From<TreeError> for PlayError {
    fn from(error: TreeError) -> PlayError {
        PlayError::Strategy(error)
    }
}

/// Plays a script to its end, and holds it against what it claims to violate.
///
/// Where several tasks of a server could make the step as it is written, all of them are tried:
/// the first way that fits to the end and violates what is claimed is the one that is meant.
///
/// # Errors
/// If a step does not fit, the claim is wrong, or the strategy keeps state of its own.
pub fn play<'s, S: Strategy>(strategy: &'s S, script: &Script) -> Result<Player<'s, S>, PlayError> {
    let mut ways = vec![Player::new(strategy, script.scene.clone())];
    for (index, step) in script.steps.iter().enumerate() {
        ways = take(ways, index + 1, step)?;
    }
    let as_claimed = |player: &Player<'_, S>| {
        let violated = player.violated();
        script.violates.iter().all(|property| violated.has(*property))
    };
    let meant = ways.iter().position(as_claimed);
    let player = ways.swap_remove(meant.unwrap_or(0));
    player.check()?;
    if meant.is_some() {
        return Ok(player);
    }
    let violated = player.violated();
    let claimed = script.violates.iter().copied().filter(|it| !violated.has(*it)).collect();
    Err(PlayError::Violates { claimed, found: violated.iter().collect() })
}

/// More ways than these to understand a schedule are not followed.
const WAYS_MAX: usize = 256;

/// Every way to make a step, after every way to make those before it. There is at least one.
fn take<'s, S: Strategy>(
    ways: Vec<Player<'s, S>>,
    number: usize,
    step: &ScriptStep,
) -> Result<Vec<Player<'s, S>>, PlayError> {
    let (mut fitting, mut seen) = (Vec::new(), FxHashSet::default());
    let mut error = None;
    for mut player in ways {
        let moves = matching(&mut player, step)?;
        if moves.is_empty() && error.is_none() {
            error = Some(misfit(number, step, None, possible(&mut player)?));
        }
        for (mut way, made) in repeat_n(player, moves.len()).zip(moves) {
            let scene = way.scene().clone();
            let operation = way.make(made)?.happening.operation;
            let told = operation.and_then(|(op, it)| words::reply(op, it));
            if step.reply.is_some() && step.reply != told {
                let whole = words::step(&scene, made, operation);
                error =
                    error.or_else(|| Some(misfit(number, step, Some(whole), Default::default())));
            } else if seen.insert(way.moment()) {
                fitting.push(way);
            }
        }
    }
    fitting.truncate(WAYS_MAX);
    error.filter(|_| fitting.is_empty()).map_or(Ok(fitting), Err)
}

/// The moves that are what is written, their replies apart.
fn matching<S: Strategy>(
    player: &mut Player<'_, S>,
    step: &ScriptStep,
) -> Result<Vec<Move>, TreeError> {
    let mut moves = Vec::new();
    for made in player.enabled()? {
        let op = player.operation(made)?;
        let is_it = words::actor(player.scene(), made) == step.actor
            && begins_with(&words::action(made, op), &step.action);
        moves.extend(is_it.then_some(made));
    }
    Ok(moves)
}

/// The steps that could be made, and the faults.
fn possible<S: Strategy>(player: &mut Player<'_, S>) -> Result<[Vec<String>; 2], TreeError> {
    let [mut steps, mut faults] = [Vec::new(), Vec::new()];
    for made in player.enabled()? {
        let op = player.operation(made)?;
        let step = format!("{}: {}", words::actor(player.scene(), made), words::action(made, op));
        let known = if is_usual(made) { &mut steps } else { &mut faults };
        if !known.contains(&step) {
            known.push(step);
        }
    }
    Ok([steps, faults])
}

fn misfit(
    number: usize,
    step: &ScriptStep,
    told: Option<String>,
    [enabled, faults]: [Vec<String>; 2],
) -> PlayError {
    let mut written = format!("{}: {}", step.actor, step.action);
    if let Some(reply) = &step.reply {
        written = format!("{written} -> {reply}");
    }
    PlayError::DoesNotFit(Box::new(Misfit {
        number,
        place: step.place,
        written,
        told,
        enabled,
        faults,
    }))
}

/// Whether the words of `whole` begin with those of `part`.
fn begins_with(whole: &str, part: &str) -> bool {
    let mut whole = whole.split_whitespace();
    part.split_whitespace().all(|word| whole.next() == Some(word))
}

/// Whether a move is no fault.
fn is_usual(made: Move) -> bool {
    match made {
        Move::Session(_, act) => matches!(act, Act::Proceed(_) | Act::Land(_)),
        Move::Evict { .. } | Move::Expire { .. } | Move::Apply { .. } => true,
    }
}
