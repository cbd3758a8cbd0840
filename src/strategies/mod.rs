//! The built-in strategies: one file each, and the one table of all of them.
//!
//! A strategy may use only [`crate::op`], [`crate::strategy`] and [`crate::time`]: it can do no
//! more than its `Io` offers, so a strategy in another crate is on equal terms. To add one here:
//! a new file, and a line in the table below.
//!
//! # How to read a "Shortest bad schedule"
//! It starts with version 0 in the database and nothing in the cache. A step is one operation:
//! who asks, what for, and the answer if it depends on the others. At the end a copy older than
//! the database is in the cache, whatever the tasks that are still running do, until its TTL
//! ends or the next write comes; where the harm is another one, the file says so. Up to two
//! readers and two writers take part, entries may be evicted and time may pass, but no server
//! crashes and nothing is lost on the way: with that, a commit and a crash are enough against
//! whatever touches two stores. Only write-behind, whose own weakness it is, is shown a crash.
//!
//! The schedules are tests: each is played from the text of its file, and no shorter one exists.

mod params;

pub use params::{Param, ParamKind, ParamValue, ParamValues};

use crate::strategy::Strategy;
use crate::time::Span;

/// A strategy that scenario files know by name.
pub trait Builtin: Strategy + Sized {
    /// Its name in scenario files.
    const NAME: &'static str;
    /// What it does, in half a sentence.
    const SUMMARY: &'static str;
    /// Its parameters.
    const PARAMS: &'static [Param];

    /// Makes the strategy from values for [`Builtin::PARAMS`], in their order.
    fn from_params(params: &ParamValues) -> Self;
}

/// Code that runs with whatever strategy a scenario names, compiled for each of them.
pub trait Visitor {
    /// What it gives back.
    type Output;
    /// Runs with this strategy.
    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output;
}

/// A built-in strategy as data: what the table below makes of each [`Builtin`].
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Its name in scenario files.
    pub name: &'static str,
    /// What it does, in half a sentence.
    pub summary: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// The source file, whose head is its documentation.
    pub source: &'static str,
}

/// A built-in strategy with its parameters: what a variant of a scenario names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The strategy's name, one of [`ALL`].
    pub name: &'static str,
    /// The values of its parameters.
    pub params: ParamValues,
}

macro_rules! builtins {
    ($($module:ident::$strategy:ident,)*) => {
        $(pub mod $module; pub use $module::$strategy;)*

        /// Every built-in strategy, in the order of the catalogue.
        pub const ALL: &[Info] = &[$(Info {
            name: <$strategy as Builtin>::NAME,
            summary: <$strategy as Builtin>::SUMMARY,
            params: <$strategy as Builtin>::PARAMS,
            source: include_str!(concat!(stringify!($module), ".rs")),
        },)*];

        impl Choice {
            /// Runs `visitor` with the chosen strategy, statically dispatched.
            ///
            /// # Panics
            /// If the name is not one of [`ALL`].
            pub fn visit<V: Visitor>(&self, visitor: V) -> V::Output {
                $(if self.name == <$strategy as Builtin>::NAME {
                    return visitor.visit(&<$strategy as Builtin>::from_params(&self.params));
                })*
                panic!("no built-in strategy is named {}", self.name)
            }
        }
    };
}

builtins! {
    no_cache::NoCache,
    ttl_only::TtlOnly,
    delete_on_write::DeleteOnWrite,
    delete_before_write::DeleteBeforeWrite,
    double_delete::DoubleDelete,
    update_on_write::UpdateOnWrite,
    write_through::WriteThrough,
    write_behind::WriteBehind,
    versioned::Versioned,
    lease::Lease,
}

/// The `ttl` most strategies take.
const TTL: Param = Param {
    name: "ttl",
    kind: ParamKind::OptionalSpan(Span::FOREVER),
    doc: "how long an entry lives, counted from the set",
};

/// Whether a miss answers before it fills the cache.
const REPLY_BEFORE_FILL: Param = Param {
    name: "reply_before_fill",
    kind: ParamKind::Flag(false),
    doc: "answer a miss before filling the cache, instead of after",
};

/// How long to wait before starting over.
const BACKOFF: Param = Param {
    name: "backoff",
    kind: ParamKind::OptionalSpan(Span::from_millis(2)),
    doc: "how long to wait for somebody else's turn to end",
};

/// The built-in strategy of this name.
pub fn find(name: &str) -> Option<&'static Info> {
    ALL.iter().find(|info| info.name == name)
}
