//! Which of the most popular keys were read when, fresh or stale: a cell per key and bucket of
//! time.
//!
//! The first [`KEYS`] keys are watched, which are the most popular ones unless the scenario says
//! that all are alike.

use super::summary::StaleKeyPoint;
use super::timeline::BUCKETS;
use crate::op::Key;
use crate::time::Span;

/// How many keys are watched.
pub const KEYS: usize = 40;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cell {
    commits: u64,
    reads: u64,
    stale_reads: u64,
    age_max: Span,
}

/// What became of the watched keys.
#[derive(Clone, Debug, PartialEq)]
pub struct StaleKeys {
    cells: Vec<Cell>,
}

impl Default for StaleKeys {
    fn default() -> StaleKeys {
        StaleKeys { cells: vec![Cell::default(); KEYS * BUCKETS] }
    }
}

impl StaleKeys {
    fn cell(&mut self, key: Key, bucket: usize) -> Option<&mut Cell> {
        let watched = (key.0 as usize) < KEYS && bucket < BUCKETS;
        watched.then(|| &mut self.cells[key.0 as usize * BUCKETS + bucket])
    }

    /// Whether a key is watched.
    #[inline]
    pub(super) fn watches(key: Key) -> bool {
        (key.0 as usize) < KEYS
    }

    /// A new version of a key was accepted.
    pub(super) fn committed(&mut self, key: Key, bucket: usize) {
        if let Some(cell) = self.cell(key, bucket) {
            cell.commits += 1;
        }
    }

    /// A read that began in this bucket succeeded; it was so old if it was stale.
    #[inline]
    pub(super) fn read(&mut self, key: Key, bucket: usize, stale_age: Option<Span>) {
        if let Some(cell) = self.cell(key, bucket) {
            cell.reads += 1;
            cell.stale_reads += u64::from(stale_age.is_some());
            cell.age_max = cell.age_max.max(stale_age.unwrap_or(Span::ZERO));
        }
    }

    /// The cells in which something happened, by key and time.
    pub(super) fn points(&self, width: Span) -> Vec<StaleKeyPoint> {
        let cells = self.cells.iter().enumerate().filter(|(_, cell)| **cell != Cell::default());
        let point = |(index, cell): (usize, &Cell)| StaleKeyPoint {
            key: (index / BUCKETS) as u32,
            start_s: (index % BUCKETS) as f64 * width.as_secs_f64(),
            commits: cell.commits,
            reads: cell.reads,
            stale_reads: cell.stale_reads,
            age_max_ms: cell.age_max.0 as f64 / 1e6,
        };
        cells.map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_watched_keys_and_times_have_a_cell() {
        let mut keys = StaleKeys::default();
        keys.committed(Key(3), 7);
        keys.read(Key(3), 7, Some(Span(2_000_000)));
        keys.read(Key(3), 7, None);
        keys.read(Key(3), 7, Some(Span(1_000_000)));
        keys.read(Key(KEYS as u32), 0, None);
        keys.read(Key(u32::MAX), 0, Some(Span(1)));
        keys.read(Key(0), BUCKETS, Some(Span(1)));
        let points = keys.points(Span::from_secs(2));
        let (reads, stale_reads) = (3, 2);
        let point = StaleKeyPoint {
            key: 3,
            start_s: 14.0,
            commits: 1,
            reads,
            stale_reads,
            age_max_ms: 2.0,
        };
        assert_eq!(points, [point]);
    }
}
