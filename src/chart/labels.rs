//! Where labels go so that none covers another and none leaves its area.

use crate::picture::Area;

/// Heights for labels that would like to be at `wanted`, each so far from the next, within an
/// area: moved as little as that takes. In the order they came.
pub(super) fn spread(wanted: &[f64], apart: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]).then(a.cmp(b)));
    let apart = apart.min((bottom - top) / wanted.len().max(1) as f64);
    // Blocks of labels that touch: where the first wants to be on average, and how many.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    let least = top + apart / 2.0;
    for index in &order {
        let mut block = (wanted[*index], 1);
        while let Some(&(at, many)) = blocks.last() {
            if at + apart * many as f64 <= block.0 {
                break;
            }
            blocks.pop();
            let both = many + block.1;
            let moved = block.0 - apart * many as f64;
            block = ((at * many as f64 + moved * block.1 as f64) / both as f64, both);
        }
        let most = bottom - apart / 2.0 - apart * (block.1 - 1) as f64;
        block.0 = block.0.min(most).max(least);
        blocks.push(block);
    }
    settle(&mut blocks, apart, least, bottom - apart / 2.0);
    let places =
        blocks.iter().flat_map(|(at, many)| (0..*many).map(move |step| at + apart * step as f64));
    let mut heights = vec![0.0; wanted.len()];
    order.iter().zip(places).for_each(|(index, at)| heights[*index] = at);
    heights
}

/// Blocks that were moved into the area may touch others again.
fn settle(blocks: &mut [(f64, usize)], apart: f64, least: f64, most: f64) {
    let mut limit = most;
    for (at, many) in blocks.iter_mut().rev() {
        *at = at.min(limit - apart * (*many - 1) as f64);
        limit = *at - apart;
    }
    let mut limit = least;
    for (at, many) in blocks.iter_mut() {
        *at = at.max(limit);
        limit = *at + apart * *many as f64;
    }
}

/// A label of a point: where it goes, and the end of a line to it if it is away from its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    pub(super) area: Area,
    pub(super) leader: Option<(f64, f64)>,
}

/// Places for labels of points, in order: beside the point if there is room, else in the nearest
/// room there is that a straight line leads to. Labels avoid all points, each other, each other's
/// lines, and what is taken. None if there is no room for one of them.
pub(super) fn beside(
    points: &[(f64, f64)],
    sizes: &[(f64, f64)],
    gap: f64,
    area: Area,
    taken: &[Area],
) -> Option<Vec<Placed>> {
    let around = |(x, y): &(f64, f64), gap: f64| Area {
        left: x - gap,
        top: y - gap,
        right: x + gap,
        bottom: y + gap,
    };
    let dots: Vec<Area> = points.iter().map(|point| around(point, gap)).collect();
    let mut placed: Vec<Placed> = Vec::new();
    for (index, (&point, &size)) in points.iter().zip(sizes).enumerate() {
        let is_free = |it: &Area| {
            let apart = |other: &Area| !other.overlaps(it);
            it.left >= area.left
                && it.right <= area.right
                && it.top >= area.top
                && it.bottom <= area.bottom
                && taken.iter().all(apart)
                && dots.iter().all(apart)
                && placed.iter().all(|other| apart(&other.area))
                && placed
                    .iter()
                    .enumerate()
                    .all(|(of, other)| other.leader.is_none_or(|to| !crosses(points[of], to, it)))
        };
        let is_clear = |to: (f64, f64)| {
            let missed = |it: &Area| !crosses(point, to, it);
            let others = points.iter().enumerate().filter(|(other, _)| *other != index);
            // A point that overlaps this one is not in the way.
            let others =
                others.filter(|(_, it)| !around(it, gap * 1.2).overlaps(&around(&point, 1.0)));
            let leaders =
                placed.iter().zip(points).filter_map(|(it, from)| Some((*from, it.leader?)));
            placed.iter().all(|other| missed(&other.area))
                && others.into_iter().all(|(_, it)| missed(&around(it, gap * 0.6)))
                && leaders.into_iter().all(|other| is_apart((point, to), other, gap))
        };
        // Right beside another point it would seem to be that one's.
        let is_own = |it: &Area| {
            let others = points.iter().enumerate().filter(|(other, _)| *other != index);
            let at_own = |other: &(f64, f64)| distance(*other, point) < 2.0 * gap;
            others
                .filter(|(_, other)| !at_own(other))
                .all(|(_, other)| !around(other, 2.0 * gap).overlaps(it))
        };
        let near = candidates().map(|direction| next_to(point, direction, size, gap));
        let found = near.into_iter().find(|it| is_free(it) && is_own(it));
        let found = found.map(|area| Placed { area, leader: None });
        let found = found.or_else(|| {
            let away = |it: &Area| distance(point, nearest(it, point));
            let rooms = anywhere(area, size).filter(is_free);
            let mut rooms: Vec<Area> = rooms.filter(is_own).collect();
            rooms.sort_by(|a, b| away(a).total_cmp(&away(b)));
            let led = rooms.into_iter().map(|area| (area, led_to(&area, point)));
            let found = led.into_iter().find(|(_, to)| is_clear(*to));
            found.map(|(area, to)| Placed { area, leader: Some(to) })
        });
        placed.push(found?);
    }
    Some(placed)
}

/// The point of an area that is nearest to another point.
fn nearest(area: &Area, (x, y): (f64, f64)) -> (f64, f64) {
    (x.clamp(area.left, area.right), y.clamp(area.top, area.bottom))
}

