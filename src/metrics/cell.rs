//! What is counted of a part of a run: of a bucket of time, or of the whole window.

use super::recorder::Counts;

/// Counts and sums, of what was invoked in the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    /// Everything that is counted.
    pub(super) counts: Counts,
    /// Sum of the latencies of successful reads.
    pub(super) read_ns: u128,
    /// Sum of the latencies of successful writes.
    pub(super) write_ns: u128,
    /// Sum of the ages of stale reads.
    pub(super) age_ns: u128,
}

impl Cell {
    /// Adds another part's.
    pub(super) fn add(&mut self, other: &Cell) {
        self.counts.add(&other.counts);
        self.read_ns += other.read_ns;
        self.write_ns += other.write_ns;
        self.age_ns += other.age_ns;
    }
}
