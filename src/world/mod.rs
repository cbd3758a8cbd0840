//! What exists: the cache, the database with its replicas, and queues before them.
//!
//! Components are told when something happens and answer what it does. None of them knows a
//! strategy, a clock or chance, so that every driver can share their semantics.

mod cache;
mod commit_log;
mod config;
mod database;
mod elapse;
mod eviction;
mod station;
mod view;

pub use cache::{Cache, Change, Effect};
pub use commit_log::{Commit, CommitId, CommitLog};
pub use config::{
    CacheConfig, DatabaseConfig, Eviction, ReadsFrom, ServersConfig, Snapshot, WorldConfig,
};
pub use database::Database;
pub use elapse::Expiry;
pub use station::Station;
pub use view::Holding;
