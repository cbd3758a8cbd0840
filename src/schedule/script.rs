//! Schedules as text: who takes part, and who moves next, one step a line.
//!
//! ```text
//! # The fill of an old row lands after the delete.
//! strategy: delete-on-write
//! a: read x
//! b: write x
//!
//! a: cache.get x -> miss
//! a: db.read x -> v0
//! b: db.write x -> v1
//! b: cache.delete x
//! a: cache.set x v0
//!
//! violates: convergence
//! ```
//!
//! Plans come first, one line for each session. A step names its actor and the operation that is
//! to take effect, never a number, so it means the same after a change to the strategy, or does
//! not fit any more. Its key, what it carries and its reply may be left out; what is written must
//! be so. Where several jobs of a server could make a step, the steps after it and what is claimed
//! to be violated say which one is meant. `a job` is whatever a's server does in the background.
//! The world moves too: `cache: evict x`, `cache: expire x` (or `expire lease x`, `expire lock x`),
//! `replica 1: apply`, `a: crash`, `a: lose cache.delete x`, `a: give up db.write x` (the operation
//! was lost and its sender is told by a timeout), `a: give up after db.write x` (it took effect all
//! the same) and `a: give up during db.write x` (it takes effect later: `a: land db.write x`).
//!
//! This module parses and writes. Playing is [`super::play`]'s.

use super::Step;
use super::property::Property;
use super::scene::{
    Faults, KEYS_MAX, REQUESTS_MAX, Request, SESSIONS_MAX, Scene, key_name, session_name,
};
use super::words;
use crate::op::Key;

/// A place in a script's text, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A step as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptStep {
    /// Who moves: `a`, `a job`, `cache`, `replica 1`.
    pub actor: String,
    /// What it does, as far as written.
    pub action: String,
    /// What it is told, if written.
    pub reply: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// A parsed schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The strategy, as written, and where.
    pub strategy: Option<(String, Place)>,
    /// Who takes part. Anything may befall.
    pub scene: Scene,
    /// The steps.
    pub steps: Vec<ScriptStep>,
    /// What it claims to violate.
    pub violates: Vec<Property>,
}

/// A line that says nothing a script can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl std::fmt::Display for ScriptError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "{line}:{column}: {}\n  help: {}", self.message, self.help)
    }
}

impl std::error::Error for ScriptError {}

/// A line without its comment, and where its first word is.
struct Line<'t> {
    head: &'t str,
    rest: &'t str,
    place: Place,
    rest_at: Place,
}

impl Script {
    /// Parses a schedule.
    ///
    /// # Errors
    /// All lines that cannot be understood.
    pub fn parse(text: &str) -> Result<Script, Vec<ScriptError>> {
        let mut parser = Parser::default();
        // Some editors begin a file with a mark of its encoding.
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            parser.line(index + 1, line.split('#').next().unwrap_or_default());
        }
        parser.finish()
    }

    /// Writes a schedule that was played.
    pub fn of_steps(
        strategy: &str,
        scene: &Scene,
        steps: &[Step],
        violates: &[Property],
    ) -> String {
        let mut text = format!("strategy: {strategy}\n");
        if scene.cache_nodes > 1 {
            text.push_str(&format!("caches: {}\n", scene.cache_nodes));
        }
        if scene.replicas > 0 {
            text.push_str(&format!("replicas: {}\n", scene.replicas));
        }
        for (session, plan) in scene.sessions.iter().enumerate() {
            let requests: Vec<String> = plan.iter().map(words::request).collect();
            let line = format!("{}: {}", session_name(session), requests.join(", "));
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push('\n');
        for step in steps {
            text.push_str(&words::step(scene, step.made, step.happening.operation));
            text.push('\n');
        }
        if !violates.is_empty() {
            let names: Vec<&str> = violates.iter().map(|property| property.name()).collect();
            text.push_str(&format!("\nviolates: {}\n", names.join(", ")));
        }
        text
    }
}

/// Whether a request in a plan is a write; nothing if it is no request.
fn request_of(words: &str) -> Option<bool> {
    match words.split_whitespace().next() {
        Some("read") => Some(false),
        Some("write") => Some(true),
        _ => None,
    }
}

