//! The states that were reached: rows of numbers, each once, and how each was reached first.
//!
//! Rows are spread over shards by their hash, so that threads fill them side by side; which
//! rows are in a shard, and in which order, does not depend on the threads.

/// How many shards there are, whatever the machine.
pub(super) const SHARDS: usize = 16;

/// The number of a state: its row within its shard, and the shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StateId(pub(super) u32);

impl StateId {
    /// What the first state was reached from.
    pub(super) const NONE: StateId = StateId(u32::MAX);

    pub(super) fn new(row: usize, shard: usize) -> StateId {
        StateId((row * SHARDS + shard) as u32)
    }

    pub(super) fn shard(self) -> usize {
        self.0 as usize % SHARDS
    }

    pub(super) fn row(self) -> usize {
        self.0 as usize / SHARDS
    }
}

/// The shard a hash belongs to.
#[inline]
pub(super) fn shard_of(hash: u64) -> usize {
    (hash >> 60) as usize % SHARDS
}

/// A hash of a row: multiply and rotate, as in rustc's.
#[inline]
pub(super) fn hash(row: &[u32]) -> u64 {
    let step = |hash: u64, word: &u32| {
        (hash.rotate_left(23) ^ u64::from(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    let hash = row.iter().fold(0x51_7c_c1_b7_27_22_0a_95, step);
    hash ^ (hash >> 29)
}

/// One shard's states.
#[derive(Debug)]
pub(super) struct Shard {
    number: usize,
    width: usize,
    rows: Vec<u32>,
    parents: Vec<StateId>,
    steps: Vec<u16>,
    /// Open addressing with linear probing: row + 1, or 0. A power of two, at most half full.
    table: Vec<u32>,
}

impl Shard {
    pub(super) fn new(number: usize, width: usize) -> Shard {
        let (rows, parents, steps) = (Vec::new(), Vec::new(), Vec::new());
        Shard { number, width, rows, parents, steps, table: vec![0; 64] }
    }

    /// How many states it has.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// A state.
    #[inline]
    pub(super) fn row(&self, row: usize) -> &[u32] {
        &self.rows[row * self.width..(row + 1) * self.width]
    }

    /// How a state was reached first: from which, and by which of its steps.
    pub(super) fn origin(&self, row: usize) -> (StateId, u16) {
        (self.parents[row], self.steps[row])
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        4 * (self.rows.capacity() + self.parents.capacity() + self.table.capacity())
            + 2 * self.steps.capacity()
    }

    /// Adds a state unless it is there. Returns its number if it is new.
    #[inline]
    pub(super) fn insert(
        &mut self,
        row: &[u32],
        hash: u64,
        parent: StateId,
        step: u16,
    ) -> Option<StateId> {
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.table[at] {
                0 => break,
                other if self.row(other as usize - 1) == row => return None,
                _ => at = (at + 1) & mask,
            }
        }
        let number = self.len();
        self.rows.extend_from_slice(row);
        self.parents.push(parent);
        self.steps.push(step);
        self.table[at] = number as u32 + 1;
        if 2 * self.len() > self.table.len() {
            self.grow();
        }
        Some(StateId::new(number, self.number))
    }

    fn grow(&mut self) {
        let mask = 2 * self.table.len() - 1;
        let mut table = vec![0; mask + 1];
        for number in 0..self.len() {
            let mut at = hash(self.row(number)) as usize & mask;
            while table[at] != 0 {
                at = (at + 1) & mask;
            }
            table[at] = number as u32 + 1;
        }
        self.table = table;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_kept_once_and_remembers_how_it_was_reached_first() {
        let mut shard = Shard::new(3, 2);
        for round in 0..2 {
            for n in 0..1_000_u32 {
                let row = [n / 10, n % 10];
                let new = shard.insert(&row, hash(&row), StateId(n), round);
                assert_eq!(new.is_some(), round == 0);
            }
        }
        assert_eq!(shard.len(), 1_000);
        assert_eq!(shard.row(123), [12, 3]);
        assert_eq!(shard.origin(123), (StateId(123), 0));
    }

    #[test]
    fn a_number_names_the_row_and_the_shard() {
        let id = StateId::new(77, 5);
        assert_eq!((id.row(), id.shard()), (77, 5));
    }
}
