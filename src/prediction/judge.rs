//! Which forms a variant's world and load allow, before its strategy is looked at.

use std::ops::RangeInclusive;

use super::delays::Sum;
use super::load::{Class, Rates};
use super::sheet::{About, Sheet};
use super::{Prediction, Says, cache_aside, limits, replicas, ttl, without_cache};
use crate::metrics::METRICS;
use crate::random::Distribution;
use crate::scenario::{Fault, FaultKind, Scenario, Variant};
use crate::strategies::{self, Choice, ParamValue};
use crate::theory::ttl::TtlOnly;
use crate::time::{Span, Time};
use crate::workload::{Arrivals, Journey};
use crate::world::{ReadsFrom, Snapshot, WorldConfig};

/// A client that is busy for less than this share of its time is nearly a Poisson stream.
const BUSY_LITTLE: f64 = 0.05;

/// The square of the coefficient of variation that other thinks than exponential ones may have, and
/// how many of them a warm-up must last: else clients that begin together stay together, or what
/// they ask for at first, more than later, is measured.
const THINK_VARIES: RangeInclusive<f64> = 0.25..=2.0;
const THINKS_BEFORE: f64 = 3.0;

/// How far what becomes of acts may be off: they are no writes of strangers, and a read is followed
/// by its act's thinking only once it is answered.
pub(super) const ACTS_OFF: f64 = 0.03;
/// More acts on a key than this, thought about at a time, are no writes of strangers at all.
const ACTS_AT_A_TIME_MAX: f64 = 1.0;
/// More stale reads than this make so many acts fail that it is another load.
const ACTS_STALE_MAX: f64 = 0.01;

/// Everything the forms of a strategy need.
pub(super) struct Place<'a> {
    pub(super) strategy: &'a Choice,
    pub(super) world: &'a WorldConfig,
    pub(super) rates: Rates,
    pub(super) warmup_s: f64,
    pub(super) window_s: f64,
    /// How many clients ask in a closed loop, if it is one.
    pub(super) clients: Option<f64>,
}

impl Place<'_> {
    /// A duration among the strategy's parameters; none if it is for ever.
    pub(super) fn span_s(&self, name: &str) -> Option<f64> {
        match self.parameter(name) {
            Some(ParamValue::Span(span)) if *span < Span::FOREVER => Some(span.as_secs_f64()),
            _ => None,
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.parameter(name), Some(ParamValue::Flag(true)))
    }

    fn parameter(&self, name: &str) -> Option<&ParamValue> {
        let info = strategies::find(self.strategy.name)?;
        let index = info.params.iter().position(|param| param.name == name)?;
        self.strategy.params.0.get(index)
    }

    pub(super) fn reads_replicas(&self) -> bool {
        reads_replicas(self.world)
    }

    /// From a look-up's begin to its effect at the cache.
    pub(super) fn to_cache(&self) -> Sum<'_> {
        Sum(vec![&self.world.cache.link, &self.world.cache.service])
    }

    /// A cache operation there and back, on average.
    pub(super) fn cache_trip_s(&self) -> f64 {
        self.to_cache().mean_s() + self.world.cache.link.mean()
    }

    /// A database operation there and back without waiting, on average.
    pub(super) fn database_trip_s(&self, service: &Distribution) -> f64 {
        2.0 * self.world.database.link.mean() + service.mean()
    }

    /// From the miss at the cache to the snapshot.
    pub(super) fn miss_to_snapshot(&self) -> Sum<'_> {
        let mut sum = Sum(vec![&self.world.cache.link, &self.world.database.link]);
        if self.is_snapshot_late() {
            sum.0.push(&self.world.database.read);
        }
        sum
    }

    /// Whether what is read is what the database holds at the end of the read's service. With a
    /// single connection nothing is committed meanwhile.
    fn is_snapshot_late(&self) -> bool {
        let database = &self.world.database;
        database.snapshot == Snapshot::End || database.connections == 1
    }

    /// From a look-up that misses to the set of what it fetches.
    pub(super) fn fetch(&self) -> Sum<'_> {
        let mut sum = self.miss_to_snapshot();
        sum.0.extend(self.snapshot_to_set().0);
        sum
    }

    /// From the snapshot to the set.
    pub(super) fn snapshot_to_set(&self) -> Sum<'_> {
        let mut sum = self.commit_to_delete();
        if !self.is_snapshot_late() {
            sum.0.push(&self.world.database.read);
        }
        sum
    }

    /// From the commit to the effect of an operation at the cache that follows it at once.
    pub(super) fn commit_to_delete(&self) -> Sum<'_> {
        let cache = &self.world.cache;
        Sum(vec![&self.world.database.link, &cache.link, &cache.service])
    }
}

