//! The scenario file as data: every table, its fields, their defaults and what they mean. The
//! parser, the JSON schema and the documentation read this and nothing else.
//!
//! The default latencies are LAN-like orders of magnitude, not measurements: a round trip of
//! about half a millisecond between two machines of one zone (loopback is 10 times faster), an
//! indexed query of a few milliseconds with a tail, a commit that waits for a disk.

use crate::metrics::REPLICATIONS_LEAST;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A text of one line, and not blank.
    Title,
    Seed,
    /// A whole number.
    Count(Limits),
    /// A number of replications, or when there are enough.
    Replications,
    /// A number from 0 to 1.
    Share,
    /// A number above 0, and at most 1.
    Part,
    /// A number.
    Number,
    /// A number above 0.
    Positive,
    /// A duration; it may be zero if said so.
    Duration {
        zero: bool,
    },
    Distribution,
    Popularity,
    /// A popularity, or `"same"`.
    PopularityOrSame,
    Arrivals,
    Journey,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The kind of one table: a strategy with its parameters.
    Strategy,
    /// Overrides of the world and the workload.
    Overrides,
    Table(&'static [Field]),
    Tables(&'static [Field]),
    /// `{}`: a fault without parameters.
    Nothing,
}

impl Shape {
    /// The kinds that a table of this shape may name by its one key; `None` if it names none.
    /// Strategies, which name their kind too, have a table of their own.
    pub(super) fn kinds(self) -> Option<Kinds> {
        match self {
            Shape::Distribution => Some(DISTRIBUTIONS),
            Shape::Popularity | Shape::PopularityOrSame => Some(POPULARITIES),
            Shape::Arrivals => Some(ARRIVALS),
            Shape::Journey => Some(JOURNEYS),
            Shape::Replications => Some(REPLICATIONS),
            Shape::Strategy => Some(&[]),
            _ => None,
        }
    }

    /// What an entry of this name takes in a table of this shape, and its default; `None` if no
    /// such entry is known.
    pub(super) fn inside(self, name: &str) -> Option<(Shape, &'static str)> {
        if let Shape::Table(fields) = self {
            let field = fields.iter().find(|field| field.name == name);
            return field.map(|field| (field.shape, field.default));
        }
        let kind = self.kinds()?.iter().find(|(known, _)| *known == name);
        kind.map(|(_, shape)| (*shape, ""))
    }
}

/// The least and the most that a whole number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) least: u64,
    pub(super) most: u64,
    /// Why no more.
    pub(super) why: &'static str,
}

const fn count(least: u64, most: u64, why: &'static str) -> Shape {
    Shape::Count(Limits { least, most, why })
}

pub(super) const REPLICATIONS_LIMITS: Limits = Limits {
    least: 1,
    most: 1_000_000,
    why: "ten times the runs make the intervals only three times narrower",
};

/// Keys, or places for them.
const KEYS: Shape = count(
    1,
    u32::MAX as u64,
    "keys are numbered with 32 bits, and each needs some 50 bytes of memory",
);
const SERVER_COUNT: Shape =
    count(1, 1_000_000, "servers do not queue: more of them than clients serve nobody");

/// A field of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// What it is when absent, as TOML; empty where absence has a meaning of its own.
    pub(super) default: &'static str,
    pub(super) doc: &'static str,
}

const fn field(
    name: &'static str,
    shape: Shape,
    default: &'static str,
    doc: &'static str,
) -> Field {
    Field { name, shape, default, doc }
}

const LINK: &str = "{ exponential = \"250us\" }";

pub(super) const SCENARIO: &[Field] = &[
    field("title", Shape::Title, "", "The scenario's title."),
    field("summary", Shape::Text, "", "What it is about, in a sentence or two."),
    field("seed", Shape::Seed, "1", "The seed all randomness comes from."),
    field(
        "duration",
        Shape::Duration { zero: false },
        "",
        "Virtual time measured, after the warm-up. Required, except with a trace: then its length, which this cuts.",
    ),
    field(
        "warmup",
        Shape::Duration { zero: true },
        "\"0s\"",
        "Virtual time before measuring starts.",
    ),
    field(
        "replications",
        Shape::Replications,
        "8",
        "Seeded runs per variant; 1 with a trace. Or as many as it takes to know a metric.",
    ),
    field("workload", Shape::Table(WORKLOAD), "", "Who asks for what, and when."),
    field("cache", Shape::Table(CACHE), "{}", "The cache node."),
    field("database", Shape::Table(DATABASE), "{}", "The database: a primary and its replicas."),
    field("servers", Shape::Table(SERVERS), "{}", "The application servers."),
    field(
        "variant",
        Shape::Tables(VARIANT),
        "",
        "The rows of the comparison, at least one. The first is what the others are compared with.",
    ),
    field("fault", Shape::Tables(FAULT), "[]", "What breaks, and when."),
    field("expect", Shape::Tables(EXPECT), "[]", "What the scenario claims."),
];