#[derive(Default)]
struct Parser {
    strategy: Option<(String, Place)>,
    plans: Vec<Vec<Request>>,
    cache_nodes: u32,
    replicas: u32,
    steps: Vec<ScriptStep>,
    violates: Vec<Property>,
    errors: Vec<ScriptError>,
}

impl Parser {
    fn line(&mut self, number: usize, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let column = |at: usize| text[..at].chars().count() + 1;
        let start = text.len() - text.trim_start().len();
        let place = Place { line: number, column: column(start) };
        let Some((head, rest)) = text.split_once(':') else {
            return self.error(
                place,
                format!("`{}` has no colon", text.trim()),
                "write `actor: step`, as in `a: cache.get x -> miss`, or `strategy: versioned`",
            );
        };
        let rest_start = head.len() + 1 + (rest.len() - rest.trim_start().len());
        let rest_at = Place { line: number, column: column(rest_start) };
        let line = Line { head: head.trim(), rest: rest.trim(), place, rest_at };
        match line.head {
            "strategy" if self.strategy.is_some() => {
                let message = "there is a strategy already".to_owned();
                self.error(place, message, "a schedule is played with one strategy");
            }
            "strategy" => self.strategy = Some((line.rest.to_owned(), rest_at)),
            "caches" => self.cache_nodes = self.count(&line, self.cache_nodes),
            "replicas" => self.replicas = self.count(&line, self.replicas),
            "violates" => self.violations(&line),
            _ => self.plan_or_step(&line),
        }
    }

    fn error(&mut self, place: Place, message: String, help: impl Into<String>) {
        self.errors.push(ScriptError { place, message, help: help.into() });
    }

    /// A number of things; `before`: what was said of it already, or 0.
    fn count(&mut self, line: &Line<'_>, before: u32) -> u32 {
        if before > 0 {
            let message = format!("the number of {} was given already", line.head);
            self.error(line.place, message, "give it once");
        } else if !self.steps.is_empty() {
            let message = format!("the number of {} comes after the first step", line.head);
            self.error(line.place, message, "move it up: it comes before steps");
        }
        match line.rest.parse() {
            Ok(count @ 1..=4) => count,
            _ => {
                let message = format!("`{}` is not a number of {}", line.rest, line.head);
                self.error(line.rest_at, message, "a whole number from 1 to 4");
                1
            }
        }
    }

    fn violations(&mut self, line: &Line<'_>) {
        for name in line.rest.split(',').map(str::trim) {
            match Property::find(name) {
                Some(property) => self.violates.push(property),
                None => {
                    let all: Vec<&str> = Property::ALL.iter().map(|it| it.name()).collect();
                    let message = format!("`{name}` is not a property");
                    self.error(line.rest_at, message, format!("one of {}", all.join(", ")));
                }
            }
        }
    }

    fn plan_or_step(&mut self, line: &Line<'_>) {
        let mut requests = line.rest.split(',').map(str::trim);
        let is_plan = requests.all(|it| it.is_empty() || request_of(it).is_some());
        // Whoever comes next and does nothing that can be done is introduced, with a slip.
        let is_next = self.steps.is_empty() && line.head == session_name(self.plans.len());
        if is_plan || is_next && !begins_a_step(line.rest) {
            return self.plan(line);
        }
        let mut actor = line.head.split_whitespace();
        let (name, suffix) = (actor.next().unwrap_or_default(), actor.next());
        let sessions = (0..self.plans.len()).map(session_name);
        let is_session = sessions.clone().any(|session| session == name);
        if !is_session && !matches!(name, "cache" | "replica") || is_session && name == "cache" {
            let known: Vec<String> = sessions.collect();
            let message = format!("nobody is called `{}`", line.head);
            let help = match known.as_slice() {
                [] => "name the sessions first, with what they ask for: `a: read x, write x`"
                    .to_owned(),
                known => format!("`cache`, `replica 1`, or a session: {}", known.join(", ")),
            };
            return self.error(line.place, message, help);
        }
        if is_session && !matches!(suffix, None | Some("job")) {
            let message = format!("`{}` is not an actor", line.head);
            let help = format!("`{name}`, or `{name} job` for what its server does besides");
            return self.error(line.place, message, help);
        }
        let (action, reply) = match line.rest.split_once("->") {
            Some((action, reply)) => (action.trim(), Some(reply.trim().to_owned())),
            None => (line.rest, None),
        };
        if !names_an_operation(action) {
            let message = format!("`{}` names no operation", line.rest);
            let help = "as in `a: cache.get x -> miss` or `a: lose cache.delete x`";
            return self.error(line.rest_at, message, help);
        }
        self.steps.push(ScriptStep {
            actor: line.head.split_whitespace().collect::<Vec<_>>().join(" "),
            action: action.split_whitespace().collect::<Vec<_>>().join(" "),
            reply,
            place: line.rest_at,
        });
    }