/// What theory says of a variant.
pub(super) fn predict(scenario: &Scenario, variant: &Variant) -> Prediction {
    let (workload, world) = (&variant.workload, &variant.world);
    let mut sheet = Sheet::new();
    let kept = match &workload.arrivals {
        Arrivals::Trace(_) => Err("a recorded trace is no Poisson stream".to_owned()),
        _ if !scenario.faults.is_empty() => {
            Err("a fault changes the world while it is measured".to_owned())
        }
        _ => limits::timeouts(world, &mut sheet),
    };
    let kept = kept.and_then(|()| match (&workload.journey, &workload.arrivals) {
        (Journey::EditThenView { .. }, _) => {
            Err("reads follow writes: they are no Poisson stream".to_owned())
        }
        (Journey::ViewThenAct { .. }, _) if reads_replicas(world) => {
            Err("acts rest on what a replica says, which may be old".to_owned())
        }
        (Journey::ViewThenAct { .. }, Arrivals::Closed { .. }) => {
            Err("writes follow reads, in a closed loop: they are no Poisson stream".to_owned())
        }
        _ => Ok(()),
    });
    let capacity = world.cache.capacity.filter(|capacity| *capacity < workload.keys);
    let kept = kept.and_then(|()| match capacity {
        Some(_) if variant.strategy.name != "no-cache" => {
            Err("the cache evicts, besides what else ends an entry's life".to_owned())
        }
        _ => Ok(()),
    });
    let steady = |requests_per_s: f64, sheet: Sheet| -> Result<Sheet, String> {
        let mut sheet = sheet;
        let rates = Rates::new(workload, requests_per_s)?;
        let rates = match &workload.journey {
            Journey::ViewThenAct { think, share } => {
                sheet.assume("Acts are taken as Poisson writes, though each follows a read.");
                acts(&variant.strategy, rates, think, *share)?
            }
            _ => rates,
        };
        let (warmup_s, window_s) = (scenario.warmup.as_secs_f64(), scenario.duration.as_secs_f64());
        let clients = matches!(workload.arrivals, Arrivals::Closed { .. });
        let clients = clients.then_some(f64::from(workload.clients));
        let strategy = &variant.strategy;
        let place = Place { strategy, world, rates, warmup_s, window_s, clients };
        let sheet = of_strategy(&place, sheet);
        limits::after_waits(&place, &sheet)?;
        if place.rates.acts.is_some() {
            acts_are_known(strategy.name, &sheet)?;
        }
        Ok(sheet)
    };
    let result = match &workload.arrivals {
        Arrivals::Poisson { rate } => kept.and_then(|()| steady(*rate, sheet.clone())),
        Arrivals::Closed { think } => kept.and_then(|()| {
            let think = (think, scenario.warmup.as_secs_f64());
            closed(f64::from(workload.clients), think, &sheet, workload.read_share, &steady)
        }),
        Arrivals::Trace(_) => kept.map(|()| sheet.clone()),
    };
    let window_s = scenario.duration.as_secs_f64();
    match result {
        Ok(sheet) => sheet.finish(None, window_s),
        Err(why) => {
            // Of what is not said, nothing is assumed.
            sheet = Sheet::new();
            if let Arrivals::Poisson { rate } = &workload.arrivals
                && let Ok(steady) = steady(*rate, Sheet::new())
            {
                sheet.regime = steady.regime;
                if !scenario.faults.is_empty() && fails_nothing(scenario, world) {
                    whatever_befalls(variant, *rate, window_s, &mut sheet);
                }
            }
            sheet.finish(Some(&why), window_s)
        }
    }
}

