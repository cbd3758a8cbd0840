//! The streaming metrics of a run against the checks on its whole history, and what is recorded of
//! requests that go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use stalelab::consistency::{
    History, INITIAL, Kind, Operation, Property, Report, UNKNOWN, Verdict, check,
};
use stalelab::history::{OPERATIONS_MAX, Recorded, Recorder};
use stalelab::metrics::{Recorder as Metrics, Window};
use stalelab::observation::{Answer, Deed, Observer, ReadFacts, Service, Staleness};
use stalelab::op::{Key, Outcome, Row, Version};
use stalelab::random::Distribution;
use stalelab::simulation::{Setup, run};
use stalelab::strategies::{NoCache, Visitor};
use stalelab::strategy::{Io, Strategy as CachingStrategy};
use stalelab::time::{Span, Time};
use stalelab::workload::WorkloadConfig;
use stalelab::world::{ReadsFrom, WorldConfig};

use crate::arbitrary::{choice, setup};
use crate::support::{self, constant_us};

/// The streaming metrics, a recorder of the whole run, and one of a window.
struct Watching {
    metrics: Metrics,
    whole: Recorder,
    part: Recorder,
    reads: Vec<(Answer, Option<Staleness>)>,
    commits: BTreeSet<(Key, Time)>,
}

impl Observer for Watching {
    const WANTS_DEEDS: bool = true;

    fn accepted(&mut self, key: Key, version: Version, now: Time) {
        self.commits.insert((key, now));
        self.metrics.accepted(key, version, now);
        self.whole.accepted(key, version, now);
        self.part.accepted(key, version, now);
    }
    fn deed(&mut self, deed: &Deed) {
        self.whole.deed(deed);
        self.part.deed(deed);
    }
    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        self.reads.push((*answer, facts.staleness));
        self.metrics.read(answer, facts);
        self.whole.read(answer, facts);
        self.part.read(answer, facts);
    }
    fn write(&mut self, answer: &Answer, act: bool) {
        self.metrics.write(answer, act);
        self.whole.write(answer, act);
        self.part.write(answer, act);
    }
    fn act_refused(&mut self, began: Time, ended: Time, superseded: bool) {
        self.metrics.act_refused(began, ended, superseded);
    }
    fn failed(&mut self, began: Time, ended: Time, act: bool) {
        self.metrics.failed(began, ended, act);
    }
    fn measures(&self, began: Time) -> bool {
        self.metrics.measures(began)
    }
    fn database_served(&mut self, service: &Service) {
        self.metrics.database_served(service);
    }
    fn horizon(&mut self, oldest: Time) {
        self.metrics.horizon(oldest);
        self.whole.horizon(oldest);
        self.part.horizon(oldest);
    }
    fn remembers_much(&self) -> bool {
        self.metrics.remembers_much()
    }
    fn forget(&mut self, older_copies: &mut dyn FnMut(Key, Version) -> bool) {
        self.metrics.forget(older_copies);
    }
}

const ALL: Window = Window { start: Time::ZERO, end: Time::NEVER };
/// What is measured and, in the second recording, recorded.
const PART: Window = Window { start: Time(20_000_000), end: Time(200_000_000) };

fn watch<S: CachingStrategy>(strategy: &S, setup: &Setup, seed: u64) -> Watching {
    let mut watching = Watching {
        metrics: Metrics::new(PART),
        whole: Recorder::new(ALL, OPERATIONS_MAX),
        part: Recorder::new(PART, OPERATIONS_MAX),
        reads: Vec::new(),
        commits: BTreeSet::new(),
    };
    run(strategy, setup, seed, &mut watching, &AtomicBool::new(false)).expect("nothing stops it");
    watching
}

fn in_part(it: &Operation) -> bool {
    PART.contains(it.invoked)
}

/// How many operations in the part violate a property.
fn violations(history: &History, report: &Report, property: Property) -> u64 {
    let all = &report.finding(property).violations;
    all.iter().filter(|it| in_part(history.operation(it.operation))).count() as u64
}

/// An operation, by what it is known by in every history.
type Identity = (u32, u32, Time, Time, u64);

fn identity(history: &History, it: &Operation) -> Identity {
    let number = |name: &str| name.parse().expect("a number");
    let session = number(history.sessions.name(it.session));
    (session, number(history.keys.name(it.key)), it.invoked, it.completed, it.version)
}

/// Ages and version lags of reads in the part that are stale by commits.
fn stale(history: &History, report: &Report) -> BTreeMap<Identity, (Span, u64)> {
    let all = report.staleness.commit_stale.iter();
    let all = all.map(|it| (history.operation(it.read), (it.age, it.version_lag)));
    all.filter(|(it, _)| in_part(it)).map(|(it, how)| (identity(history, it), how)).collect()
}

