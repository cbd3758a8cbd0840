//! What exists: cache, database, queues. No component knows a strategy, a clock or chance.

mod config;

pub use config::{
    CacheConfig, DatabaseConfig, Eviction, ReadsFrom, ServersConfig, Snapshot, WorldConfig,
};