/// Lines to labels are so far apart.
const LEAST_APART: f64 = 6.0;
/// A line to the side of a label comes from at least so far beside it.
const LEAST_LED: f64 = 10.0;

/// Where a line from a point meets a label: at the middle of a side, or straight from above or
/// below.
fn led_to(area: &Area, (x, y): (f64, f64)) -> (f64, f64) {
    // Beside it, and not along its edge.
    if x > area.left - LEAST_LED && x < area.right + LEAST_LED {
        return nearest(area, (x, y));
    }
    (x.clamp(area.left, area.right), 0.5 * (area.top + area.bottom))
}

/// Whether two lines to labels keep apart, but for where they begin.
fn is_apart(
    (from, to): ((f64, f64), (f64, f64)),
    (other_from, other_to): ((f64, f64), (f64, f64)),
    gap: f64,
) -> bool {
    let along = |from, to| points_between(from, to, 4.0).chain([to]);
    let begun = |at: &(f64, f64)| distance(*at, from) > gap && distance(*at, other_from) > gap;
    let others: Vec<(f64, f64)> = along(other_from, other_to).filter(begun).collect();
    let far = |at: (f64, f64)| others.iter().all(|other| distance(at, *other) > LEAST_APART);
    along(from, to).filter(begun).all(far)
}

pub(super) fn distance((x, y): (f64, f64), (to_x, to_y): (f64, f64)) -> f64 {
    ((x - to_x) * (x - to_x) + (y - to_y) * (y - to_y)).sqrt()
}

/// Points along a line, but for its ends.
pub(super) fn points_between(
    from: (f64, f64),
    to: (f64, f64),
    every: f64,
) -> impl Iterator<Item = (f64, f64)> {
    let steps = (distance(from, to) / every) as u32;
    (1..steps).map(move |step| {
        let part = f64::from(step) / f64::from(steps);
        (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
    })
}

/// Whether a line meets an area, but for where it ends.
fn crosses(from: (f64, f64), to: (f64, f64), area: &Area) -> bool {
    points_between(from, to, 4.0).any(|(x, y)| {
        x > area.left - 2.0 && x < area.right + 2.0 && y > area.top - 2.0 && y < area.bottom + 2.0
    })
}

/// The room beside a point in a direction.
fn next_to(
    (x, y): (f64, f64),
    (dx, dy): (f64, f64),
    (width, height): (f64, f64),
    gap: f64,
) -> Area {
    // By how much of its length it is before the point: none, half, or all.
    let before = |direction: f64| (1.0 - direction) / 2.0;
    let left = x + dx * gap - width * before(dx);
    let top = y + dy * gap - height * before(dy);
    Area { left, top, right: left + width, bottom: top + height }
}

/// Rooms of a size all over an area.
fn anywhere(area: Area, (width, height): (f64, f64)) -> impl Iterator<Item = Area> {
    let steps = |from: f64, to: f64, step: f64| {
        (0..).map(move |index| from + step * f64::from(index)).take_while(move |at| *at <= to)
    };
    steps(area.top, area.bottom - height, height / 2.0).flat_map(move |top| {
        steps(area.left, area.right - width, 20.0).map(move |left| Area {
            left,
            top,
            right: left + width,
            bottom: top + height,
        })
    })
}

/// The eight places beside a point, the best first.
fn candidates() -> [(f64, f64); 8] {
    [
        (1.0, 0.0),
        (-1.0, 0.0),
        (1.0, -1.0),
        (1.0, 1.0),
        (0.0, -1.0),
        (0.0, 1.0),
        (-1.0, -1.0),
        (-1.0, 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spread_labels_keep_their_distance_and_stay_inside(
            wanted in proptest::collection::vec(-50.0..500.0_f64, 1..13),
        ) {
            let mut heights = spread(&wanted, 30.0, 0.0, 400.0);
            heights.sort_by(f64::total_cmp);
            for pair in heights.windows(2) {
                prop_assert!(pair[1] - pair[0] >= 30.0 - 1e-6, "{heights:?}");
            }
            prop_assert!(heights[0] >= 15.0 - 1e-6, "{heights:?}");
            prop_assert!(heights[heights.len() - 1] <= 385.0 + 1e-6, "{heights:?}");
        }

        #[test]
        fn labels_of_points_do_not_touch_nor_do_lines_to_others_strike_them(
            points in proptest::collection::vec((0.0..900.0_f64, 0.0..500.0_f64), 2..13),
        ) {
            let area = Area { left: 0.0, top: 0.0, right: 1_000.0, bottom: 600.0 };
            let sizes = vec![(300.0, 30.0); points.len()];
            let placed = beside(&points, &sizes, 14.0, area, &[]);
            let Some(placed) = placed else { return Ok(()) };
            for (index, one) in placed.iter().enumerate() {
                prop_assert!(one.area.left >= 0.0 && one.area.right <= 1_000.0);
                for (of, other) in placed.iter().enumerate() {
                    prop_assert!(of == index || !other.area.overlaps(&one.area));
                    let struck = other.leader.is_some_and(|to| crosses(points[of], to, &one.area));
                    prop_assert!(of == index || !struck, "{one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_label_with_room_is_where_it_wants_to_be() {
        assert_eq!(spread(&[300.0, 100.0], 30.0, 0.0, 400.0), [300.0, 100.0]);
        assert_eq!(spread(&[100.0, 100.0], 30.0, 0.0, 400.0), [85.0, 115.0]);
    }
}
