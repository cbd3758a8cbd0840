//! Which number a key or a client has: numbered from 0 in the order of first appearance.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::TraceFault;

/// Names and their numbers. Looked up, never iterated: the order of a hash map means nothing.
#[derive(Debug)]
struct Names {
    numbers: FxHashMap<Box<[u8]>, u32>,
    limit: u32,
}

impl Names {
    /// No names yet, and room for `limit`.
    fn new(limit: u32) -> Names {
        Names { numbers: FxHashMap::default(), limit }
    }

    fn len(&self) -> u32 {
        // At most `limit`, a u32.
        self.numbers.len() as u32
    }

    fn find(&self, name: &[u8]) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The number of `name`, a new one if it is new; `None` if there are too many.
    fn add(&mut self, name: &[u8]) -> Option<u32> {
        if let Some(number) = self.find(name) {
            return Some(number);
        }
        let number = self.len();
        if number == self.limit {
            return None;
        }
        self.numbers.insert(name.into(), number);
        Some(number)
    }
}

/// The keys and the clients of a trace.
#[derive(Debug)]
pub(super) struct Dictionary {
    keys: Names,
    clients: Names,
}

impl Default for Dictionary {
    fn default() -> Dictionary {
        Dictionary { keys: Names::new(u32::MAX), clients: Names::new(u32::MAX) }
    }
}

impl Dictionary {
    pub(super) fn keys(&self) -> u32 {
        self.keys.len()
    }

    pub(super) fn clients(&self) -> u32 {
        self.clients.len()
    }
}

/// Turns names into numbers.
pub(super) trait Numbering {
    fn key(&mut self, name: &[u8]) -> Result<u32, TraceFault>;
    fn client(&mut self, name: &[u8]) -> Result<u32, TraceFault>;
    /// How many clients are known.
    fn clients(&self) -> u32;
}

/// The first pass: new names get new numbers.
impl Numbering for Dictionary {
    fn key(&mut self, name: &[u8]) -> Result<u32, TraceFault> {
        self.keys.add(name).ok_or(TraceFault::TooMany { what: "keys" })
    }

    fn client(&mut self, name: &[u8]) -> Result<u32, TraceFault> {
        self.clients.add(name).ok_or(TraceFault::TooMany { what: "clients" })
    }

    fn clients(&self) -> u32 {
        Dictionary::clients(self)
    }
}

/// A replay: every name is known, unless the file changed.
impl Numbering for Arc<Dictionary> {
    fn key(&mut self, name: &[u8]) -> Result<u32, TraceFault> {
        self.keys.find(name).ok_or(TraceFault::Changed)
    }

    fn client(&mut self, name: &[u8]) -> Result<u32, TraceFault> {
        self.clients.find(name).ok_or(TraceFault::Changed)
    }

    fn clients(&self) -> u32 {
        Dictionary::clients(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_in_the_order_of_first_appearance() {
        let mut dictionary = Dictionary::default();
        let numbers: Vec<u32> = [&b"b"[..], b"a", b"b", b"\xff", b"a"]
            .iter()
            .map(|name| dictionary.key(name).unwrap())
            .collect();
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!(dictionary.keys(), 3);
        assert_eq!(dictionary.clients(), 0);
    }

    #[test]
    fn one_name_too_many_is_refused() {
        let mut names = Names::new(2);
        assert_eq!(names.add(b"a"), Some(0));
        assert_eq!(names.add(b"b"), Some(1));
        assert_eq!(names.add(b"c"), None);
        assert_eq!(names.add(b"b"), Some(1));
    }

    #[test]
    fn a_replay_refuses_a_name_it_does_not_know() {
        let mut names = Arc::new(Dictionary::default());
        assert!(matches!(names.key(b"a"), Err(TraceFault::Changed)));
        assert!(matches!(names.client(b"a"), Err(TraceFault::Changed)));
    }
}
