//! What can and cannot happen to a variant of a run, as far as every interleaving of a small scene
//! tells.

use serde_json::Value;
use stalelab::chart::{Explored, Proof, Run, Search, Violation};
use stalelab::explorer::{Counterexample, Exploration, Options, Verdict};
use stalelab::scenario::strategy;
use stalelab::schedule::{Faults, Property, Scene};

use super::exit::{Exit, Failure};
use super::explore::Exploring;

/// Which metric stays zero if a property holds.
const METRICS: [(Property, &str); 6] = [
    (Property::NoStaleRead, "ack_stale_read_ratio"),
    (Property::ReadYourWrites, "read_your_writes_violation_ratio"),
    (Property::MonotonicReads, "monotonic_read_violation_ratio"),
    (Property::NoDirtyRead, "dirty_read_ratio"),
    (Property::NoLostWrite, "lost_writes"),
    (Property::Convergence, "permanently_stale_keys"),
];

/// The scene that every variant is explored in, but for what may befall.
const BOUNDS: &str =
    "2 readers and 2 writers of 2 requests each, 1 key, each fault of the run once";

/// Explores every variant's strategy, with its own parameters, in a scene in which everything may
/// befall once that may in the run: expiries always, evictions in a full cache, its faults.
pub(crate) fn of(run: &Run) -> Result<Explored, Failure> {
    let variants = run.resolved()["variants"].as_array().cloned().unwrap_or_default();
    let (mut proofs, mut searches) = (Vec::new(), Vec::new());
    for (index, variant) in variants.iter().enumerate() {
        // A strategy of one's own has no name to explore it by.
        let Ok(choice) = strategy(&inline(&variant["strategy"])) else { continue };
        let scene = scene(&variant["world"], &run.resolved()["faults"]);
        let exploring = Exploring { scene: &scene, options: &Options::default() };
        let found = choice
            .visit(exploring)
            .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
        let proved = METRICS.iter().filter(|(it, _)| found.verdict(*it) == Verdict::Proved);
        proofs.extend(proved.map(|(_, metric)| Proof { variant: index, metric }));
        searches.push(search(index, &found));
    }
    Ok(Explored { bounds: BOUNDS.to_owned(), proofs, searches })
}

/// When an exploration found what broken.
fn search(variant: usize, found: &Exploration) -> Search {
    let violation = |it: &Counterexample| Violation {
        promise: it.property.name().to_owned(),
        states: it.states,
        steps: it.steps.len(),
    };
    Search {
        variant,
        states: found.states,
        complete: found.complete,
        violations: found.counterexamples.iter().map(violation).collect(),
    }
}

fn scene(world: &Value, faults: &Value) -> Scene {
    let database = &world["database"];
    let broken = |kind: &str| -> Vec<&Value> {
        let all = faults.as_array().map_or(&[][..], Vec::as_slice).iter();
        all.filter_map(|fault| fault["kind"].get(kind)).collect()
    };
    let once = u8::from;
    let lost = broken("lose");
    let is_get = |fault: &&&Value| fault["operation"] == "cache.get";
    let timeout = !world["cache"]["timeout"].is_null() || !database["timeout"].is_null();
    let may = Faults {
        evict: once(!world["cache"]["capacity"].is_null() || !broken("cache-restart").is_empty()),
        expire: 1,
        crash: once(!broken("server-crash").is_empty()),
        lose: once(lost.iter().any(|it| !is_get(&it))),
        miss: once(lost.iter().any(|it| is_get(&it))),
        time_out: once(timeout),
    };
    let replicas = match database["reads_from"].as_str() {
        Some("replica") => database["replicas"].as_u64().unwrap_or(1).min(2) as u32,
        _ => 0,
    };
    Scene::new(2, 2, 2, 1).with(may).with_replicas(replicas)
}

/// A strategy as TOML has it in a line, from JSON: `{ lease = { ttl = "1s" } }`.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                // What lasts for ever is what a strategy file leaves out.
                .filter(|(_, value)| !value.is_null() && *value != "forever")
                .map(|(name, value)| format!("{name} = {}", inline(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_strategy_is_read_back_from_its_json() {
        let text =
            inline(&json!({ "lease": { "ttl": "forever", "term": "2s", "backoff": "5ms" } }));
        let choice = strategy(&text).expect("as a variant has it");
        assert_eq!(choice.name, "lease");
    }

    #[test]
    fn what_may_befall_in_the_run_may_befall_in_the_scene() {
        let world = json!({
            "cache": { "capacity": 10, "timeout": "5ms" },
            "database": { "timeout": null, "reads_from": "replica", "replicas": 3 },
        });
        let faults = json!([
            { "kind": { "lose": { "operation": "cache.get" } } },
            { "kind": { "server-crash": { "servers": 1 } } },
        ]);
        let scene = scene(&world, &faults);
        let all = Faults { evict: 1, expire: 1, crash: 1, lose: 0, miss: 1, time_out: 1 };
        assert_eq!((scene.faults, scene.replicas), (all, 2));
    }
}
