//! Trace events out of what was recorded.

use serde_json::{Value, json};

use super::recording::{Recording, Task};
use crate::event_log::{deed, key_name};
use crate::observation::Service;
use crate::op::{Call, Version};
use crate::schedule::words;
use crate::time::Time;

/// What a viewer shows as processes.
const REQUESTS: u32 = 1;
const JOBS: u32 = 2;
const DATABASE: u32 = 3;

/// Every event: names first, then in the order of tasks and services.
pub(super) fn events(mut recording: Recording) -> Vec<Value> {
    let tasks = recording.tasks();
    let mut lanes = [Lanes::default(), Lanes::default()];
    let mut by_beginning: Vec<usize> = (0..tasks.len()).collect();
    by_beginning.sort_by_key(|index| (tasks[*index].1.began, tasks[*index].0));
    let mut lane_of = vec![0; tasks.len()];
    for index in by_beginning {
        let task = &tasks[index].1;
        lane_of[index] = lanes[usize::from(task.is_job)].take(task.began, task.ended);
    }
    let mut services = std::mem::take(&mut recording.services);
    services.sort_by_key(|it| (it.started, it.ended, it.arrived));
    let mut connections = Lanes::default();
    let on: Vec<u32> = services.iter().map(|it| connections.take(it.started, it.ended)).collect();

    let mut events = Vec::new();
    name(&mut events, REQUESTS, "requests", "request", &lanes[0]);
    name(&mut events, JOBS, "jobs", "job", &lanes[1]);
    name(&mut events, DATABASE, "database", "connection", &connections);
    for ((_, task), lane) in tasks.iter().zip(&lane_of) {
        of_task(&mut events, task, *lane);
    }
    for (service, lane) in services.iter().zip(&on) {
        let what = if service.write { "write" } else { "read" };
        let waited = json!({ "waited_us": micros(Time(service.started.since(service.arrived).0)) });
        events.push(slice(DATABASE, *lane, what, service.started, service.ended, &waited));
    }
    levels(&mut events, &services);
    let at = |number: (u64, u32)| {
        let found = tasks.binary_search_by_key(&number, |(it, _)| *it);
        found.ok().map(|index| (process(&tasks[index].1), lane_of[index]))
    };
    arrows(&mut events, &recording, &tasks, &lane_of, &at);
    events
}

/// Tracks on which nothing overlaps: as few as there are things at a time.
#[derive(Debug, Default)]
struct Lanes {
    /// When each is free again.
    free: Vec<Time>,
}

impl Lanes {
    /// The first lane that is free. To be asked in the order of beginnings.
    fn take(&mut self, began: Time, ended: Time) -> u32 {
        let lane = self.free.iter().position(|free| *free <= began);
        let lane = lane.unwrap_or_else(|| {
            self.free.push(Time::ZERO);
            self.free.len() - 1
        });
        self.free[lane] = ended.max(Time(began.0 + 1));
        lane as u32
    }
}

fn name(events: &mut Vec<Value>, process: u32, what: &str, lane: &str, lanes: &Lanes) {
    events.push(json!({
        "ph": "M", "name": "process_name", "pid": process, "tid": 0, "args": { "name": what },
    }));
    for index in 0..lanes.free.len() {
        events.push(json!({
            "ph": "M", "name": "thread_name", "pid": process, "tid": index,
            "args": { "name": format!("{lane} {}", index + 1) },
        }));
    }
}

fn process(task: &Task) -> u32 {
    if task.is_job { JOBS } else { REQUESTS }
}

/// Microseconds, as the format has them.
fn micros(time: Time) -> f64 {
    time.0 as f64 / 1_000.0
}

fn slice(process: u32, lane: u32, name: &str, from: Time, to: Time, args: &Value) -> Value {
    json!({
        "ph": "X", "name": name, "pid": process, "tid": lane, "ts": micros(from),
        "dur": micros(Time(to.since(from).0)), "args": args,
    })
}

fn of_task(events: &mut Vec<Value>, task: &Task, lane: u32) {
    let (title, args) = (title(task), args(task));
    events.push(slice(process(task), lane, &title, task.began, task.ended, &args));
    for (at, what) in &task.deeds {
        events.push(json!({
            "ph": "i", "s": "t", "name": deed(what), "pid": process(task), "tid": lane,
            "ts": micros(*at),
        }));
    }
}

