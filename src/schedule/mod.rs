//! A driver: one exact interleaving of operations, step by step.
//!
//! A step is one operation taking effect at one instant, with all its task does until it asks for
//! the next; or a move of the world. A request begins with its first operation and ends with the
//! reply to its last: to begin earlier or end later would promise a reader less, so what can go
//! wrong at all goes wrong like this too. There is no clock: what takes how long is what the
//! schedule says.
//!
//! The [`Script`] is the text of a schedule, [`play`] plays it, and a [`Player`] is for those who
//! choose each move themselves, as the explorer does.
//!
//! Rejected: numbering steps, which silently changes what a saved schedule means when a strategy
//! changes; a step for a request's way in each direction, which makes every schedule three times
//! as long and shows nothing more.

mod cause;
mod chain;
mod play;
mod player;
mod property;
mod scene;
mod script;
mod session;
mod stage;
mod step;
mod tale;
mod tree;
mod unavoidable;
pub mod words;

pub use cause::{Explanation, explain, explain_last, explain_read};
pub use chain::{Link, chain, chain_of_last};
pub use play::{Misfit, PlayError, play};
pub use player::{Move, Player, Step, answers_stale};
pub use property::{Property, PropertySet};
pub use scene::{
    Faults, KEYS_MAX, REQUESTS_MAX, Request, SESSIONS_MAX, Scene, key_name, session_name,
};
pub use script::{Place, Script, ScriptError, ScriptStep};
pub use session::{Act, Happening, Who};
pub use stage::Stage;
pub use tree::TreeError;
pub use unavoidable::unavoidable;

pub(crate) use player::fills_twice;
pub(crate) use session::{Session, Turn};
pub(crate) use tree::Tree;
