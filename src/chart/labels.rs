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

/// A label of a point: where its upper left corner goes, and whether it is away from its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) away: bool,
}

/// Places for labels of points, in order: beside the point if there is room, else in the nearest
/// room there is. None if there is none for one of them.
pub(super) fn beside(
    points: &[(f64, f64)],
    sizes: &[(f64, f64)],
    gap: f64,
    area: Area,
    mut taken: Vec<Area>,
) -> Option<Vec<Placed>> {
    taken.extend(points.iter().map(|(x, y)| Area {
        left: x - gap,
        top: y - gap,
        right: x + gap,
        bottom: y + gap,
    }));
    let mut placed = Vec::new();
    for (&(x, y), &(width, height)) in points.iter().zip(sizes) {
        let box_at =
            |left: f64, top: f64| Area { left, top, right: left + width, bottom: top + height };
        let is_free = |box_: &Area| {
            box_.left >= area.left
                && box_.right <= area.right
                && box_.top >= area.top
                && box_.bottom <= area.bottom
                && !taken.iter().any(|other| other.overlaps(box_))
        };
        let near = candidates().map(|(dx, dy)| {
            let left = x + dx * gap
                - width * f64::from(u8::from(dx < 0.0))
                - width / 2.0 * f64::from(u8::from(dx == 0.0));
            let top = y + dy * gap
                - height * f64::from(u8::from(dy < 0.0))
                - height / 2.0 * f64::from(u8::from(dy == 0.0));
            box_at(left, top)
        });
        let found = near.into_iter().find(is_free).map(|it| (it, false));
        let found = found.or_else(|| {
            let steps = |from: f64, to: f64, step: f64| {
                (0..)
                    .map(move |index| from + step * f64::from(index))
                    .take_while(move |at| *at <= to)
            };
            let anywhere = steps(area.top, area.bottom - height, height / 2.0).flat_map(|top| {
                steps(area.left, area.right - width, 20.0).map(move |left| (left, top))
            });
            let away = |it: &Area| {
                let dx = (it.left - x).max(x - it.right).max(0.0);
                let dy = (it.top - y).max(y - it.bottom).max(0.0);
                dx * dx + dy * dy
            };
            anywhere
                .map(|(left, top)| box_at(left, top))
                .filter(is_free)
                .min_by(|a, b| away(a).total_cmp(&away(b)))
                .map(|it| (it, true))
        });
        let (found, away) = found?;
        taken.push(found);
        placed.push(Placed { left: found.left, top: found.top, away });
    }
    Some(placed)
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
        fn labels_of_points_do_not_touch(
            points in proptest::collection::vec((0.0..900.0_f64, 0.0..500.0_f64), 2..13),
        ) {
            let area = Area { left: 0.0, top: 0.0, right: 1_000.0, bottom: 600.0 };
            let sizes = vec![(300.0, 30.0); points.len()];
            let placed = beside(&points, &sizes, 14.0, area, Vec::new());
            let Some(placed) = placed else { return Ok(()) };
            let boxes: Vec<Area> = placed.iter().map(|it| Area {
                left: it.left, top: it.top, right: it.left + 300.0, bottom: it.top + 30.0,
            }).collect();
            for (index, one) in boxes.iter().enumerate() {
                prop_assert!(one.left >= 0.0 && one.right <= 1_000.0);
                prop_assert!(!boxes[..index].iter().any(|other| other.overlaps(one)));
            }
        }
    }

    #[test]
    fn a_label_with_room_is_where_it_wants_to_be() {
        assert_eq!(spread(&[300.0, 100.0], 30.0, 0.0, 400.0), [300.0, 100.0]);
        assert_eq!(spread(&[100.0, 100.0], 30.0, 0.0, 400.0), [85.0, 115.0]);
    }
}
