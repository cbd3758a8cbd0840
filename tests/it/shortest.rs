//! The explorer's counterexamples against every schedule there is: none is shorter, and none of the
//! same length has fewer actors, keys or faults.

use stalelab::explorer::{Options, explore};
use stalelab::op::{Key, Outcome, Row, Version};
use stalelab::schedule::{Act, Faults, Move, Player, Property, Request, Scene, Step};
use stalelab::strategies::{ALL, Visitor};
use stalelab::strategy::{Io, Strategy};
use stalelab::time::Span;

use crate::builtins::choice;

/// Steps, then actors, keys and faults: the order of what is smaller.
type Size = (usize, [usize; 3]);

fn size(steps: &[Step]) -> Size {
    let mut actors: Vec<usize> = Vec::new();
    let mut keys = Vec::new();
    let mut faults = 0;
    for step in steps {
        if let (Move::Session(session, _), Some(request)) = (step.made, step.happening.began) {
            actors.push(session);
            keys.push(request.key);
        }
        faults += usize::from(match step.made {
            Move::Session(_, act) => !matches!(act, Act::Proceed(_) | Act::Land(_)),
            Move::Evict { .. } | Move::Expire { .. } => true,
            Move::Apply { .. } => false,
        });
    }
    actors.sort_unstable();
    actors.dedup();
    keys.sort_unstable();
    keys.dedup();
    (steps.len(), [actors.len(), keys.len(), faults])
}

/// What was found of each property.
#[derive(Default)]
struct Best {
    smallest: [Option<Size>; Property::ALL.len()],
    /// The sizes of those that are as short.
    as_short: [Vec<Size>; Property::ALL.len()],
}

impl Best {
    fn note(&mut self, property: Property, size: Size) {
        let (at, length) = (property as usize, size.0);
        if self.smallest[at].is_none_or(|best| length < best.0) {
            self.as_short[at].clear();
        }
        if self.smallest[at].is_none_or(|best| length <= best.0) {
            self.as_short[at].push(size);
        }
        self.smallest[at] = Some(self.smallest[at].map_or(size, |best| best.min(size)));
    }

    /// Every schedule that begins with what was played.
    fn all<S: Strategy>(&mut self, player: &mut Player<'_, S>, steps_max: usize) {
        if player.steps().len() == steps_max {
            return;
        }
        for made in player.enabled().expect("a function of its replies") {
            let mut next = player.clone();
            let violated = next.make(made).expect("a function of its replies").violated;
            violated.iter().for_each(|property| self.note(property, size(next.steps())));
            self.all(&mut next, steps_max);
        }
    }
}

struct Compare<'a> {
    scene: &'a Scene,
    steps_max: usize,
    differ: &'a mut [bool; 3],
}

impl Visitor for Compare<'_> {
    /// How many counterexamples were compared.
    type Output = usize;

    fn visit<S: Strategy>(self, strategy: &S) -> usize {
        let found = explore(strategy, self.scene, &Options::default()).expect("pure");
        let mut best = Best::default();
        best.all(&mut Player::new(strategy, self.scene.clone()), self.steps_max);
        let mut compared = 0;
        for property in Property::ALL {
            let explored = found.counterexample(property).map(|it| size(&it.steps));
            let explored = explored.filter(|it| it.0 <= self.steps_max);
            let brute = best.smallest[property as usize];
            // Without requests for another key it may even be shorter.
            let is_shorter = self.scene.keys > 1 && explored.is_some() && explored < brute;
            assert!(explored == brute || is_shorter, "{property} in {:?}", self.scene);
            compared += usize::from(brute.is_some());
            for other in &best.as_short[property as usize] {
                for (at, differs) in self.differ.iter_mut().enumerate() {
                    *differs |= brute.is_some_and(|brute| other.1[at] > brute.1[at]);
                }
            }
        }
        compared
    }
}

#[test]
fn no_schedule_is_shorter_or_has_fewer_actors_keys_or_faults() {
    let none = Faults::default();
    let all = Faults { evict: 1, expire: 1, crash: 1, lose: 1, miss: 1, time_out: 1 };
    let mut differ = [false; 3];
    let mut compared = 0;
    for (scene, steps_max) in [
        (Scene::new(1, 1, 1, 1), 6),
        (Scene::new(1, 1, 2, 1), 6),
        (Scene::new(2, 1, 1, 1).with(Faults { lose: 1, evict: 1, ..none }), 5),
        (Scene::new(1, 2, 2, 2), 5),
        (Scene::new(2, 1, 2, 1), 5),
        (Scene::new(1, 1, 1, 1).with_replicas(1), 6),
        (Scene::new(1, 1, 1, 1).with(all), 4),
    ] {
        for info in ALL {
            let compare = Compare { scene: &scene, steps_max, differ: &mut differ };
            compared += choice(info).visit(compare);
        }
    }
    assert!(compared > 60, "{compared}");
    // Otherwise any of the shortest would have done.
    assert!(differ[0] && differ[2], "actors, keys, faults: {differ:?}");
}

#[test]
fn requests_that_only_come_before_those_that_matter_are_left_out() {
    let scene = Scene { cache_nodes: 2, ..Scene::new(1, 2, 2, 2) };
    let delete_first = ALL.iter().find(|info| info.name == "delete-before-write");
    let explored = choice(delete_first.expect("it is built in")).visit(Exploring(&scene));
    let found = explored.counterexample(Property::NoStaleRead).expect("it loses that race");
    assert_eq!(size(&found.steps), (6, [2, 1, 0]));
}

struct Exploring<'a>(&'a Scene);

impl Visitor for Exploring<'_> {
    type Output = stalelab::explorer::Exploration;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        explore(strategy, self.0, &Options::default()).expect("pure")
    }
}

/// Caches nothing until somebody, of whichever key, has written; deletes never. The mark that
/// somebody has is never out of date.
struct CachesAfterAWrite;

const MARK: Key = Key(0);
const MARKED: Row = Row::new(Version(u32::MAX));

impl Strategy for CachesAfterAWrite {
    async fn read(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let mark = io.cache.get(MARK).await?;
        let row = io.db.read(key).await?;
        if mark.is_some() && key != MARK {
            io.cache.set(key, row, Span::FOREVER).await?;
        }
        Ok(row)
    }

    async fn write(&self, io: &mut Io<'_>, key: Key) -> Outcome {
        let row = io.db.write(key).await?;
        io.cache.set(MARK, MARKED, Span::FOREVER).await?;
        Ok(row)
    }
}

#[test]
fn of_races_that_need_a_write_of_any_key_the_one_with_a_single_key_is_told() {
    let mut differ = [false; 3];
    let of = |write, key| vec![Request { write, key: Key(key) }];
    let mut sessions = vec![of(true, 2), of(false, 1), of(true, 1), of(true, 1)];
    // In whichever order they are tried.
    for _ in 0..sessions.len() {
        sessions.rotate_left(1);
        let scene = Scene { sessions: sessions.clone(), keys: 3, ..Scene::new(0, 0, 0, 1) };
        let compare = Compare { scene: &scene, steps_max: 7, differ: &mut differ };
        assert!(compare.visit(&CachesAfterAWrite) > 0);
    }
    assert!(differ[1], "only schedules of one key: any of the shortest would have done");
}
