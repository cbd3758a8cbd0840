//! What consistency costs: stale reads against read latency, and against database load.

use super::frame::{Titles, axes, frame};
use super::labels::{Placed, distance, points_between};
use super::named::{MARK, Named, named};
use super::page::{Heading, Page};
use super::plot::{Mark, Plot};
use super::run::{Measured, Run};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Area, Drawing, Look, Style};
use crate::report::number::with_half_width;

const STALE: &str = "stale_read_ratio";

/// A variant's place on both axes.
struct Point {
    index: usize,
    cost: Measured,
    stale: Measured,
}

impl Point {
    fn new(run: &Run, index: usize, cost: Cost) -> Option<Point> {
        let variant = &run.variants[index];
        let (cost, stale) = (variant.metric(cost.metric())?, variant.metric(STALE)?);
        Some(Point { index, cost, stale })
    }
}

/// What may be on the other axis.
#[derive(Clone, Copy)]
pub(super) enum Cost {
    Latency,
    Load,
}

impl Cost {
    const fn metric(self) -> &'static str {
        match self {
            Cost::Latency => "read_latency_p99_ms",
            Cost::Load => "db_reads_per_s",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Cost::Latency => "p99 of read latency",
            Cost::Load => "reads at the database per second",
        }
    }

    const fn least(self) -> &'static str {
        match self {
            Cost::Latency => "the lowest p99",
            Cost::Load => "fewest database reads",
        }
    }

    fn tick(self, value: f64) -> String {
        match self {
            Cost::Latency => words::time_tick(value),
            Cost::Load => words::tick(value),
        }
    }

    /// A value in words, with its unit.
    fn amount(self, value: f64) -> String {
        match self {
            Cost::Latency => format!("a p99 of {}", words::time(value)),
            Cost::Load => format!("{} database reads/s", words::digits(value, 3)),
        }
    }

    /// A difference, with half its interval.
    fn more(self, more: f64, half: f64) -> String {
        match self {
            Cost::Latency => format!("{} more p99", words::time_give_or_take(more, half)),
            Cost::Load => format!("{} more database reads/s", with_half_width(more, half)),
        }
    }
}

