//! Keys over time: when each of the most popular ones was written, when it was read, and when old
//! rows of it were. One replication: what happened, not what happens on average.

use std::cmp::Ordering;

use super::frame::{Titles, axes, frame, note};
use super::page::{Heading, LABEL, Page, TICK};
use super::plot::Plot;
use super::run::{Run, StaleKey, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Anchor, Area, Color, Drawing, Style, Text, Weight, text_width};

/// So many variants have room below each other.
const PANELS_MAX: usize = 4;
/// The share of the page that panels have at least, whatever is written above and below them.
const PANELS_SHARE: f64 = 0.62;
/// A panel is not lower, and neither is the row of a key.
const PANEL_LEAST: f64 = 190.0;
const ROW_LEAST: f64 = 9.0;
/// What a panel has above and below its rows.
const AROUND_ROWS: f64 = 60.0;

/// Consecutive intervals in which a key was read, or old rows of it were.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spell {
    key: u32,
    from_s: f64,
    to_s: f64,
}

impl Spell {
    fn length_s(&self) -> f64 {
        self.to_s - self.from_s
    }
}

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let width_s = bucket_s(run).ok_or_else(|| NotDrawn("the run has no timeline".into()))?;
    let stale = |variant: &Variant| spells(&variant.stale_keys, width_s, |it| it.stale_reads);
    let mut shown: Vec<(&Variant, Vec<Spell>)> = run
        .variants
        .iter()
        .map(|variant| (variant, stale(variant)))
        .filter(|(_, spells)| !spells.is_empty())
        .collect();
    if shown.is_empty() {
        let message = "no stale read of a popular key in the first replication";
        return Err(NotDrawn(message.into()));
    }
    let total = |spells: &[Spell]| spells.iter().map(Spell::length_s).sum::<f64>();
    shown.sort_by(|(_, a), (_, b)| total(b).total_cmp(&total(a)));
    let (_, height) = style.size.canvas();
    let height = height * PANELS_SHARE;
    let room = ((height / PANEL_LEAST) as usize).clamp(1, PANELS_MAX);
    let short = |it: &(&Variant, Vec<Spell>)| words::short(&it.0.name);
    let less: Vec<String> = shown.iter().skip(room).map(short).collect();
    let without = run.variants.len() - shown.len();
    shown.truncate(room);
    let rows = ((height / shown.len() as f64 - AROUND_ROWS) / ROW_LEAST) as u32;
    let mut notes = String::new();
    if !less.is_empty() {
        let less =
            if less.len() > 3 { words::many(less.len(), "variant") } else { less.join(", ") };
        notes.push_str(&format!(" Left out, with no more of it: {less}."));
    }
    if without > 0 {
        notes.push_str(&format!(" {} without any.", words::many(without, "variant")));
    }
    if run.warmup_s > 0.0 {
        notes.push_str(" Shaded: warm-up.");
    }
    let subtitle = format!(
        "The most popular keys in the first replication, in intervals of {}. Filled: at least one \
         stale read; grey: reads, all of them fresh. Ticks above: commits. Framed: the longest \
         without a break, of these keys.{notes}",
        words::time(width_s * 1e3),
    );
    let title = title(&shown, (rows, width_s, run.warmup_s));
    let mut page = Page::new(run, style, Heading { title, subtitle });
    let body = page.body;
    let height = (body.height() - TICK * 2.3) / shown.len() as f64;
    for (index, (variant, spells)) in shown.iter().enumerate() {
        let top = body.top + height * index as f64;
        let is_last = index + 1 == shown.len();
        let bottom = if is_last { body.bottom } else { top + height };
        let area = Area { left: body.left, top, right: body.right - 20.0, bottom };
        panel(&mut page, run, (variant, spells), (area, is_last), (rows, width_s));
    }
    let said = shown.iter().map(|(variant, spells)| {
        let longest = longest(spells, rows, run.warmup_s).map_or(0.0, |it| it.length_s());
        format!("{}: longest unbroken {}.", variant.name, words::time(longest * 1e3))
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

/// How long an interval of the timeline is, in seconds.
fn bucket_s(run: &Run) -> Option<f64> {
    let timeline = run.variants.iter().map(|it| &it.timeline).find(|it| it.len() > 1)?;
    Some(timeline[1].start_s - timeline[0].start_s)
}

/// The runs of intervals in which this is not zero, per key.
fn spells(cells: &[StaleKey], width_s: f64, count: fn(&StaleKey) -> f64) -> Vec<Spell> {
    let mut counted: Vec<&StaleKey> = cells.iter().filter(|cell| count(cell) > 0.0).collect();
    counted.sort_by(|a, b| a.key.cmp(&b.key).then(a.start_s.total_cmp(&b.start_s)));
    let mut spells: Vec<Spell> = Vec::new();
    for cell in counted {
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
    (variant, spells): (&Variant, &[Spell]),
    (area, is_last): (Area, bool),
    (rows, width_s): (u32, f64),
) {
    let end_s = run.warmup_s + run.duration_s;
    let mut x = Scale::exact(0.0, end_s, |s| words::time_tick(s * 1e3));
    if !is_last {
        x.ticks.iter_mut().for_each(|(_, name)| name.clear());
    }
    let titles = Titles { x: if is_last { "virtual time" } else { "" }, y: " " };
    let widest = text_width("key 99", TICK, Weight::Regular);
    let mut y = Scale::exact(0.0, 1.0, |_| String::new());
    y.ticks = vec![(0.0, "key 99".to_owned())];
    let mut plot = frame(area, x, y, titles);
    // The most popular one at the top.
    let known = variant.stale_keys.iter().map(|cell| cell.key + 1).max().unwrap_or(1);
    let keys = known.min(rows).max(1);
    let rows = f64::from(keys);
    plot.y = Scale::exact(0.0, rows, |_| String::new());
    plot.y.ticks = vec![(0.5, format!("key {}", keys - 1)), (rows - 0.5, "key 0".to_owned())];
    plot.y.ticks.truncate(if keys == 1 { 1 } else { 2 });
    let place = |s: f64| s.clamp(0.0, end_s);
    if run.warmup_s > 0.0 {
        let (left, width) = (plot.x_at(0.0), plot.x_at(run.warmup_s) - plot.x_at(0.0));
        let size = (width, plot.area.height());
        page.svg.rectangle((left, plot.area.top), size, 0.0, page.theme.context(), 0.12);
    }
    axes(page, &plot, Titles { y: "", ..titles });
    let at = (plot.area.left, plot.area.top - TICK * 0.6);
    page.name(at, &words::short(&variant.name), plot.area.width() * 0.6 - widest, LABEL);
    let row_height = plot.area.height() / rows;
    let top = |key: u32| plot.area.top + f64::from(key) * row_height;
    let read = self::spells(&variant.stale_keys, width_s, |cell| cell.reads);
    let mut strips = |spells: &[Spell], colour: Color, opacity: f64| {
        for spell in spells.iter().filter(|spell| spell.key < keys) {
            let (left, right) = (plot.x_at(place(spell.from_s)), plot.x_at(place(spell.to_s)));
            let corner = (left, top(spell.key) + row_height * 0.4);
            let size = ((right - left).max(2.0), row_height * 0.5);
            page.svg.rectangle(corner, size, 1.0, colour, opacity);
        }
    };
    strips(&read, page.theme.context(), 0.35);
    strips(spells, page.theme.stale(), 1.0);
    for cell in variant.stale_keys.iter().filter(|cell| cell.commits > 0.0 && cell.key < keys) {
        commit(
            page,
            &plot,
            plot.x_at(place(cell.start_s + width_s / 2.0)),
            (top(cell.key), row_height),
        );
    }
    let Some(spell) = longest(spells, keys, run.warmup_s) else { return };
    let (left, right) = (plot.x_at(place(spell.from_s)), plot.x_at(place(spell.to_s)));
    let (above, below) = (top(spell.key) + row_height * 0.3, top(spell.key) + row_height);
    let frame = [(left, above), (right, above), (right, below), (left, below), (left, above)];
    let ink = page.theme.ink();
    page.svg.line(&frame, 2.5, ink, &[]);
    let text = format!("longest unbroken: {}", words::time(spell.length_s() * 1e3));
    let style = Text { anchor: Anchor::End, ..page.ink(TICK) };
    note(page, (plot.area.right, plot.area.top - TICK * 0.6), &text, style);
}

/// A tick where a key was written.
fn commit(page: &mut Page, plot: &Plot, x: f64, (top, row_height): (f64, f64)) {
    let x = x.min(plot.area.right);
    page.rule((x, top + row_height * 0.02), (x, top + row_height * 0.34), 2.4, page.theme.truth());
}

/// The longest of them after the warm-up, among those of the keys that have a row; of equally long
/// ones, that of the most popular key.
fn longest(spells: &[Spell], rows: u32, warmup_s: f64) -> Option<Spell> {
    let drawn = spells.iter().filter(|it| it.key < rows && it.to_s > warmup_s);
    let measured = drawn.map(|it| Spell { from_s: it.from_s.max(warmup_s), ..*it });
    measured.max_by(by_length)
}

fn by_length(a: &Spell, b: &Spell) -> Ordering {
    // Lengths are differences of sums of the same width.
    match a.length_s() - b.length_s() {
        more if more.abs() < 1e-6 => b.key.cmp(&a.key),
        more => more.total_cmp(&0.0),
    }
}

/// The longest time in which there was no interval without a stale read of a key.
fn title(shown: &[(&Variant, Vec<Spell>)], (rows, width_s, warmup_s): (u32, f64, f64)) -> String {
    let each = shown.iter().filter_map(|(variant, it)| {
        let longest = longest(it, rows, warmup_s)?;
        Some((words::short(&variant.name), longest))
    });
    let each: Vec<(String, Spell)> = each.collect();
    let Some((_, spell)) = each.iter().max_by(|(_, a), (_, b)| by_length(a, b)) else {
        return "When old rows were read".to_owned();
    };
    let alike = each.iter().filter(|(_, it)| by_length(it, spell) == Ordering::Equal);
    let name = words::listed(&alike.map(|(name, _)| name.clone()).collect::<Vec<_>>());
    let (key, length) = (spell.key, words::time(spell.length_s() * 1e3));
    match spell.length_s() < width_s * 1.5 {
        true => "No key shown was read stale in two intervals on end, in one run".to_owned(),
        false => {
            format!("{name}: key {key} was read stale in every interval for {length}, in one run")
        }
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
            reads: 5.0,
            stale_reads,
        };
        let cells = [
            cell(1, 0.4, 2.0),
            cell(0, 0.0, 1.0),
            cell(0, 0.2, 3.0),
            cell(0, 0.4, 0.0),
            cell(0, 0.6, 1.0),
        ];
        let found = spells(&cells, 0.2, |cell| cell.stale_reads);
        let spell = |key, from_s: f64, to_s: f64| Spell { key, from_s, to_s };
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], spell(0, 0.0, 0.4));
        assert_eq!((found[1].key, found[1].from_s), (0, 0.6));
        assert_eq!(found[2].key, 1);
        // Of two as long, the first key's; not of a key without a row, nor in the warm-up.
        assert_eq!(longest(&found[1..], 9, 0.0), Some(found[1]));
        assert_eq!(longest(&found, 9, 0.3), Some(spell(0, 0.6, 0.8)));
        assert_eq!(longest(&found[2..], 1, 0.0), None);
        assert_eq!(longest(&found, 9, 9.0), None);
    }
}
