//! Which `SET`s of a cache-side trace are fills: those that a missed `GET` explains.
//!
//! Each missed operation explains one `SET` of the same key, in the same second or later. Inside
//! a second the order of the rows means nothing (published traces list a fill before the miss
//! that caused it), so the misses of a second are told first. A hit shows that the key had been
//! filled: it closes the misses of earlier seconds that are still open.

/// The misses of every key that no `SET` has answered yet.
#[derive(Default)]
pub(super) struct Fills {
    second: u64,
    keys: Vec<OpenMisses>,
}

#[derive(Clone, Default)]
struct OpenMisses {
    earlier: u64,
    /// In `second`; once that is over, they count as earlier.
    recent: u64,
    second: u64,
}

impl Fills {
    /// A new second starts, later than the one before.
    pub(super) fn begin(&mut self, second: u64) {
        self.second = second;
    }

    /// So many reads of this key missed.
    pub(super) fn missed(&mut self, key: u32, count: u64) {
        let open = self.open(key);
        open.recent = open.recent.saturating_add(count);
    }

    /// So many `SET`s of this key: how many of them answer a miss. The others are writes.
    pub(super) fn filled(&mut self, key: u32, count: u64) -> u64 {
        let open = self.open(key);
        let of_earlier = count.min(open.earlier);
        let of_recent = (count - of_earlier).min(open.recent);
        open.earlier -= of_earlier;
        open.recent -= of_recent;
        of_earlier + of_recent
    }

    /// A read of this key hit; told after the second's `SET`s.
    pub(super) fn hit(&mut self, key: u32) {
        self.open(key).earlier = 0;
    }

    fn open(&mut self, key: u32) -> &mut OpenMisses {
        let place = key as usize;
        if place >= self.keys.len() {
            self.keys.resize(place + 1, OpenMisses::default());
        }
        let open = &mut self.keys[place];
        if open.second != self.second {
            open.second = self.second;
            open.earlier = open.earlier.saturating_add(open.recent);
            open.recent = 0;
        }
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_explains_one_set_of_its_key() {
        let mut fills = Fills::default();
        fills.begin(5);
        fills.missed(3, 2);
        assert_eq!(fills.filled(3, 1), 1);
        assert_eq!(fills.filled(4, 1), 0, "another key");
        fills.begin(60);
        assert_eq!(fills.filled(3, 5), 1, "one miss was left");
        assert_eq!(fills.filled(3, 1), 0);
    }

    #[test]
    fn a_hit_closes_the_misses_of_earlier_seconds_only() {
        let mut fills = Fills::default();
        fills.begin(1);
        fills.missed(0, 4);
        fills.begin(2);
        fills.missed(0, 1);
        fills.hit(0);
        fills.begin(3);
        assert_eq!(fills.filled(0, 9), 1);
    }
}