/// The operations of a kind in the part.
fn of_kind(all: &[Operation], kind: Kind) -> impl Iterator<Item = &Operation> + Clone {
    all.iter().filter(move |it| it.kind == kind && in_part(it))
}

struct Check<'a> {
    setup: &'a Setup,
    seed: u64,
}

impl Visitor for Check<'_> {
    type Output = Result<(), TestCaseError>;

    fn visit<S: CachingStrategy>(self, strategy: &S) -> Self::Output {
        let watching = watch(strategy, self.setup, self.seed);
        let Watching { metrics, whole, part, reads, commits } = watching;
        let counts = metrics.counts();
        let (whole, part) = (whole.recorded(), part.recorded());
        prop_assert!(!whole.is_cut && whole.earlier_writes == 0);
        let (history, report) = (&whole.history, check(&whole.history));
        let violated = |property| violations(history, &report, property);
        prop_assert_eq!(violated(Property::NoStaleRead), counts.ack_stale);
        prop_assert_eq!(violated(Property::ReadYourWrites), counts.read_your_writes);
        prop_assert_eq!(violated(Property::MonotonicReads), counts.monotonic_reads);
        prop_assert_eq!(violated(Property::NoDirtyRead), counts.dirty);
        prop_assert_eq!(violated(Property::MonotonicWrites), 0);
        prop_assert_eq!(violated(Property::WritesFollowReads), 0);

        prop_assert_eq!(of_kind(history.operations(), Kind::Read).count() as u64, counts.reads);
        let writes = of_kind(history.operations(), Kind::Write);
        let open = writes.clone().filter(|it| it.is_open()).count() as u64;
        prop_assert_eq!(writes.count() as u64 - open, counts.writes);
        let failed = history.failed().iter().filter(|it| in_part(it)).count() as u64;
        let refused = counts.acts_failed + counts.acts_conflicting;
        prop_assert_eq!(failed + open, counts.failed + refused);
        // Who was refused, and whose client was not told, has failed all the same.
        prop_assert!(of_kind(history.failed(), Kind::Write).count() as u64 >= refused);

        let stale_here = stale(history, &report);
        let mut told_stale = 0;
        for (read, told) in reads.iter().filter(|(read, _)| PART.contains(read.began)) {
            told_stale += u64::from(told.is_some());
            let Answer { client, key, version, began, ended, .. } = *read;
            let found = stale_here.get(&(client, key.0, began, ended, u64::from(version.0)));
            let told = told.map(|it| (it.age, u64::from(it.version_lag)));
            // Of a commit at the very instant a read began, only the run knows which was first.
            if !commits.contains(&(key, began)) {
                prop_assert_eq!(found.copied(), told, "{:?}", read);
            }
        }
        prop_assert_eq!(told_stale, counts.stale);
        prop_assert_eq!(report.staleness.ages.count(), report.staleness.commit_stale.len() as u64);
        check_part(&part, &whole.history, &report)
    }
}

/// A recording of a part says of its requests what that of the whole does.
fn check_part(part: &Recorded, whole: &History, report: &Report) -> Result<(), TestCaseError> {
    let (history, in_part_only) = (&part.history, check(&part.history));
    let reads = |history: &History| -> BTreeSet<Identity> {
        of_kind(history.operations(), Kind::Read).map(|it| identity(history, it)).collect()
    };
    prop_assert_eq!(reads(history), reads(whole));
    prop_assert!(history.operations().iter().all(|it| it.kind == Kind::Write || in_part(it)));
    prop_assert_eq!(stale(history, &in_part_only), stale(whole, report));
    for property in [Property::NoStaleRead, Property::ReadYourWrites, Property::NoDirtyRead] {
        let found = violations(history, &in_part_only, property);
        prop_assert_eq!(found, violations(whole, report, property), "{}", property);
    }
    prop_assert_eq!(in_part_only.coverage.reads_from_before, 0, "every version has its write");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_is_measured_while_it_happens_is_what_the_history_says(
        setup in setup(),
        choice in choice(),
        seed in any::<u64>(),
    ) {
        choice.visit(Check { setup: &setup, seed })?;
    }

    #[test]
    fn without_a_cache_every_history_is_linearizable(
        mut setup in setup(),
        seed in any::<u64>(),
    ) {
        setup.world.database.replicas = 0;
        setup.world.database.reads_from = ReadsFrom::Primary;
        let recorded = watch(&NoCache, &setup, seed).whole.recorded();
        let report = check(&recorded.history);
        for finding in &report.findings {
            prop_assert!(finding.verdict() != Verdict::Violated, "{:?}", finding);
        }
        prop_assert_eq!(report.k(), Some(1));
    }
}