/// Whether the faults leave every request of the measured time its answer: all that happens then is
/// that caches restart, and nobody waits for a limited time.
fn fails_nothing(scenario: &Scenario, world: &WorldConfig) -> bool {
    let start = Time::ZERO + scenario.warmup;
    let harmless =
        |fault: &Fault| matches!(fault.kind, FaultKind::CacheRestart) || fault.until <= start;
    limits::is_patient(world) && scenario.faults.iter().all(harmless)
}

/// What an open load brings whether a cache restarts or not.
fn whatever_befalls(variant: &Variant, rate: f64, window_s: f64, sheet: &mut Sheet) {
    if matches!(variant.workload.journey, Journey::Independent) {
        let (reads, all) = (rate * variant.workload.read_share * window_s, rate * window_s);
        sheet.value("reads", "load", About(reads, 0.0));
        sheet.value("writes", "load", About(all - reads, 0.0));
    }
    never_at_all(variant.strategy.name, &variant.world, sheet);
}

/// What cannot happen whatever the load, and whatever befalls.
fn never_at_all(strategy: &str, world: &WorldConfig, sheet: &mut Sheet) {
    if strategy != "write-behind" {
        sheet.never(&["dirty_read_ratio"], "only committed rows are ever cached");
        sheet.never(&["lost_writes"], "a write is acknowledged after its commit");
        sheet.never(&["stale_cause.write-behind"], "a write is acknowledged after its commit");
    }
    if !reads_replicas(world) {
        sheet.never(&["stale_cause.replica-lag"], "no read goes to a replica");
    }
}

fn reads_replicas(world: &WorldConfig) -> bool {
    world.database.replicas > 0 && world.database.reads_from == ReadsFrom::Replica
}

/// Acts on old rows fail, so that a key that is stale is not written, and stays stale: few reads
/// may be stale where acts are taken to be on fresh rows, and it must be known how many are where
/// only a TTL ends it.
fn acts_are_known(strategy: &str, sheet: &Sheet) -> Result<(), String> {
    match sheet.of("stale_read_ratio") {
        Some(Says::Never { .. }) => Ok(()),
        Some(Says::Value { value, .. }) if strategy == "ttl-only" || *value <= ACTS_STALE_MAX => {
            Ok(())
        }
        _ => Err("acts on stale rows fail, and how many do has no form".to_owned()),
    }
}

/// The load with acts, where it is known how many versions are old when they are read.
fn acts(
    strategy: &Choice,
    rates: Rates,
    think: &Distribution,
    share: f64,
) -> Result<Rates, String> {
    let at_a_time = share * rates.hottest() * think.mean();
    if at_a_time > ACTS_AT_A_TIME_MAX {
        return Err(format!("{at_a_time:.1} acts on a key are being thought about at a time"));
    }
    match strategy.name {
        "no-cache" | "delete-on-write" | "versioned" | "lease" => {
            Ok(rates.with_acts(share, think, |_| 1.0))
        }
        "ttl-only" => {
            let ttl_s = strategy.params.span(0).as_secs_f64();
            let fresh = |class: &Class| {
                let key = TtlOnly::new(class.reads_per_s, class.writes_per_s, ttl_s);
                key.map_or(1.0, |key| 1.0 - key.stale_share_of_reads())
            };
            Ok(rates.with_acts(share, think, fresh))
        }
        _ => Err("how many acts find their version changed has no form".to_owned()),
    }
}

