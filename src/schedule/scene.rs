//! Who takes part in a schedule, what they ask for, and what may befall them.

use crate::op::{Call, Key};

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// Whether it writes the key; else it reads it.
    pub write: bool,
    /// The key.
    pub key: Key,
}

impl Request {
    /// A read.
    pub const fn read(key: u32) -> Request {
        Request { write: false, key: Key(key) }
    }

    /// A write.
    pub const fn write(key: u32) -> Request {
        Request { write: true, key: Key(key) }
    }

    /// What a server is called to do for it.
    pub(crate) const fn call(self) -> Call {
        if self.write { Call::Write(self.key) } else { Call::Read(self.key) }
    }
}

/// How often each thing may befall the world, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Faults {
    /// The cache drops an entry to make room.
    pub evict: u8,
    /// A time to live, a hold, a term or a lock runs out.
    pub expire: u8,
    /// A server crashes: its request and its jobs are dropped between two operations.
    pub crash: u8,
    /// An operation that changes the cache is lost, and its sender does not notice.
    pub lose: u8,
    /// A look-up in the cache is lost, and its sender takes that for a miss.
    pub miss: u8,
    /// A sender stops waiting: the operation was lost, took effect, or is still on its way and
    /// takes effect later.
    pub time_out: u8,
}

impl Faults {
    /// As many as one likes: what a script may ask for.
    pub const ANY: Faults = Faults {
        evict: u8::MAX,
        expire: u8::MAX,
        crash: u8::MAX,
        lose: u8::MAX,
        miss: u8::MAX,
        time_out: u8::MAX,
    };

    /// How many there are in all.
    pub fn total(&self) -> u32 {
        [self.evict, self.expire, self.crash, self.lose, self.miss, self.time_out]
            .iter()
            .map(|count| u32::from(*count))
            .sum()
    }
}

/// A small world and its cast. Every session is a client with an application server of its own;
/// it asks for one thing after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// What each session asks for, in order.
    pub sessions: Vec<Vec<Request>>,
    /// Number of keys.
    pub keys: u32,
    /// Number of caches; the servers use them in turn.
    pub cache_nodes: u32,
    /// Number of replicas; with any, `db.read` goes to them, the servers' in turn.
    pub replicas: u32,
    /// What may befall.
    pub faults: Faults,
}

/// The most sessions of a scene.
pub const SESSIONS_MAX: usize = 16;
/// The most requests of a session.
pub const REQUESTS_MAX: usize = 255;
/// The most keys of a scene.
pub const KEYS_MAX: u32 = 4;

impl Scene {
    /// Readers that read, and writers that write and read back in turn, `requests` times each,
    /// on one cache and no replica, and nothing befalls them.
    pub fn new(readers: usize, writers: usize, requests: usize, keys: u32) -> Scene {
        let session = |index: usize, writes: bool| {
            let at = |turn: usize| Request {
                write: writes && turn.is_multiple_of(2),
                key: Key((index + if writes { turn / 2 } else { turn }) as u32 % keys.max(1)),
            };
            (0..requests).map(at).collect()
        };
        let readers = (0..readers).map(|index| session(index, false));
        let writers = (0..writers).map(|index| session(index, true));
        let sessions = readers.chain(writers).collect();
        Scene {
            sessions,
            keys: keys.max(1),
            cache_nodes: 1,
            replicas: 0,
            faults: Faults::default(),
        }
    }

    /// The same scene with these faults.
    pub fn with(self, faults: Faults) -> Scene {
        Scene { faults, ..self }
    }

    /// The same scene with replicas that serve `db.read`.
    pub fn with_replicas(self, replicas: u32) -> Scene {
        Scene { replicas, ..self }
    }

    /// # Panics
    /// If it is larger than a scene may be, or a session asks for a key that is not there.
    pub(crate) fn assert_sound(&self) {
        assert!(self.sessions.len() <= SESSIONS_MAX, "at most {SESSIONS_MAX} sessions");
        let longest = self.sessions.iter().map(Vec::len).max().unwrap_or(0);
        assert!(longest <= REQUESTS_MAX, "at most {REQUESTS_MAX} requests of a session");
        assert!((1..=KEYS_MAX).contains(&self.keys), "1 to {KEYS_MAX} keys");
        let mut requests = self.sessions.iter().flatten();
        assert!(requests.all(|request| request.key.0 < self.keys), "a key that is not there");
    }

    /// The cache a session's server uses, from 0.
    pub fn node_of(&self, session: usize) -> usize {
        session % self.cache_nodes.max(1) as usize
    }

    /// The replica a session's server reads, from 0, if there are any.
    pub fn replica_of(&self, session: usize) -> usize {
        session % self.replicas.max(1) as usize
    }
}

/// The name of a session: `a`, `b`, `c` …
pub fn session_name(session: usize) -> String {
    letter_or_number(session, b'a', 26, "s")
}

/// The name of a key: `x`, `y`, `z`, `k3` …
pub fn key_name(key: Key) -> String {
    letter_or_number(key.0 as usize, b'x', 3, "k")
}

fn letter_or_number(index: usize, first: u8, letters: usize, prefix: &str) -> String {
    if index < letters {
        char::from(first + index as u8).to_string()
    } else {
        format!("{prefix}{index}")
    }
}
