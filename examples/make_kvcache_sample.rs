//! Makes `scenarios/traces/kvcache-sample.csv`, the trace that comes with stalelab:
//!
//! ```text
//! cargo run --example make_kvcache_sample > scenarios/traces/kvcache-sample.csv
//! ```
//!
//! The file is in the format of Meta's key-value cache traces and holds none of their data:
//! every key, name and number in it is drawn here, from a fixed seed, in integers. A toy cache is
//! asked for 32 keys over 75 seconds, by a Zipf-like popularity with exponent 1. It answers with
//! hits, or with a miss and the fill that follows. Now and then the database is written: most
//! owners then delete the key, the hottest key most often; one owner sets it instead.

use std::io::{self, Write};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const SEED: u64 = 75;
const FIRST_SECOND: u64 = 1_000_000;
const SECONDS: u64 = 75;
const KEYS: u64 = 32;
/// Keys looked up in one second, before equal ones are taken together.
const LOOKUPS_PER_SECOND: u64 = 6;
/// The most operations that one lookup of the hottest key stands for.
const BURST_MAX: u64 = 24;
/// One write in so many seconds: to the hottest key, and to some other.
const HOT_WRITE_EVERY_S: u64 = 9;
const OTHER_WRITE_EVERY_S: u64 = 4;
/// The owner whose writes set the key rather than delete it.
const SETTING_OWNER: usize = 3;
/// This key is not in the database: it is looked up, missed, and never filled.
const ABSENT_RANK: u64 = 29;

/// Who owns keys: `usecase`, whether they read with leases, and the TTL of their fills.
const OWNERS: [(u32, bool, u64); 5] = [
    (4001, true, 3600),
    (4002, false, 20),
    (4003, true, 14_400),
    (4004, false, 600),
    (4005, false, 30),
];

struct Entry {
    name: String,
    rank: u64,
    owner: usize,
    key_bytes: u64,
    value_bytes: u64,
    cached_until: u64,
}

fn main() -> io::Result<()> {
    io::stdout().write_all(sample().as_bytes())
}

/// The whole file.
pub(crate) fn sample() -> String {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut entries: Vec<Entry> = (1..=KEYS).map(|rank| entry(rank, &mut random)).collect();
    let mut csv =
        String::from("op_time,key,key_size,op,op_count,size,cache_hits,ttl,usecase,sub_usecase\n");
    for second in FIRST_SECOND..FIRST_SECOND + SECONDS {
        for entry in written(&mut entries, &mut random) {
            csv += &entry.write(second);
        }
        for (rank, count) in looked_up(&mut random) {
            csv += &entries[rank as usize - 1].look_up(second, count);
        }
    }
    csv
}

fn entry(rank: u64, random: &mut ChaCha8Rng) -> Entry {
    Entry {
        name: format!("{:016x}", random.next_u64()),
        rank,
        owner: (rank % OWNERS.len() as u64) as usize,
        key_bytes: 20 + below(random, 80),
        value_bytes: 8 << below(random, 9),
        cached_until: 0,
    }
}

/// The keys that are written in one second.
fn written<'a>(entries: &'a mut [Entry], random: &mut ChaCha8Rng) -> Vec<&'a mut Entry> {
    let hot = below(random, HOT_WRITE_EVERY_S) == 0;
    let other = below(random, OTHER_WRITE_EVERY_S) == 0;
    let other = other.then(|| rank(random)).filter(|&rank| rank > 1 && rank != ABSENT_RANK);
    let written = entries.iter_mut();
    written.filter(|entry| (hot && entry.rank == 1) || Some(entry.rank) == other).collect()
}

/// Ranks and operations of one second's lookups, each rank once, in the order they were drawn.
fn looked_up(random: &mut ChaCha8Rng) -> Vec<(u64, u64)> {
    let mut lookups: Vec<(u64, u64)> = Vec::new();
    for _ in 0..LOOKUPS_PER_SECOND {
        let rank = rank(random);
        let count = 1 + below(random, 1 + BURST_MAX / rank);
        match lookups.iter_mut().find(|lookup| lookup.0 == rank) {
            Some(lookup) => lookup.1 += count,
            None => lookups.push((rank, count)),
        }
    }
    lookups
}

impl Entry {
    fn write(&mut self, second: u64) -> String {
        let (_, _, ttl) = OWNERS[self.owner];
        if self.owner == SETTING_OWNER {
            self.cached_until = second + ttl;
            self.row(second, "SET", 1, self.value_bytes, 0, ttl)
        } else {
            self.cached_until = 0;
            self.row(second, "DELETE", 1, 0, 0, 0)
        }
    }

    /// The rows of a lookup. A fill is listed before the miss that caused it, as in published
    /// traces: inside a second, the order of their rows is not the order of events.
    fn look_up(&mut self, second: u64, count: u64) -> String {
        let (_, leases, ttl) = OWNERS[self.owner];
        let (get, set) = if leases { ("GET_LEASE", "SET_LEASE") } else { ("GET", "SET") };
        if self.rank == ABSENT_RANK {
            return self.row(second, get, count, 0, 0, 0);
        }
        let mut rows = String::new();
        let missed = second >= self.cached_until;
        if missed {
            self.cached_until = second + ttl;
            rows += &self.row(second, set, 1, self.value_bytes, 0, ttl);
        }
        let hits = count - u64::from(missed);
        let bytes = if hits > 0 { self.value_bytes } else { 0 };
        rows + &self.row(second, get, count, bytes, hits, 0)
    }

    fn row(&self, second: u64, op: &str, count: u64, bytes: u64, hits: u64, ttl: u64) -> String {
        let (usecase, _, _) = OWNERS[self.owner];
        let sub_usecase = usecase * 10 + self.rank as u32 % 3;
        let (key, key_bytes) = (&self.name, self.key_bytes);
        format!(
            "{second},{key},{key_bytes},{op},{count},{bytes},{hits},{ttl},{usecase},{sub_usecase}\n"
        )
    }
}

/// A rank from 1, the i-th with a weight of 1/i.
fn rank(random: &mut ChaCha8Rng) -> u64 {
    let weight = |rank| 1_000_000 / rank;
    let mut drawn = below(random, (1..=KEYS).map(weight).sum());
    let mut rank = 1;
    while drawn >= weight(rank) {
        drawn -= weight(rank);
        rank += 1;
    }
    rank
}

/// A number below `end`. The bias of the remainder is at most `end` in 2^64.
fn below(random: &mut ChaCha8Rng, end: u64) -> u64 {
    random.next_u64() % end
}
