//! Names of points: as large as there is room for, smaller or over lines before a name is left out,
//! and of points on one another together before that.

use super::labels::{Placed, beside, distance};
use super::words;
use crate::picture::{Area, Weight, text_width};

/// Half the width of a point.
pub(super) const MARK: f64 = 12.0;

/// A name and its place.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Whose it is: an index of a point.
    pub(super) point: usize,
    pub(super) name: String,
    pub(super) placed: Placed,
    /// Its font size.
    pub(super) size: f64,
}

/// The names of points at these places, in an area in which lines are drawn.
pub(super) fn named(at: &[(f64, f64)], names: &[String], area: Area, lines: &[Area]) -> Vec<Named> {
    let tries = [24.0, 21.0, 18.0, 16.0].map(|size| (size, lines));
    let tries: Vec<_> = tries.into_iter().chain([(18.0, &[][..]), (15.0, &[][..])]).collect();
    let place = |names: &[String]| {
        tries.iter().find_map(|(size, taken)| placed(at, names, *size, (area, taken)))
    };
    place(names).or_else(|| place(&together(at, names))).unwrap_or_default()
}

/// The names of this size that there are, all of them, if there is room.
fn placed(
    at: &[(f64, f64)],
    names: &[String],
    size: f64,
    (area, taken): (Area, &[Area]),
) -> Option<Vec<Named>> {
    let box_of = |name: &String| (text_width(name, size, Weight::SemiBold) + 4.0, size * 1.12);
    // What comes first takes the best places: in another order there may be room for all.
    orders(at).into_iter().find_map(|mut order| {
        order.retain(|it| !names[*it].is_empty());
        let (places, boxes): (Vec<_>, Vec<_>) =
            order.iter().map(|it| (at[*it], box_of(&names[*it]))).unzip();
        let found = beside(&places, &boxes, 20.0, area, taken)?;
        let named = order.iter().zip(found).map(|(point, placed)| Named {
            point: *point,
            name: names[*point].clone(),
            placed,
            size,
        });
        Some(named.collect())
    })
}

/// Orders to place names in: as they come, from below, from above, from either side, and back.
fn orders(at: &[(f64, f64)]) -> Vec<Vec<usize>> {
    let sorted = |by: fn(&(f64, f64)) -> f64| {
        let mut order: Vec<usize> = (0..at.len()).collect();
        order.sort_by(|a, b| by(&at[*a]).total_cmp(&by(&at[*b])));
        order
    };
    let orders = [sorted(|_| 0.0), sorted(|it| -it.1), sorted(|it| it.0)];
    let back = |order: Vec<usize>| order.into_iter().rev().collect();
    orders.into_iter().flat_map(|order| [order.clone(), back(order)]).collect()
}

/// The names of points: of those on one another, the first has that of all, and the others none.
fn together(at: &[(f64, f64)], names: &[String]) -> Vec<String> {
    let first = |of: usize| (0..of).find(|it| distance(at[*it], at[of]) < MARK).unwrap_or(of);
    let groups: Vec<usize> = (0..at.len()).map(first).collect();
    let name = |index: usize| {
        let all = (0..at.len()).filter(|it| groups[*it] == index);
        words::listed(&all.map(|it| names[it].clone()).collect::<Vec<_>>())
    };
    (0..at.len()).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_one_another_have_a_name_together_where_there_is_no_room() {
        let names: Vec<String> = (0..12).map(|it| format!("variant {it:02} of twelve")).collect();
        let area = Area { left: 0.0, top: 0.0, right: 900.0, bottom: 120.0 };
        let mut at = vec![(400.0, 60.0); 11];
        at.push((800.0, 60.0));
        let found = named(&at, &names, area, &[]);
        let found: Vec<(usize, &str)> = found.iter().map(|it| (it.point, &it.name[..])).collect();
        assert!(found.contains(&(0, "variant 00 of twelve and 10 others")), "{found:?}");
        assert!(found.contains(&(11, "variant 11 of twelve")) && found.len() == 2, "{found:?}");
    }
}
