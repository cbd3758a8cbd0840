//! What a scenario says about the world: plain data, validated before it gets here.

use crate::random::Distribution;
use crate::time::Span;

/// The cache node.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheConfig {
    /// One-way travel time between an application server and the cache.
    pub link: Distribution,
    /// Service time of one operation. The cache has no queue.
    pub service: Distribution,
    /// Most entries it holds; `None` is unlimited.
    pub capacity: Option<u32>,
    /// Which entry leaves when it is full.
    pub eviction: Eviction,
    /// How long a task waits for a reply; `None` is for ever.
    pub timeout: Option<Span>,
}

/// Which entry leaves a full cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Eviction {
    /// The least recently used (read or set).
    #[default]
    Lru,
    /// The one that was set first.
    Fifo,
    /// Any, equally likely.
    Random,
}

/// The database: a primary and its replicas, each with its own connections.
#[derive(Clone, Debug, PartialEq)]
pub struct DatabaseConfig {
    /// Operations served at once, per primary or replica; the rest wait in a FIFO queue.
    pub connections: u32,
    /// When a read sees the data.
    pub snapshot: Snapshot,
    /// One-way travel time between an application server and the database.
    pub link: Distribution,
    /// Service time of a read.
    pub read: Distribution,
    /// Service time of a write; it commits at the end.
    pub write: Distribution,
    /// Number of read replicas.
    pub replicas: u32,
    /// How long after a commit a replica applies it. Commits are applied in order.
    pub replica_lag: Distribution,
    /// Where `db.read` goes.
    pub reads_from: ReadsFrom,
    /// How long a task waits for a reply; `None` is for ever.
    pub timeout: Option<Span>,
}

/// When a database read sees the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Snapshot {
    /// When its service starts: a slow query returns old data, as in PostgreSQL.
    #[default]
    Start,
    /// When its service ends.
    End,
}

/// Where `db.read` goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadsFrom {
    /// The primary.
    #[default]
    Primary,
    /// A replica, picked at random per read.
    Replica,
}

/// The application servers. A client always talks to the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServersConfig {
    /// How many.
    pub count: u32,
}

/// Everything that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldConfig {
    /// The cache.
    pub cache: CacheConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// The application servers.
    pub servers: ServersConfig,
}

impl WorldConfig {
    /// A world in which nothing takes any time and nothing is scarce: something to start from
    /// where only a few things matter.
    pub fn instant() -> WorldConfig {
        let none = || Distribution::Constant(Span::ZERO);
        WorldConfig {
            cache: CacheConfig {
                link: none(),
                service: none(),
                capacity: None,
                eviction: Eviction::Lru,
                timeout: None,
            },
            database: DatabaseConfig {
                connections: 1_000_000,
                snapshot: Snapshot::Start,
                link: none(),
                read: none(),
                write: none(),
                replicas: 0,
                replica_lag: none(),
                reads_from: ReadsFrom::Primary,
                timeout: None,
            },
            servers: ServersConfig { count: 4 },
        }
    }
}