    fn plan(&mut self, line: &Line<'_>) {
        if !self.steps.is_empty() {
            let message = format!("the plan of `{}` comes after the first step", line.head);
            return self.error(line.place, message, "move it up: plans come before steps");
        }
        let next = session_name(self.plans.len());
        if line.head != next || self.plans.len() == SESSIONS_MAX {
            let message = format!("a session is called `{}`", line.head);
            let help = format!(
                "the next session is `{next}`; they are named in order, at most {SESSIONS_MAX}"
            );
            return self.error(line.place, message, help);
        }
        let mut plan = Vec::new();
        for request in line.rest.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let Some(write) = request_of(request) else {
                let message = format!("`{request}` is not a request");
                let help = "`read KEY` or `write KEY`, with commas between requests";
                self.error(line.rest_at, message, help);
                continue;
            };
            let mut words = request.split_whitespace().skip(1);
            let key = words.next().map_or(Some(Key(0)), key_of);
            if let Some(word) = words.next() {
                let message = format!("`{request}`: `{word}` is too much for a request");
                self.error(line.rest_at, message, "put a comma between requests");
            }
            match key {
                Some(key) => plan.push(Request { write, key }),
                None => {
                    let message = format!("`{request}` does not name a key");
                    let names: Vec<String> = (0..KEYS_MAX).map(|k| key_name(Key(k))).collect();
                    self.error(line.rest_at, message, format!("one of {}", names.join(", ")));
                }
            }
        }
        if plan.len() > REQUESTS_MAX {
            let message = format!("{} requests of one session", plan.len());
            self.error(line.rest_at, message, format!("at most {REQUESTS_MAX}"));
            plan.truncate(REQUESTS_MAX);
        }
        self.plans.push(plan);
    }

    fn finish(mut self) -> Result<Script, Vec<ScriptError>> {
        if self.plans.is_empty() && self.errors.is_empty() {
            self.error(
                Place { line: 1, column: 1 },
                "nobody takes part".to_owned(),
                "name the sessions first: `a: read x` and `b: write x`, one line each",
            );
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let keys = self.plans.iter().flatten().map(|request| request.key.0 + 1).max().unwrap_or(1);
        let scene = Scene {
            sessions: self.plans,
            keys,
            cache_nodes: self.cache_nodes.max(1),
            replicas: self.replicas,
            faults: Faults::ANY,
        };
        let (strategy, steps, violates) = (self.strategy, self.steps, self.violates);
        Ok(Script { strategy, scene, steps, violates })
    }
}

/// Whether there is more than what befalls an operation.
fn names_an_operation(action: &str) -> bool {
    let mut words = action.split_whitespace();
    let first = match words.next() {
        Some("give") => words.find(|word| !matches!(*word, "up" | "after" | "during")),
        Some("lose" | "land") => words.next(),
        first => first,
    };
    first.is_some()
}

/// Whether words begin as those of a session's step do: with an operation, or what befalls it.
fn begins_a_step(words: &str) -> bool {
    let first = words.split_whitespace().next().unwrap_or_default();
    first.contains('.') || matches!(first, "crash" | "lose" | "give" | "land")
}

fn key_of(name: &str) -> Option<Key> {
    (0..KEYS_MAX).map(Key).find(|key| key_name(*key) == name)
}