/// A database in which a read takes 1 ms, a write 2 ms.
fn world() -> WorldConfig {
    let mut world = WorldConfig::instant();
    world.database.read = constant_us(1_000);
    world.database.write = constant_us(2_000);
    world
}

fn recorded<S: CachingStrategy>(strategy: &S, world: WorldConfig, most: usize) -> Recorded {
    let mut workload = WorkloadConfig::poisson(400.0, 3, 0.5);
    workload.clients = 9;
    let setup = support::setup(world, &workload, Span::from_secs(2));
    let mut recorder = Recorder::new(ALL, most);
    let ended = run(strategy, &setup, 6, &mut recorder, &AtomicBool::new(false));
    assert!(ended.is_ok() || recorder.is_done());
    recorder.recorded()
}

fn writes(history: &History) -> Vec<&Operation> {
    history.operations().iter().filter(|it| it.kind == Kind::Write).collect()
}

/// Tells the client before it asks the database.
struct Hasty;

impl CachingStrategy for Hasty {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }
    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.client.reply(Row::default()).await?;
        io.db.write(key).await
    }
}

#[test]
fn a_write_that_is_acknowledged_too_early_has_the_version_it_gets() {
    let Recorded { history, .. } = recorded(&Hasty, world(), OPERATIONS_MAX);
    let all = writes(&history);
    assert!(all.len() > 300);
    for it in all {
        assert!(it.version != INITIAL && it.version != UNKNOWN);
        assert_eq!((it.completed, it.committed > it.completed), (it.invoked, true));
    }
    let report = check(&history);
    let stale = report.finding(Property::NoStaleRead);
    assert!(stale.violations.len() > 20, "reads in between are older than it");
    assert_eq!(report.finding(Property::NoDirtyRead).verdict(), Verdict::Holds);
}

/// Writes twice, and tells of the second.
struct Twice;

impl CachingStrategy for Twice {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.read(key).await
    }
    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        io.db.write(key).await?;
        io.db.write(key).await
    }
}

#[test]
fn a_request_that_writes_twice_is_two_writes_of_which_one_is_answered() {
    let Recorded { history, requests, .. } = recorded(&Twice, world(), OPERATIONS_MAX);
    let all = writes(&history);
    let open = all.iter().filter(|it| it.is_open()).count();
    assert_eq!((all.len(), all.len() % 2), (2 * open, 0));
    assert!(all.iter().all(|it| it.committed < Time::NEVER && it.version != UNKNOWN));
    assert_eq!(requests as usize, history.operations().len() - all.len() / 2);
    let report = check(&history);
    assert_eq!(report.finding(Property::Linearizability).verdict(), Verdict::Holds);
}

#[test]
fn a_write_that_timed_out_is_open_and_has_its_version() {
    let mut world = world();
    world.database.write = Distribution::Exponential(Span::from_millis(2));
    world.database.timeout = Some(Span::from_millis(3));
    let Recorded { history, .. } = recorded(&NoCache, world, OPERATIONS_MAX);
    let all = writes(&history);
    let open: Vec<_> = all.iter().filter(|it| it.is_open()).collect();
    assert!(open.len() > 50 && open.len() < all.len());
    // Nothing is lost here: every write is committed sooner or later.
    for it in open {
        assert!(it.version != UNKNOWN && it.committed > it.invoked + Span::from_millis(3));
    }
    let report = check(&history);
    assert_eq!(report.finding(Property::Linearizability).verdict(), Verdict::Holds);
    let blind = without_versions_of_open_writes(&history);
    let report = check(&blind);
    assert_eq!(report.finding(Property::Linearizability).verdict(), Verdict::Holds);
    assert!(report.coverage.reads_attributed > 50, "{:?}", report.coverage);
}

/// What a client would have recorded: of a write that timed out, it knows no version.
fn without_versions_of_open_writes(history: &History) -> History {
    let mut blind = History::default();
    for it in history.operations() {
        let version = if it.is_open() { UNKNOWN } else { it.version };
        blind.push(Operation { version, committed: Time::NEVER, ..*it }).expect("it makes sense");
    }
    blind
}

#[test]
fn a_recording_that_is_full_stops_and_is_still_sound() {
    let whole = recorded(&NoCache, world(), OPERATIONS_MAX);
    let cut = recorded(&NoCache, world(), 200);
    assert!(cut.is_cut && !whole.is_cut);
    let count = cut.history.operations().len();
    assert!((180..260).contains(&count), "{count} of {}", whole.history.operations().len());
    let report = check(&cut.history);
    assert_eq!(report.finding(Property::Linearizability).verdict(), Verdict::Holds);
    assert_eq!(report.coverage.reads_from_before, 0);
}