pub(super) const WORKLOAD: &[Field] = &[
    field(
        "clients",
        count(1, 10_000_000, "each is a session with a memory of what it saw"),
        "100",
        "Number of clients; each is one session, served by one server.",
    ),
    field("arrivals", Shape::Arrivals, "", "When requests arrive."),
    field("read_share", Shape::Share, "0.95", "Share of arriving requests that are reads."),
    field("keys", KEYS, "10000", "Number of keys."),
    field("read_keys", Shape::Popularity, "\"uniform\"", "Which keys are read."),
    field("write_keys", Shape::PopularityOrSame, "\"same\"", "Which keys are written."),
    field(
        "journey",
        Shape::Journey,
        "\"independent\"",
        "What a client does besides single requests.",
    ),
];

pub(super) const CACHE: &[Field] = &[
    field("link", Shape::Distribution, LINK, "One-way travel time between a server and the cache."),
    field(
        "service",
        Shape::Distribution,
        "\"20us\"",
        "Service time of one operation; there is no queue.",
    ),
    field("capacity", KEYS, "", "Most entries it holds; absent is unlimited."),
    field(
        "eviction",
        Shape::Word(&["lru", "fifo", "random"]),
        "\"lru\"",
        "Which entry leaves a full cache.",
    ),
    field(
        "timeout",
        Shape::Duration { zero: false },
        "",
        "How long a task waits for a reply; absent is for ever.",
    ),
];

pub(super) const DATABASE: &[Field] = &[
    field(
        "connections",
        count(1, 1_000_000, "with so many no operation ever waits; real databases have hundreds"),
        "32",
        "Operations served at once, per primary or replica; the rest wait in a FIFO queue.",
    ),
    field(
        "snapshot",
        Shape::Word(&["start", "end"]),
        "\"start\"",
        "When a read sees the data: at the start or the end of its service.",
    ),
    field(
        "link",
        Shape::Distribution,
        LINK,
        "One-way travel time between a server and the database.",
    ),
    field(
        "read",
        Shape::Distribution,
        "{ lognormal = { median = \"2ms\", p99 = \"12ms\" } }",
        "Service time of a read.",
    ),
    field(
        "write",
        Shape::Distribution,
        "{ exponential = \"4ms\" }",
        "Service time of a write; it commits at the end.",
    ),
    field(
        "replicas",
        count(0, 100, "each has a log and connections of its own"),
        "0",
        "Number of read replicas.",
    ),
    field(
        "replica_lag",
        Shape::Distribution,
        "{ exponential = \"50ms\" }",
        "How long after a commit a replica applies it; commits are applied in order.",
    ),
    field(
        "reads_from",
        Shape::Word(&["primary", "replica"]),
        "\"primary\"",
        "Where a strategy's db.read goes.",
    ),
    field(
        "timeout",
        Shape::Duration { zero: false },
        "",
        "How long a task waits for a reply; absent is for ever.",
    ),
];

pub(super) const SERVERS: &[Field] =
    &[field("count", SERVER_COUNT, "4", "Number of application servers.")];

pub(super) const VARIANT: &[Field] = &[
    field("name", Shape::Title, "", "The variant's name; by default the strategy's."),
    field("strategy", Shape::Strategy, "", "The caching strategy and its parameters."),
    field(
        "set",
        Shape::Overrides,
        "{}",
        "Overrides of workload, cache, database and servers, by the same names.",
    ),
];

pub(super) const FAULT: &[Field] = &[
    field(
        "at",
        Shape::Duration { zero: true },
        "",
        "When it starts, counted from the start of the run, warm-up included.",
    ),
    field(
        "for",
        Shape::Duration { zero: false },
        "",
        "How long it lasts; absent is until the end. Not for instant faults.",
    ),
    field("cache-restart", Shape::Nothing, "", "The cache restarts, cold. Instant."),
    field("lose", Shape::Table(LOSE), "", "Operations of one kind are lost on their way."),
    field(
        "server-crash",
        Shape::Table(SERVER_CRASH),
        "",
        "Tasks on some servers are dropped between two operations. Instant; the servers are back at once.",
    ),
];

