//! What time, memory pressure and nothing else does to a cache: an entry is evicted, a time to
//! live runs out. A driver without a clock decides when; this says what it means.

use super::cache::{Cache, Holds};
use crate::op::Key;
use crate::time::Time;

/// What can run out at a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Expiry {
    /// The entry: a row's time to live, or a tombstone's hold.
    Entry,
    /// A lease: its holder may still fill, but the next reader is given another token.
    Lease,
    /// A lock: the next to ask is given it, whatever its holder is doing.
    Lock,
}

impl Expiry {
    /// All of them.
    pub const ALL: [Expiry; 3] = [Expiry::Entry, Expiry::Lease, Expiry::Lock];
}

impl Cache {
    /// The cache makes room: the key's row or tombstone is gone. Says whether there was one.
    pub fn evict(&mut self, key: Key) -> bool {
        let there = self.entries[key.0 as usize].holds != Holds::Nothing;
        self.remove(key);
        there
    }

    /// Something's time is over now, whenever that was due. Says whether it had an end.
    pub fn expire(&mut self, now: Time, key: Key, expiry: Expiry) -> bool {
        let grants = match expiry {
            Expiry::Entry => {
                let entry = &self.entries[key.0 as usize];
                let ends = entry.holds != Holds::Nothing && entry.expires_at < Time::NEVER;
                if ends {
                    self.remove(key);
                }
                return ends;
            }
            Expiry::Lease => &mut self.leases,
            Expiry::Lock => &mut self.locks,
        };
        let Some(grant) = grants.get_mut(&key.0) else {
            return false;
        };
        let ends = now < grant.until && grant.until < Time::NEVER;
        if ends {
            grant.until = now;
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{Lease, Op, Reply, Row, Version};
    use crate::time::Span;

    const K: Key = Key(0);
    const NOW: Time = Time::ZERO;

    #[test]
    fn only_what_has_an_end_expires() {
        let mut cache = Cache::unlimited(1);
        let row = Row::new(Version(1));
        assert!(!cache.expire(NOW, K, Expiry::Entry), "nothing is there");
        cache.apply(NOW, Op::CacheSet(K, row, Span::FOREVER), 0);
        assert!(!cache.expire(NOW, K, Expiry::Entry), "it lives for ever");
        cache.apply(NOW, Op::CacheSet(K, row, Span::from_secs(1)), 0);
        assert!(cache.expire(NOW, K, Expiry::Entry));
        assert_eq!(cache.peek(K), None);
        assert!(!cache.evict(K));
    }

    #[test]
    fn an_expired_lease_is_granted_again_and_its_holder_still_fills_until_then() {
        let mut cache = Cache::unlimited(1);
        let lease = Op::CacheLease(K, Span::from_secs(10));
        let Reply::Lease(Lease::Granted(first)) = cache.apply(NOW, lease, 0).reply else {
            panic!("the first to ask is granted the lease");
        };
        assert_eq!(cache.apply(NOW, lease, 0).reply, Reply::Lease(Lease::Wait));
        assert!(cache.expire(NOW, K, Expiry::Lease));
        assert!(!cache.expire(NOW, K, Expiry::Lease), "once");
        assert!(matches!(cache.apply(NOW, lease, 0).reply, Reply::Lease(Lease::Granted(_))));
        let fill = Op::CacheFill(K, Row::new(Version(1)), first, Span::FOREVER);
        assert_eq!(cache.apply(NOW, fill, 0).reply, Reply::Accepted(false));
    }
}
