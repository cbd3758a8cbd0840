//! The explorer's counterexamples against every schedule there is: none is shorter, and none of the
//! same length has fewer actors, keys or faults.

use stalelab::explorer::{Options, explore};
use stalelab::schedule::{Act, Faults, Move, Player, Property, Scene, Step};
use stalelab::strategies::{ALL, Visitor};
use stalelab::strategy::Strategy;

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
            assert_eq!(explored, brute, "{property} in {:?}", self.scene);
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
