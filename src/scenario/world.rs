//! The `[cache]`, `[database]` and `[servers]` tables.

use super::diagnostics::Sink;
use super::fields::{CACHE, DATABASE, SERVERS};
use super::reader::Section;
use crate::world::{
    CacheConfig, DatabaseConfig, Eviction, ReadsFrom, ServersConfig, Snapshot, WorldConfig,
};

/// Reads the three tables of the scenario's root.
pub(super) fn read(root: &Section<'_>, sink: &mut Sink) -> WorldConfig {
    WorldConfig {
        cache: cache(root, sink),
        database: database(root, sink),
        servers: servers(root, sink),
    }
}

fn cache(root: &Section<'_>, sink: &mut Sink) -> CacheConfig {
    let node = root.node("cache");
    let section = Section::open("[cache]", &node, CACHE, sink);
    CacheConfig {
        link: section.distribution("link", sink),
        service: section.distribution("service", sink),
        capacity: section.optional_count("capacity", sink),
        eviction: [Eviction::Lru, Eviction::Fifo, Eviction::Random][section.word("eviction", sink)],
        timeout: section.optional_span("timeout", sink),
    }
}

fn database(root: &Section<'_>, sink: &mut Sink) -> DatabaseConfig {
    let node = root.node("database");
    let section = Section::open("[database]", &node, DATABASE, sink);
    let replicas = section.count("replicas", sink);
    let reads_from = [ReadsFrom::Primary, ReadsFrom::Replica][section.word("reads_from", sink)];
    if replicas == 0 && reads_from == ReadsFrom::Replica && !section.failed("replicas", sink) {
        let place = section.value_place("reads_from");
        let message = "reads go to a replica, and there is none".to_owned();
        sink.error_with_help("S013", place, message, "add replicas = 1 or more to [database]");
    }
    DatabaseConfig {
        connections: section.count("connections", sink),
        snapshot: [Snapshot::Start, Snapshot::End][section.word("snapshot", sink)],
        link: section.distribution("link", sink),
        read: section.distribution("read", sink),
        write: section.distribution("write", sink),
        replicas,
        replica_lag: section.distribution("replica_lag", sink),
        reads_from,
        timeout: section.optional_span("timeout", sink),
    }
}

fn servers(root: &Section<'_>, sink: &mut Sink) -> ServersConfig {
    let node = root.node("servers");
    let section = Section::open("[servers]", &node, SERVERS, sink);
    ServersConfig { count: section.count("count", sink) }
}
