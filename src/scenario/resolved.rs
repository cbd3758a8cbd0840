//! A scenario with every effective value, as JSON: what a manifest records.
//!
//! The form is canonical (keys sorted, durations with a unit) and holds no path but the trace's
//! file name, so that it is the same on every machine.

use serde_json::{Value, json};

use super::model::{Fault, FaultKind, Scenario, Variant};
use crate::op::OP_KINDS;
use crate::random::Distribution;
use crate::strategies::{self, ParamValue};
use crate::time::{Span, Time};
use crate::workload::{Arrivals, Journey, Popularity, TraceFormat, TraceWrites, WorkloadConfig};
use crate::world::{Eviction, ReadsFrom, Snapshot, WorldConfig};

pub(super) fn resolve(scenario: &Scenario) -> Value {
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "summary": scenario.summary,
        "seed": scenario.seed,
        "duration": span(scenario.duration),
        "warmup": span(scenario.warmup),
        "replications": replications(scenario),
        "variants": scenario.variants.iter().map(variant).collect::<Vec<_>>(),
        "faults": scenario.faults.iter().map(fault).collect::<Vec<_>>(),
        "expectations": scenario.expectations.iter().map(|claim| json!({
            "variant": scenario.variants[claim.variant].name,
            "metric": claim.metric,
            "min": claim.min,
            "max": claim.max,
        })).collect::<Vec<_>>(),
    })
}

fn replications(scenario: &Scenario) -> Value {
    match &scenario.until {
        None => json!(scenario.replications),
        Some(until) => json!({ "until": {
            "metric": until.metric,
            "relative_error": until.relative_error,
            "max": until.max,
        } }),
    }
}

fn span(span: Span) -> Value {
    json!(span.to_string())
}

fn variant(variant: &Variant) -> Value {
    json!({
        "name": variant.name,
        "strategy": { variant.strategy.name: parameters(variant) },
        "workload": workload(&variant.workload),
        "world": world(&variant.world),
    })
}

fn parameters(variant: &Variant) -> Value {
    let info = strategies::find(variant.strategy.name);
    let params = info.map_or(&[][..], |info| info.params);
    let value = |value: &ParamValue| match value {
        ParamValue::Span(length) => span(*length),
        ParamValue::Flag(flag) => json!(flag),
    };
    let values = params.iter().zip(&variant.strategy.params.0);
    Value::Object(values.map(|(param, given)| (param.name.to_owned(), value(given))).collect())
}

fn distribution(distribution: &Distribution) -> Value {
    match distribution {
        Distribution::Constant(length) => json!({ "constant": span(*length) }),
        Distribution::Uniform { min, max } => {
            json!({ "uniform": { "min": span(*min), "max": span(*max) } })
        }
        Distribution::Exponential(mean) => json!({ "exponential": span(*mean) }),
        Distribution::Lognormal { median, p99 } => {
            json!({ "lognormal": { "median": span(*median), "p99": span(*p99) } })
        }
        Distribution::Pareto { min, shape } => {
            json!({ "pareto": { "min": span(*min), "shape": shape } })
        }
    }
}

fn popularity(popularity: Popularity) -> Value {
    match popularity {
        Popularity::Uniform => json!("uniform"),
        Popularity::Zipf { exponent } => json!({ "zipf": exponent }),
        Popularity::Hot { keys, share } => json!({ "hot": { "keys": keys, "share": share } }),
    }
}

fn workload(workload: &WorkloadConfig) -> Value {
    let follow_up = |think, share: &f64| json!({ "think": distribution(think), "share": share });
    let journey = match &workload.journey {
        Journey::Independent => json!("independent"),
        Journey::EditThenView { think, share } => {
            json!({ "edit-then-view": follow_up(think, share) })
        }
        Journey::ViewThenAct { think, share } => {
            json!({ "view-then-act": follow_up(think, share) })
        }
    };
    if let Arrivals::Trace(trace) = &workload.arrivals {
        let format = match trace.format {
            TraceFormat::Csv => "csv",
            TraceFormat::MetaKvcache => "meta-kvcache",
        };
        let writes = match trace.writes {
            TraceWrites::FromDeletes => "from-deletes",
            TraceWrites::FromSets => "from-sets",
        };
        let file = trace.file.file_name().map(|name| name.to_string_lossy().into_owned());
        let arrivals = json!({ "trace": {
            "file": file, "format": format, "speed": trace.speed, "writes": writes,
        } });
        return json!({ "arrivals": arrivals, "journey": journey });
    }
    let arrivals = match &workload.arrivals {
        Arrivals::Poisson { rate } => json!({ "poisson": { "rate": rate } }),
        Arrivals::Closed { think } => json!({ "closed": { "think": distribution(think) } }),
        Arrivals::Trace(_) => unreachable!("returned above"),
    };
    json!({
        "clients": workload.clients,
        "arrivals": arrivals,
        "read_share": workload.read_share,
        "keys": workload.keys,
        "read_keys": popularity(workload.read_keys),
        "write_keys": workload.write_keys.map_or(json!("same"), popularity),
        "journey": journey,
    })
}

fn world(world: &WorldConfig) -> Value {
    let eviction = match world.cache.eviction {
        Eviction::Lru => "lru",
        Eviction::Fifo => "fifo",
        Eviction::Random => "random",
    };
    let snapshot = match world.database.snapshot {
        Snapshot::Start => "start",
        Snapshot::End => "end",
    };
    let reads_from = match world.database.reads_from {
        ReadsFrom::Primary => "primary",
        ReadsFrom::Replica => "replica",
    };
    json!({
        "cache": {
            "link": distribution(&world.cache.link),
            "service": distribution(&world.cache.service),
            "capacity": world.cache.capacity,
            "eviction": eviction,
            "timeout": world.cache.timeout.map(span),
        },
        "database": {
            "connections": world.database.connections,
            "snapshot": snapshot,
            "link": distribution(&world.database.link),
            "read": distribution(&world.database.read),
            "write": distribution(&world.database.write),
            "replicas": world.database.replicas,
            "replica_lag": distribution(&world.database.replica_lag),
            "reads_from": reads_from,
            "timeout": world.database.timeout.map(span),
        },
        "servers": { "count": world.servers.count },
    })
}

fn fault(fault: &Fault) -> Value {
    let kind = match &fault.kind {
        FaultKind::CacheRestart => json!({ "cache-restart": {} }),
        FaultKind::Lose { operation, probability } => json!({
            "lose": { "operation": OP_KINDS[*operation].0, "probability": probability }
        }),
        FaultKind::ServerCrash { servers } => json!({ "server-crash": { "servers": servers } }),
    };
    let until = (fault.until < Time::NEVER).then(|| span(fault.until - Time::ZERO));
    json!({ "at": span(fault.at - Time::ZERO), "until": until, "kind": kind })
}
