//! The arguments that say which strategy meets which scene.

use clap::Args;
use stalelab::scenario::strategy;
use stalelab::schedule::{
    Faults, KEYS_MAX, Property, PropertySet, Request, SESSIONS_MAX, Scene, session_name, words,
};
use stalelab::strategies::Choice;

use super::exit::{Exit, Failure};
use super::output;

/// Who takes part, and what may befall them.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cast {
    /// Sessions that only read
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.readers)]
    pub(crate) readers: usize,
    /// Sessions that write, and read back between writes
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.writers)]
    pub(crate) writers: usize,
    /// Requests of each session
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.requests)]
    pub(crate) requests: usize,
    /// Keys: the first session begins with the first, the next with the next, and each goes on to
    /// the next key for its next request (a writer once it has read back)
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.keys)]
    pub(crate) keys: u32,
    /// Caches, used by the sessions' servers in turn
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.caches)]
    pub(crate) caches: u32,
    /// Replicas that `db.read` goes to, each lagging as long as it likes
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.replicas)]
    pub(crate) replicas: u32,
    /// How often a cache may drop an entry
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.evict)]
    pub(crate) evict: u8,
    /// How often a time to live, a hold, a term or a lock may run out
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.expire)]
    pub(crate) expire: u8,
    /// How many servers may crash
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.crash)]
    pub(crate) crash: u8,
    /// How many operations that change the cache may be lost unnoticed
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.lose)]
    pub(crate) lose: u8,
    /// How many look-ups in the cache may be lost, and taken for misses
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.miss)]
    pub(crate) miss: u8,
    /// How many operations may time out: lost, done, or still on their way
    #[arg(long, value_name = "N", default_value_t = Cast::USUAL.time_out)]
    pub(crate) time_out: u8,
}

impl Cast {
    /// Two readers and two writers of one key, whom nothing befalls: what is not said otherwise.
    pub(crate) const USUAL: Cast = Cast {
        readers: 2,
        writers: 2,
        requests: 2,
        keys: 1,
        caches: 1,
        replicas: 0,
        evict: 0,
        expire: 0,
        crash: 0,
        lose: 0,
        miss: 0,
        time_out: 0,
    };

    /// The scene.
    pub(crate) fn scene(&self) -> Result<Scene, Failure> {
        let sessions = self.readers.saturating_add(self.writers);
        let bounds = [
            ("--readers and --writers together", sessions, 1, SESSIONS_MAX),
            ("--requests", self.requests, 1, 16),
            ("--keys", self.keys as usize, 1, KEYS_MAX as usize),
            ("--caches", self.caches as usize, 1, 4),
            ("--replicas", self.replicas as usize, 0, 4),
        ];
        for (what, found, least, most) in bounds {
            if !(least..=most).contains(&found) {
                let message = format!("{what} must be {least} to {most}; found {found}");
                return Err(Failure::new(Exit::Usage, message));
            }
        }
        let (evict, expire, crash) = (self.evict, self.expire, self.crash);
        let (lose, miss, time_out) = (self.lose, self.miss, self.time_out);
        let faults = Faults { evict, expire, crash, lose, miss, time_out };
        if faults.total() > 16 {
            return Err(Failure::new(Exit::Usage, "at most 16 faults in all"));
        }
        let scene = Scene::new(self.readers, self.writers, self.requests, self.keys);
        Ok(Scene { cache_nodes: self.caches, replicas: self.replicas, ..scene }.with(faults))
    }

    /// The arguments that give this scene again: those that are not the default.
    pub(crate) fn words(&self) -> String {
        let given = self.numbers().into_iter().zip(Cast::USUAL.numbers());
        let given = given.filter(|(given, usual)| given != usual);
        given.map(|((name, number), _)| format!(" --{name} {number}")).collect()
    }

    fn numbers(&self) -> [(&'static str, usize); 12] {
        [
            ("readers", self.readers),
            ("writers", self.writers),
            ("requests", self.requests),
            ("keys", self.keys as usize),
            ("caches", self.caches as usize),
            ("replicas", self.replicas as usize),
            ("evict", usize::from(self.evict)),
            ("expire", usize::from(self.expire)),
            ("crash", usize::from(self.crash)),
            ("lose", usize::from(self.lose)),
            ("miss", usize::from(self.miss)),
            ("time-out", usize::from(self.time_out)),
        ]
    }
}

/// The scene in a sentence, bounds included.
pub(crate) fn bounds(scene: &Scene) -> String {
    let requests: usize = scene.sessions.iter().map(Vec::len).sum();
    let Faults { evict, expire, crash, lose, miss, time_out } = scene.faults;
    let mut parts = vec![
        plural(scene.sessions.len() as u32, "session"),
        plural(requests as u32, "request"),
        plural(scene.keys, "key"),
        plural(scene.cache_nodes, "cache"),
    ];
    let faults = [
        (scene.replicas, "replica"),
        (u32::from(evict), "eviction"),
        (u32::from(expire), "expiry"),
        (u32::from(crash), "crash"),
        (u32::from(lose), "loss"),
        (u32::from(miss), "lost look-up"),
        (u32::from(time_out), "timeout"),
    ];
    parts.extend(faults.iter().filter(|(many, _)| *many > 0).map(|(many, it)| plural(*many, it)));
    parts.join(", ")
}

/// Who asks for what, and where, as far as it is not the same for all: what is proved is proved of
/// this.
pub(crate) fn plans(scene: &Scene) -> Option<String> {
    if scene.keys == 1 && scene.cache_nodes == 1 && scene.replicas < 2 {
        return None;
    }
    let plan = |(session, plan): (usize, &Vec<Request>)| {
        let requests: Vec<String> = plan.iter().map(words::request).collect();
        let mut text = format!("{}: {}", session_name(session), requests.join(", "));
        if scene.cache_nodes > 1 {
            text.push_str(&format!(" (cache {})", scene.node_of(session) + 1));
        }
        if scene.replicas > 1 {
            text.push_str(&format!(" (replica {})", scene.replica_of(session) + 1));
        }
        text
    };
    Some(scene.sessions.iter().enumerate().map(plan).collect::<Vec<_>>().join("; "))
}

fn plural(many: u32, noun: &str) -> String {
    match (many, noun) {
        (1, noun) => format!("1 {noun}"),
        (many, "expiry") => format!("{many} expiries"),
        (many, noun) if noun.ends_with(['s', 'h']) => format!("{many} {noun}es"),
        (many, noun) => format!("{many} {noun}s"),
    }
}

/// A strategy by its name or as a variant names it.
pub(crate) fn choose(text: &str) -> Result<Choice, Failure> {
    strategy(text).map_err(|mistakes| {
        let (diagnostics, input) = *mistakes;
        output::chat(&diagnostics.render(&input, true));
        Failure::new(Exit::Usage, "")
    })
}

/// Properties by their names.
pub(crate) fn properties(names: &[String]) -> Result<PropertySet, Failure> {
    let mut set = PropertySet::default();
    for name in names {
        let Some(property) = Property::find(name) else {
            let all: Vec<&str> = Property::ALL.iter().map(|it| it.name()).collect();
            let message = format!("there is no property `{name}`; accepted: {}", all.join(", "));
            return Err(Failure::new(Exit::Usage, message));
        };
        set.add(property, true);
    }
    Ok(set)
}