pub(super) const LOSE: &[Field] = &[
    field("operation", Shape::Text, "", "Which operations, as cache.delete."),
    field("probability", Shape::Share, "1.0", "Probability of each being lost."),
];

pub(super) const SERVER_CRASH: &[Field] =
    &[field("servers", SERVER_COUNT, "1", "How many servers crash.")];

pub(super) const EXPECT: &[Field] = &[
    field("variant", Shape::Text, "", "The name of the variant."),
    field("metric", Shape::Text, "", "The name of the metric."),
    field("min", Shape::Number, "", "The least it may be."),
    field("max", Shape::Number, "", "The most it may be."),
];

/// The tables a variant may override.
pub(super) const OVERRIDABLE: [&str; 4] = ["workload", "cache", "database", "servers"];

pub(super) const POISSON: &[Field] =
    &[field("rate", Shape::Positive, "", "Requests per second, all clients together.")];
pub(super) const CLOSED: &[Field] =
    &[field("think", Shape::Distribution, "", "Time between an answer and the next request.")];
pub(super) const TRACE: &[Field] = &[
    field("file", Shape::Text, "", "The file, relative to the scenario's folder."),
    field("format", Shape::Word(&["csv", "meta-kvcache"]), "", "How to read it."),
    field("speed", Shape::Positive, "1.0", "How much faster than recorded it is replayed."),
    field(
        "writes",
        Shape::Word(&["from-deletes", "from-sets"]),
        "\"from-deletes\"",
        "Which records of a cache-side trace are database writes.",
    ),
];
pub(super) const HOT: &[Field] = &[
    field("keys", KEYS, "", "How many keys are hot."),
    field("share", Shape::Share, "", "The share of requests that goes to them."),
];
pub(super) const FOLLOW_UP: &[Field] = &[
    field("think", Shape::Distribution, "", "Time between the answer and the next step."),
    field("share", Shape::Share, "1.0", "Share of first steps that are followed up."),
];
pub(super) const UNTIL: &[Field] = &[
    field("metric", Shape::Text, "", "The metric that shall be known, in every variant."),
    field(
        "relative_error",
        Shape::Part,
        "",
        "By how much of its mean the farther end of its 95 % interval may be off, 0.05 is 5 %.",
    ),
    field(
        "max",
        Shape::Count(Limits { least: REPLICATIONS_LEAST as u64, ..REPLICATIONS_LIMITS }),
        "200",
        "The most replications, however well it is known then.",
    ),
];
pub(super) const UNIFORM: &[Field] = &[
    field("min", Shape::Duration { zero: true }, "", "The shortest."),
    field("max", Shape::Duration { zero: true }, "", "The longest."),
];
pub(super) const LOGNORMAL: &[Field] = &[
    field("median", Shape::Duration { zero: false }, "", "Half are shorter."),
    field("p99", Shape::Duration { zero: false }, "", "99 in 100 are shorter."),
];
pub(super) const PARETO: &[Field] = &[
    field("min", Shape::Duration { zero: false }, "", "The shortest."),
    field("shape", Shape::Number, "", "The tail exponent; the mean is finite above 1."),
];

/// The kinds a tagged table may name, each with what it takes.
pub(super) type Kinds = &'static [(&'static str, Shape)];

pub(super) const DISTRIBUTIONS: Kinds = &[
    ("constant", Shape::Duration { zero: true }),
    ("uniform", Shape::Table(UNIFORM)),
    ("exponential", Shape::Duration { zero: false }),
    ("lognormal", Shape::Table(LOGNORMAL)),
    ("pareto", Shape::Table(PARETO)),
];
pub(super) const ARRIVALS: Kinds = &[
    ("poisson", Shape::Table(POISSON)),
    ("closed", Shape::Table(CLOSED)),
    ("trace", Shape::Table(TRACE)),
];
pub(super) const POPULARITIES: Kinds = &[("zipf", Shape::Number), ("hot", Shape::Table(HOT))];
pub(super) const REPLICATIONS: Kinds = &[("until", Shape::Table(UNTIL))];
pub(super) const JOURNEYS: Kinds =
    &[("edit-then-view", Shape::Table(FOLLOW_UP)), ("view-then-act", Shape::Table(FOLLOW_UP))];