/// A closed loop whose clients are nearly always thinking is nearly an open one.
fn closed(
    clients: f64,
    (think, warmup_s): (&Distribution, f64),
    base: &Sheet,
    read_share: f64,
    steady: &dyn Fn(f64, Sheet) -> Result<Sheet, String>,
) -> Result<Sheet, String> {
    let (think_s, memoryless) = (think.mean(), matches!(think, Distribution::Exponential(_)));
    let varies = think.variance() / (think_s * think_s);
    let settles = THINK_VARIES.contains(&varies) && warmup_s >= THINKS_BEFORE * think_s;
    if !memoryless && (clients < 20.0 || !settles) {
        let why = "clients that think for other than exponential times: few of them, for much the \
                   same time or very different ones, or with a short warm-up";
        return Err(why.to_owned());
    }
    let mut response_s = 0.0;
    // Slower answers make fewer requests, which are answered faster: this settles at once.
    for _ in 0..8 {
        let trial = steady(clients / (think_s + response_s), Sheet::new())?;
        let prediction = trial.finish(None, 1.0);
        let mean = |metric: &str| match prediction.of(metric) {
            Says::Value { value, .. } => Ok(value / 1e3),
            _ => Err("a closed loop whose answers take a time that has no form".to_owned()),
        };
        response_s = read_share * mean("read_latency_mean_ms")?
            + (1.0 - read_share) * mean("write_latency_mean_ms")?;
    }
    let busy = response_s / (think_s + response_s);
    if busy > BUSY_LITTLE {
        return Err("a closed loop: a client that waits for an answer asks for nothing".to_owned());
    }
    let mut sheet = base.clone();
    sheet.shared += busy;
    sheet.assume(format!(
        "The closed loop is taken as an open one: a client waits for {:.2} % of its time.",
        busy * 100.0
    ));
    steady(clients / (think_s + response_s), sheet)
}

/// What the strategy's forms say.
fn of_strategy(place: &Place<'_>, mut sheet: Sheet) -> Sheet {
    let window_s = place.window_s;
    let (reads, writes) = (place.rates.reads_per_s, place.rates.writes_per_s);
    sheet.value("reads", "load", About(reads * window_s, 0.0));
    if let Some(acts) = place.rates.acts {
        // What rests on writes rests on how many acts become one.
        let committed = acts.per_s * (1.0 - acts.failed - acts.conflicting);
        sheet.shared += ACTS_OFF * committed / writes;
        // Those that fail under a TTL, as far as their own fills make them.
        let own = place.span_s("ttl").map_or(0.0, |it| place.rates.acts_on_own_fills(it));
        sheet.shared += own * acts.failed;
    }
    sheet.value("writes", "load", About(writes * window_s, 0.0));
    let name = place.strategy.name;
    if !limits::is_patient(place.world) {
        sheet.nothing("failed_request_ratio", "few answers come after a timeout, but some may");
    } else if !matches!(name, "lease" | "write-through" | "write-behind") {
        sheet.never(&["failed_request_ratio"], "nothing fails, times out or is started over");
    }
    if name == "write-through" {
        sheet.nothing("writes", "a write whose key is locked for too long fails");
    }
    if !matches!(name, "write-behind" | "write-through") {
        let asked = place.rates.asked_writes_per_s();
        sheet.value("db_writes_per_s", "load", About(asked, 0.0));
    }
    never_at_all(name, place.world, &mut sheet);
    if let Some(acts) = place.rates.acts {
        sheet.value("conflicting_act_ratio", "load", About(acts.conflicting, ACTS_OFF));
    }
    match (name, place.reads_replicas()) {
        ("no-cache", _) => without_cache::fill_in(place, &mut sheet),
        ("ttl-only", false) => ttl::fill_in(place, &mut sheet),
        ("delete-on-write" | "versioned" | "lease", false) => {
            cache_aside::fill_in(place, &mut sheet);
        }
        ("delete-on-write" | "double-delete", true) => replicas::fill_in(place, &mut sheet),
        (_, true) => {
            for metric in METRICS.iter().filter(|metric| metric.name.starts_with("stale")) {
                let why = "no form is known for this strategy filled from replicas";
                sheet.nothing(metric.name, why);
            }
        }
        _ => {}
    }
    sheet
}
