//! Keys over time: when each of the most popular ones was written, and when old rows of it were
//! read. One replication: what happened, not what happens on average.

use super::lines::{Titles, axes, frame};
use super::page::{Heading, LABEL, Page, TICK, fit};
use super::plot::Plot;
use super::run::{Run, StaleKey, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Area, Drawing, Style, Weight};

/// So many variants have room below each other.
const PANELS_MAX: usize = 3;

/// Consecutive intervals in which a key's old rows were read.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spell {
    key: u32,
    from_s: f64,
    to_s: f64,
}

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let width_s = bucket_s(run).ok_or_else(|| NotDrawn("the run has no timeline".into()))?;
    let mut shown: Vec<(&Variant, Vec<Spell>)> = run
        .variants
        .iter()
        .map(|variant| (variant, spells(&variant.stale_keys, width_s)))
        .filter(|(_, spells)| !spells.is_empty())
        .collect();
    if shown.is_empty() {
        let message = "no stale read of a popular key in the first replication";
        return Err(NotDrawn(message.into()));
    }
    let total = |spells: &[Spell]| spells.iter().map(|it| it.to_s - it.from_s).sum::<f64>();
    shown.sort_by(|(_, a), (_, b)| total(b).total_cmp(&total(a)));
    let left_out = shown.len().saturating_sub(PANELS_MAX);
    let without = run.variants.len() - shown.len();
    shown.truncate(PANELS_MAX);
    let mut notes = String::new();
    if left_out > 0 {
        notes.push_str(&format!(" {} with less left out.", words::many(left_out, "variant")));
    }
    if without > 0 {
        notes.push_str(&format!(" {} without any.", words::many(without, "variant")));
    }
    let subtitle = format!(
        "The most popular keys in the first replication, in intervals of {}. Filled: old rows were \
         read. Ticks above: commits.{notes}",
        words::time(width_s * 1e3),
    );
    let parameters = super::parameters::workload(run);
    let mut page = Page::new(run, style, Heading { title: title(&shown), subtitle, parameters });
    let body = page.body;
    let height = (body.height() - TICK * 2.8) / shown.len() as f64;
    for (index, (variant, spells)) in shown.iter().enumerate() {
        let top = body.top + height * index as f64;
        let is_last = index + 1 == shown.len();
        let bottom = if is_last { body.bottom } else { top + height };
        let area = Area { left: body.left, top, right: body.right - 20.0, bottom };
        panel(&mut page, run, variant, spells, (area, is_last, width_s));
    }
    let said = shown.iter().map(|(variant, spells)| {
        format!("{}: old rows for {}.", variant.name, words::time(total(spells) * 1e3))
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

/// How long an interval of the timeline is, in seconds.
fn bucket_s(run: &Run) -> Option<f64> {
    let timeline = run.variants.iter().map(|it| &it.timeline).find(|it| it.len() > 1)?;
    Some(timeline[1].start_s - timeline[0].start_s)
}

/// The runs of intervals with stale reads, per key.
fn spells(cells: &[StaleKey], width_s: f64) -> Vec<Spell> {
    let mut stale: Vec<&StaleKey> = cells.iter().filter(|cell| cell.stale_reads > 0.0).collect();
    stale.sort_by(|a, b| a.key.cmp(&b.key).then(a.start_s.total_cmp(&b.start_s)));
    let mut spells: Vec<Spell> = Vec::new();
    for cell in stale {
        let (key, from_s, to_s) = (cell.key, cell.start_s, cell.start_s + width_s);
        match spells.last_mut() {
            // The ends are sums of the same width: half of it is no interval between.
            Some(last) if last.key == key && from_s - last.to_s < width_s / 2.0 => last.to_s = to_s,
            _ => spells.push(Spell { key, from_s, to_s }),
        }
    }
    spells
}

fn panel(
    page: &mut Page,
    run: &Run,
    variant: &Variant,
    spells: &[Spell],
    (area, is_last, width_s): (Area, bool, f64),
) {
    let keys = variant.stale_keys.iter().map(|cell| cell.key + 1).max().unwrap_or(1);
    let end_s = run.warmup_s + run.duration_s;
    let mut x = Scale::exact(0.0, end_s, |s| words::time_tick(s * 1e3));
    if !is_last {
        x.ticks.iter_mut().for_each(|(_, name)| name.clear());
    }
    // The most popular key is at the top.
    let rows = f64::from(keys);
    let mut y = Scale::exact(0.0, rows, |_| String::new());
    y.ticks = vec![(0.5, format!("key {}", keys - 1)), (rows - 0.5, "key 0".to_owned())];
    y.ticks.truncate(if keys == 1 { 1 } else { 2 });
    let titles = Titles { x: if is_last { "virtual time" } else { "" }, y: " " };
    let plot = frame(area, x, y, titles);
    axes(page, &plot, Titles { y: "", ..titles });
    let name = fit(&words::short(&variant.name), plot.area.width() * 0.6, LABEL, Weight::SemiBold);
    page.say((plot.area.left, plot.area.top - TICK * 0.6), &name, page.bold(LABEL));
    let row_height = plot.area.height() / rows;
    let top = |key: u32| plot.area.top + f64::from(key) * row_height;
    let place = |s: f64| plot.x_at(s.clamp(0.0, end_s));
    for spell in spells {
        let (left, right) = (place(spell.from_s), place(spell.to_s));
        let corner = (left, top(spell.key) + row_height * 0.34);
        let size = ((right - left).max(2.0), row_height * 0.5);
        page.svg.rectangle(corner, size, 1.0, page.theme.stale(), 1.0);
    }
    for cell in variant.stale_keys.iter().filter(|cell| cell.commits > 0.0) {
        commit(page, &plot, place(cell.start_s + width_s / 2.0), (top(cell.key), row_height));
    }
}

/// A tick where a key was written.
fn commit(page: &mut Page, plot: &Plot, x: f64, (top, row_height): (f64, f64)) {
    let x = x.min(plot.area.right);
    page.rule((x, top + row_height * 0.08), (x, top + row_height * 0.3), 2.0, page.theme.truth());
}

/// The longest time for which old rows of a key were read without a break.
fn title(shown: &[(&Variant, Vec<Spell>)]) -> String {
    let all = shown.iter().flat_map(|(variant, spells)| spells.iter().map(move |it| (variant, it)));
    let longest = all.max_by(|(_, a), (_, b)| {
        (a.to_s - a.from_s).total_cmp(&(b.to_s - b.from_s)).then(b.key.cmp(&a.key))
    });
    match longest {
        Some((variant, spell)) => format!(
            "{}: old rows of key {} for {} on end",
            words::short(&variant.name),
            spell.key,
            words::time((spell.to_s - spell.from_s) * 1e3)
        ),
        None => "When old rows were read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_are_runs_of_intervals_of_one_key() {
        let cell = |key, start_s, stale_reads| StaleKey {
            key,
            start_s,
            commits: 0.0,
            stale_reads,
            age_max_ms: 1.0,
        };
        let cells = [
            cell(1, 0.4, 2.0),
            cell(0, 0.0, 1.0),
            cell(0, 0.2, 3.0),
            cell(0, 0.4, 0.0),
            cell(0, 0.6, 1.0),
        ];
        let found = spells(&cells, 0.2);
        let spell = |key, from_s: f64, to_s: f64| Spell { key, from_s, to_s };
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], spell(0, 0.0, 0.4));
        assert_eq!((found[1].key, found[1].from_s), (0, 0.6));
        assert_eq!(found[2].key, 1);
    }
}
