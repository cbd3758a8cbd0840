//! What exploring the strategies of a run's variants told. Charts only show it; who explores is
//! their caller.

/// What exploring the strategies of a run's variants told, within bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explored {
    /// Within which bounds, in words.
    pub bounds: String,
    /// What cannot happen.
    pub proofs: Vec<Proof>,
    /// What was searched, in the order of the variants.
    pub searches: Vec<Search>,
}

/// The exploration of a variant's strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The variant's index.
    pub variant: usize,
    /// How many states were reached.
    pub states: u64,
    /// Whether these are all there are.
    pub complete: bool,
    /// What was found broken.
    pub violations: Vec<Violation>,
}

/// A promise that a search found broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The promise.
    pub promise: String,
    /// How many states had been reached by then.
    pub states: u64,
    /// Steps of the shortest schedule that breaks it.
    pub steps: usize,
}

/// That a metric of a variant cannot be more than zero, within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The variant's index.
    pub variant: usize,
    /// The metric.
    pub metric: &'static str,
}