pub(super) fn draw(run: &Run, style: Style, cost: Cost) -> Result<Drawing, NotDrawn> {
    let points: Vec<Point> =
        (0..run.variants.len()).filter_map(|index| Point::new(run, index, cost)).collect();
    if points.len() < 2 {
        return Err(NotDrawn("fewer than two variants have both figures in a steady state".into()));
    }
    let frontier = frontier(&points);
    let subtitle = format!(
        "Stale reads against the {}, {} per variant. Dashed: what no other variant beats in both. \
         Crosses: {}{}; hollow: none seen, at most that.{}{}",
        cost.title(),
        words::reads_each(run),
        words::uncertainty(run, STALE),
        // Batches of a single one tell nothing of percentiles.
        if points.iter().all(|it| it.cost.interval.is_none()) {
            ", of stale reads only"
        } else {
            ""
        },
        words::failing(run),
        left_out(run, &points),
    );
    let heading = Heading { title: title(run, &points, &frontier, cost), subtitle };
    let mut page = Page::new(run, style, heading);
    let plot = plot(&page, &points, cost);
    let x = format!("{} (← better)", cost.title());
    axes(&mut page, &plot, Titles { x: &x, y: Y_TITLE });
    let steps = stairs(&points, &frontier);
    if steps.len() > 1 {
        let line = plot.draw(&Mark::Line(steps, 3.0, page.theme.context(), &[3.0, 2.0]));
        page.svg.raw(&line);
    }
    let looks = run.looks(style.theme);
    let labels = labels(&plot, run, &points, &frontier);
    let at = labels.iter().filter_map(|it| {
        let point = &points[it.point];
        Some((plot.at(point.cost.mean, point.stale.mean), it.placed.leader?))
    });
    for (from, to) in at.collect::<Vec<_>>() {
        page.rule(from, to, 1.8, page.theme.context());
        // Where it begins, it is below its point.
        let begun = |at: &(f64, f64)| distance(*at, from) > MARK;
        for (x, y) in points_between(from, to, 7.0).filter(begun) {
            let area = Area { left: x - 0.5, top: y - 0.5, right: x + 0.5, bottom: y + 0.5 };
            page.obstacle("leader", area);
        }
    }
    for point in &points {
        mark(&mut page, &plot, point, looks[point.index]);
    }
    for Named { name, placed: Placed { area, .. }, size, .. } in labels {
        page.say((area.left, area.top + size * 0.84), &name, page.bold(size));
    }
    let said = points.iter().map(|point| {
        let name = &run.variants[point.index].name;
        let stale = match point.stale.is_bound() {
            true => {
                format!("no stale read seen, at most {}", words::percent(point.stale.range().1))
            }
            false => words::percent(point.stale.mean),
        };
        format!("{name}: {stale} at {}.", cost.amount(point.cost.mean))
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

const Y_TITLE: &str = "stale reads (↓ better)";

/// Which variants have no place, and why.
fn left_out(run: &Run, points: &[Point]) -> String {
    let without = run.variants.iter().enumerate();
    let without = without.filter(|(index, _)| !points.iter().any(|it| it.index == *index));
    let words = without
        .map(|(_, it)| format!(" Not shown: {} ({}).", words::short(&it.name), words::missing(it)));
    words.collect()
}

fn plot(page: &Page, points: &[Point], cost: Cost) -> Plot {
    let costs = || points.iter().map(|it| it.cost.range());
    let low = costs().map(|it| it.0).fold(f64::INFINITY, f64::min);
    let high = costs().map(|it| it.1).fold(0.0, f64::max);
    let x = match high > 10.0 * low && low > 0.0 {
        true => Scale::log(low, high, |value| cost.tick(value)),
        false => Scale::linear(0.0, high * 1.1, |value| cost.tick(value)),
    };
    // An interval that reaches 0 ends in the place for it; a bound needs none of its own.
    let ends = points.iter().flat_map(|it| match it.stale.is_bound() {
        true => [it.stale.range().1; 2],
        false => [it.stale.range().0, it.stale.mean],
    });
    let least = ends.filter(|it| *it > 0.0).fold(f64::INFINITY, f64::min);
    let most = points.iter().map(|it| it.stale.range().1).fold(0.0, f64::max);
    let y = match least.is_finite() && most > 20.0 * least {
        true => Scale::log_and_zero(least.max(most * 1e-9), most, words::percent_tick),
        false => {
            Scale::linear(0.0, if most > 0.0 { most * 1.1 } else { 0.01 }, words::percent_tick)
        }
    };
    // Names of points at the right need room.
    let area = Area { right: page.body.right - 40.0, ..page.body };
    frame(area, x, y, Titles { x: cost.title(), y: Y_TITLE })
}

fn mark(page: &mut Page, plot: &Plot, point: &Point, look: Look) {
    let at = plot.at(point.cost.mean, point.stale.mean);
    page.point(at, MARK, look, point.stale.is_bound());
    let color = page.theme.ink();
    for (from, to) in whiskers(plot, point) {
        // Seen on the point too, however short.
        page.rule(from, to, 5.0, look.color);
        page.rule(from, to, 1.6, color);
        let (dx, dy) = if from.0 == to.0 { (7.0, 0.0) } else { (0.0, 7.0) };
        for (x, y) in [from, to] {
            page.rule((x - dx, y - dy), (x + dx, y + dy), 2.5, color);
        }
    }
}

/// The intervals of a point as lines, if it has any.
fn whiskers(plot: &Plot, point: &Point) -> Vec<((f64, f64), (f64, f64))> {
    let (x, y) = plot.at(point.cost.mean, point.stale.mean);
    let mut lines = Vec::new();
    if let Some((low, high)) = point.cost.interval {
        lines.push(((plot.x_at(low), y), (plot.x_at(high), y)));
    }
    if let Some((low, high)) = point.stale.interval {
        lines.push(((x, plot.y_at(low.max(0.0))), (x, plot.y_at(high))));
    }
    lines
}

/// Names beside their points.
fn labels(plot: &Plot, run: &Run, points: &[Point], frontier: &[usize]) -> Vec<Named> {
    let at: Vec<(f64, f64)> =
        points.iter().map(|it| plot.at(it.cost.mean, it.stale.mean)).collect();
    let names: Vec<String> =
        points.iter().map(|it| words::short(&run.variants[it.index].name)).collect();
    let area = Area { bottom: plot.area.bottom - 4.0, ..plot.area };
    named(&at, &names, area, &drawn_lines(plot, points, frontier))
}

/// The room that lines take: the frontier's, and those of the intervals.
fn drawn_lines(plot: &Plot, points: &[Point], frontier: &[usize]) -> Vec<Area> {
    let line = |((x, y), (to_x, to_y)): ((f64, f64), (f64, f64))| Area {
        left: x.min(to_x) - 3.0,
        top: y.min(to_y) - 3.0,
        right: x.max(to_x) + 3.0,
        bottom: y.max(to_y) + 3.0,
    };
    let stairs: Vec<(f64, f64)> =
        stairs(points, frontier).iter().map(|(x, y)| plot.at(*x, *y)).collect();
    let lines = stairs.windows(2).map(|pair| line((pair[0], pair[1])));
    lines.chain(points.iter().flat_map(|it| whiskers(plot, it)).map(line)).collect()
}

/// The points that no other beats in both, by cost.
fn frontier(points: &[Point]) -> Vec<usize> {
    let beats = |one: &Point, other: &Point| {
        let (a, b) = ((one.cost.mean, one.stale.mean), (other.cost.mean, other.stale.mean));
        a.0 <= b.0 && a.1 <= b.1 && a != b
    };
    let mut kept: Vec<usize> = (0..points.len())
        .filter(|index| !points.iter().any(|other| beats(other, &points[*index])))
        .collect();
    kept.sort_by(|a, b| points[*a].cost.mean.total_cmp(&points[*b].cost.mean));
    kept
}

/// The frontier as a line of stairs.
fn stairs(points: &[Point], frontier: &[usize]) -> Vec<(f64, f64)> {
    let at = |index: &usize| (points[*index].cost.mean, points[*index].stale.mean);
    super::lines::stairs(&frontier.iter().map(at).collect::<Vec<_>>())
}

/// What the freshest variant saves against the cheapest, and what it costs, as far as the
/// replications show it.
fn title(run: &Run, points: &[Point], frontier: &[usize], cost: Cost) -> String {
    let neutral = || "What consistency costs".to_owned();
    // That a database without a cache is fresh is no finding.
    let cached = |it: &&usize| run.variants[points[**it].index].strategy != "no-cache";
    let (Some(cheap), Some(fresh)) = (frontier.first(), frontier.iter().rfind(cached)) else {
        return neutral();
    };
    let (cheap, fresh) = (&points[*cheap], as_fresh(run, points, &points[*fresh]));
    let name = |point: &Point| words::short(&run.variants[point.index].name);
    if cheap.index == fresh.index {
        let others = || points.iter().filter(|it| it.index != fresh.index);
        let best = |metric: &str| others().all(|it| run.is_less(metric, fresh.index, it.index));
        return match best(STALE) && best(cost.metric()) {
            true => format!("{}: fewest stale reads and {}", name(fresh), cost.least()),
            false => neutral(),
        };
    }
    if !run.is_less(STALE, fresh.index, cheap.index) {
        return neutral();
    }
    let saved = match run.times_at_least(STALE, cheap.index, fresh.index) {
        Some(times) => {
            let times = words::times_at_least(times);
            format!("at least {times} fewer stale reads than {}", name(cheap))
        }
        None if fresh.stale.mean > 0.0 => format!("fewer stale reads than {}", name(cheap)),
        None => format!("no stale read seen, unlike {}", name(cheap)),
    };
    let price = run.difference(cost.metric(), fresh.index, cheap.index);
    let price = price.and_then(|it| Some((it.mean, it.ci95?)));
    let price = match price {
        Some((more, (low, high))) if low > 0.0 => {
            format!("for {}", cost.more(more, (high - low) / 2.0))
        }
        _ => "at a cost that does not show".to_owned(),
    };
    format!("{}: {saved}, {price}", name(fresh))
}

/// The cheapest of the variants that may be as fresh as the freshest: the replications do not tell
/// them apart.
fn as_fresh<'a>(run: &Run, points: &'a [Point], freshest: &'a Point) -> &'a Point {
    let alike = points.iter().filter(|it| {
        run.variants[it.index].strategy != "no-cache"
            && freshest.stale.mean > 0.0
            && run.may_be_as_little(STALE, freshest.index, it.index)
    });
    alike.min_by(|a, b| a.cost.mean.total_cmp(&b.cost.mean)).unwrap_or(freshest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(index: usize, cost: f64, stale: f64) -> Point {
        let measured = |mean| Measured { mean, interval: None, replications: 2.0 };
        Point { index, cost: measured(cost), stale: measured(stale) }
    }

    proptest! {
        #[test]
        fn the_frontier_is_what_nothing_dominates(
            places in proptest::collection::vec((0u32..6, 0u32..6), 1..9),
        ) {
            let points: Vec<Point> = places
                .iter()
                .enumerate()
                .map(|(index, (x, y))| point(index, f64::from(*x), f64::from(*y)))
                .collect();
            let found = frontier(&points);
            for (index, (x, y)) in places.iter().enumerate() {
                let dominated = places.iter().any(|(a, b)| a <= x && b <= y && (a, b) != (x, y));
                prop_assert_eq!(found.contains(&index), !dominated);
            }
            // The line falls: what is drawn on it is not beaten by what is drawn beside it.
            let drawn = stairs(&points, &found);
            prop_assert!(drawn.windows(2).all(|pair| pair[1].1 <= pair[0].1));
        }
    }
}
