//! What can and cannot happen to a variant of a run, as far as every interleaving of a small scene
//! tells.

use serde_json::Value;
use stalelab::chart::{self, Proof, Run, Search, Violation};
use stalelab::explorer::{Counterexample, Exploration, Options, Verdict};
use stalelab::scenario::{strategy, strategy_text};
use stalelab::schedule::Property;
use stalelab::strategies::Choice;

use super::cast::Cast;
use super::exit::{Exit, Failure};
use super::explore::Exploring;

/// Which metric stays zero if a property holds.
pub(crate) const METRICS: [(Property, &str); 6] = [
    (Property::NoStaleRead, "ack_stale_read_ratio"),
    (Property::ReadYourWrites, "read_your_writes_violation_ratio"),
    (Property::MonotonicReads, "monotonic_read_violation_ratio"),
    (Property::NoDirtyRead, "dirty_read_ratio"),
    (Property::NoLostWrite, "lost_writes"),
    (Property::Convergence, "permanently_stale_keys"),
];

/// The scene that every variant is explored in, but for what may befall.
const BOUNDS: &str = "2 readers and 2 writers of 2 requests each, 1 key";

/// The cast that only expiries befall, as they do in every run.
const UNTROUBLED: Cast = Cast { expire: 1, ..Cast::USUAL };

/// So many states of a variant are explored: a picture is not worth minutes.
const STATES_MAX: usize = 2_000_000;

/// What was found by exploring a variant's strategy.
pub(crate) struct Explored {
    pub(crate) variant: usize,
    /// The strategy, as a schedule names it.
    pub(crate) strategy: String,
    pub(crate) choice: Choice,
    pub(crate) cast: Cast,
    pub(crate) found: Exploration,
}

/// What charts need of it.
pub(crate) fn of(run: &Run) -> Result<chart::Explored, Failure> {
    Ok(told(&explored(run)?))
}

/// Explores every variant's strategy, with its own parameters, in a scene in which everything may
/// befall once that may in the run: expiries always, evictions in a full cache, its faults.
pub(crate) fn explored(run: &Run) -> Result<Vec<Explored>, Failure> {
    let variants = run.resolved()["variants"].as_array().cloned().unwrap_or_default();
    let mut explored = Vec::new();
    for (index, variant) in variants.iter().enumerate() {
        // A strategy of one's own has no name to explore it by.
        let Ok(choice) = strategy(&inline(&variant["strategy"])) else { continue };
        let cast = cast(&variant["world"], &run.resolved()["faults"]);
        let (scene, options) =
            (cast.scene()?, Options { states_max: STATES_MAX, ..Options::default() });
        let found = choice
            .visit(Exploring { scene: &scene, options: &options })
            .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
        let strategy = strategy_text(&choice);
        explored.push(Explored { variant: index, strategy, choice, cast, found });
    }
    Ok(explored)
}

/// The same in a chart's terms.
pub(crate) fn told(explored: &[Explored]) -> chart::Explored {
    let proofs = explored.iter().flat_map(|it| {
        let proved = METRICS.iter().filter(|(of, _)| it.found.verdict(*of) == Verdict::Proved);
        proved.map(|(_, metric)| Proof { variant: it.variant, metric })
    });
    chart::Explored {
        bounds: match explored.iter().any(|it| it.cast != UNTROUBLED) {
            true => format!("{BOUNDS}, each fault of the run once"),
            false => BOUNDS.to_owned(),
        },
        proofs: proofs.collect(),
        searches: explored.iter().map(|it| search(it.variant, &it.found)).collect(),
    }
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

fn cast(world: &Value, faults: &Value) -> Cast {
    let database = &world["database"];
    let broken = |kind: &str| -> Vec<&Value> {
        let all = faults.as_array().map_or(&[][..], Vec::as_slice).iter();
        all.filter_map(|fault| fault["kind"].get(kind)).collect()
    };
    let once = u8::from;
    let lost = broken("lose");
    let is_get = |fault: &&&Value| fault["operation"] == "cache.get";
    let timeout = !world["cache"]["timeout"].is_null() || !database["timeout"].is_null();
    Cast {
        evict: once(!world["cache"]["capacity"].is_null() || !broken("cache-restart").is_empty()),
        expire: 1,
        crash: once(!broken("server-crash").is_empty()),
        lose: once(lost.iter().any(|it| !is_get(&it))),
        miss: once(lost.iter().any(|it| is_get(&it))),
        time_out: once(timeout),
        replicas: match database["reads_from"].as_str() {
            Some("replica") => database["replicas"].as_u64().unwrap_or(1).min(2) as u32,
            _ => 0,
        },
        ..Cast::USUAL
    }
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
        let words = cast(&world, &faults).words();
        assert_eq!(words, " --replicas 2 --evict 1 --expire 1 --crash 1 --miss 1 --time-out 1");
    }
}
