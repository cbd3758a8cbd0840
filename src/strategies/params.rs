//! The parameters of built-in strategies: declared as data, so that the scenario file, its
//! schema, its error messages and `stalelab explain` all read the same table.

use crate::time::Span;

/// One parameter of a built-in strategy.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name in the scenario file.
    pub name: &'static str,
    /// What it takes, and what it is when absent.
    pub kind: ParamKind,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// What a parameter takes, and what it is when absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// A duration that must be given.
    RequiredSpan,
    /// A duration with a default; [`Span::FOREVER`] reads as "does not expire".
    OptionalSpan(Span),
    /// A yes or no with a default.
    Flag(bool),
}

/// The values of a strategy's parameters, in the order of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamValues(pub Vec<ParamValue>);

/// The value of one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamValue {
    /// A duration.
    Span(Span),
    /// A yes or no.
    Flag(bool),
}

impl ParamValues {
    /// The duration at this place of the table.
    ///
    /// # Panics
    /// If the table declares something else there: a strategy's own mistake.
    pub fn span(&self, index: usize) -> Span {
        match self.0[index] {
            ParamValue::Span(span) => span,
            ParamValue::Flag(_) => panic!("parameter {index} is a flag"),
        }
    }

    /// The flag at this place of the table.
    ///
    /// # Panics
    /// If the table declares something else there: a strategy's own mistake.
    pub fn flag(&self, index: usize) -> bool {
        match self.0[index] {
            ParamValue::Flag(flag) => flag,
            ParamValue::Span(_) => panic!("parameter {index} is a duration"),
        }
    }
}
