//! Plays a script: every step must be what the strategy does.

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
                    _ if it.told.is_some() => Ok(()),
                    [] => write!(f, "\n  nothing can be done there any more"),
                    enabled => write!(f, "\n  possible there: `{}`", enabled.join("`, `")),
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
/// # Errors
/// If a step does not fit, the claim is wrong, or the strategy keeps state of its own.
pub fn play<'s, S: Strategy>(strategy: &'s S, script: &Script) -> Result<Player<'s, S>, PlayError> {
    let mut player = Player::new(strategy, script.scene.clone());
    for (index, step) in script.steps.iter().enumerate() {
        take(&mut player, index + 1, step)?;
    }
    player.check()?;
    let violated = player.violated();
    if script.violates.iter().all(|property| violated.has(*property)) {
        return Ok(player);
    }
    let claimed = script.violates.iter().copied().filter(|it| !violated.has(*it)).collect();
    Err(PlayError::Violates { claimed, found: violated.iter().collect() })
}

fn take<S: Strategy>(
    player: &mut Player<'_, S>,
    number: usize,
    step: &ScriptStep,
) -> Result<(), PlayError> {
    let mut enabled = Vec::new();
    for made in player.enabled()? {
        let op = player.operation(made)?;
        if words::actor(player.scene(), made) == step.actor
            && begins_with(&words::action(made, op), &step.action)
        {
            let scene = player.scene().clone();
            let happened = player.make(made)?;
            let told = happened.happening.operation.and_then(|(op, it)| words::reply(op, it));
            let fits = step.reply.is_none() || step.reply == told;
            let whole = words::step(&scene, made, happened.happening.operation);
            return if fits { Ok(()) } else { Err(misfit(number, step, Some(whole), Vec::new())) };
        }
        if is_usual(made) {
            let actor = words::actor(player.scene(), made);
            enabled.push(format!("{actor}: {}", words::action(made, op)));
        }
    }
    Err(misfit(number, step, None, enabled))
}

fn misfit(
    number: usize,
    step: &ScriptStep,
    told: Option<String>,
    enabled: Vec<String>,
) -> PlayError {
    let mut written = format!("{}: {}", step.actor, step.action);
    if let Some(reply) = &step.reply {
        written = format!("{written} -> {reply}");
    }
    PlayError::DoesNotFit(Box::new(Misfit { number, place: step.place, written, told, enabled }))
}

/// Whether the words of `whole` begin with those of `part`.
fn begins_with(whole: &str, part: &str) -> bool {
    let mut whole = whole.split_whitespace();
    part.split_whitespace().all(|word| whole.next() == Some(word))
}

/// Whether a move is neither a fault nor something that could be said of nearly every step.
fn is_usual(made: Move) -> bool {
    match made {
        Move::Session(_, act) => matches!(act, Act::Proceed(_)),
        Move::Evict { .. } | Move::Expire { .. } | Move::Apply { .. } => true,
    }
}