/// What a task is, and what came of it.
fn title(task: &Task) -> String {
    let asked = match task.call {
        Call::Read(of) => format!("read {}", key_name(of)),
        Call::Write(of) => format!("write {}", key_name(of)),
        Call::Job(of, _) => return format!("job for {}", key_name(of)),
    };
    match &task.answered {
        None if task.is_job => asked,
        None => format!("{asked}: failed"),
        Some((answer, facts)) => {
            let stale = facts.and_then(|facts| facts.staleness);
            let stale = stale.map(|it| format!(", stale ({})", it.cause));
            format!("{asked}: {}{}", words::version(answer.version), stale.unwrap_or_default())
        }
    }
}

fn args(task: &Task) -> Value {
    let mut args = json!({ "client": task.client, "key": task.call.key().0 });
    if let Some((answer, facts)) = &task.answered {
        args["version"] = json!(answer.version.0);
        args["answered_us"] = json!(micros(answer.ended));
        if let Some(facts) = facts {
            args["from_cache"] = json!(facts.from_cache);
            if let Some(stale) = facts.staleness {
                args["cause"] = json!(stale.cause.name());
                args["age_ms"] = json!(stale.age.0 as f64 / 1e6);
                args["version_lag"] = json!(stale.version_lag);
                args["acknowledged"] = json!(stale.ack_stale);
            }
        }
    }
    args
}

/// How many operations wait for a connection, and how many have one, whenever that changes.
fn levels(events: &mut Vec<Value>, services: &[Service]) {
    let changes =
        services.iter().flat_map(|it| [(it.arrived, 1, 0), (it.started, -1, 1), (it.ended, 0, -1)]);
    let mut changes: Vec<(Time, i64, i64)> = changes.collect();
    changes.sort_unstable();
    let (mut waiting, mut served) = (0, 0);
    for (index, (at, waits, serves)) in changes.iter().enumerate() {
        waiting += waits;
        served += serves;
        // Of several changes at an instant only the last is a level.
        if changes.get(index + 1).is_none_or(|next| next.0 != *at) {
            events.push(json!({
                "ph": "C", "name": "operations", "pid": DATABASE, "ts": micros(*at),
                "args": { "waiting": waiting, "in service": served },
            }));
        }
    }
}

/// From the commit that made a version old to each read that returned it nevertheless.
fn arrows(
    events: &mut Vec<Value>,
    recording: &Recording,
    tasks: &[((u64, u32), Task)],
    lane_of: &[u32],
    place: &dyn Fn((u64, u32)) -> Option<(u32, u32)>,
) {
    for (index, (_, task)) in tasks.iter().enumerate() {
        let Some((answer, Some(facts))) = &task.answered else { continue };
        if facts.staleness.is_none() {
            continue;
        }
        let newer = (answer.key, Version(answer.version.0 + 1));
        let Some((writer, at)) = recording.commits.get(&newer) else { continue };
        let Some((process, lane)) = place(*writer) else { continue };
        events.push(json!({
            "ph": "s", "id": index, "name": "stale", "cat": "stale", "pid": process, "tid": lane,
            "ts": micros(*at),
        }));
        events.push(json!({
            "ph": "f", "bp": "e", "id": index, "name": "stale", "cat": "stale", "pid": REQUESTS,
            "tid": lane_of[index], "ts": micros(task.began),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_taken_again_when_it_is_free() {
        let mut lanes = Lanes::default();
        let taken = [(0, 10), (5, 8), (8, 9), (10, 11), (10, 12)];
        let taken = taken.map(|(from, to)| lanes.take(Time(from), Time(to)));
        assert_eq!(taken, [0, 1, 1, 0, 1]);
    }

    #[test]
    fn levels_add_up() {
        let service = |arrived, started, ended| Service {
            arrived: Time(arrived),
            started: Time(started),
            ended: Time(ended),
            write: false,
            primary: true,
        };
        let mut events = Vec::new();
        levels(&mut events, &[service(0, 0, 3_000), service(1_000, 3_000, 4_000)]);
        let told: Vec<(f64, i64, i64)> = events
            .iter()
            .map(|it| {
                let level = |name: &str| it["args"][name].as_i64().expect("a number");
                (it["ts"].as_f64().expect("a time"), level("waiting"), level("in service"))
            })
            .collect();
        assert_eq!(told, [(0.0, 0, 1), (1.0, 1, 1), (3.0, 0, 1), (4.0, 0, 0)]);
    }
}
