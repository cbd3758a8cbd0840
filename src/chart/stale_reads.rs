//! Stale reads by strategy: a row per variant, bars from zero, or dots where they are decades
//! apart.

use super::page::{Heading, LABEL, LABEL_LEAST, Page, TICK, fit, wrap};
use super::plot::{Mark, Plot};
use super::run::{Measured, Run, Variant};
use super::scale::Scale;
use super::{NotDrawn, words};
use crate::picture::{Anchor, Area, Drawing, Style, Text, Weight, text_width};
use crate::report::number::with_half_width;

const METRIC: &str = "stale_read_ratio";

pub(super) fn draw(run: &Run, style: Style) -> Result<Drawing, NotDrawn> {
    let values = words::with(run, METRIC);
    let any_read = run.variants.iter().any(|variant| variant.reads() > 0.0);
    if values.is_empty() && any_read {
        return Err(NotDrawn("no variant has a steady state, so there is no ratio to show".into()));
    }
    let form = Form::of(&values);
    let subtitle = format!(
        "Stale reads {}, {} per variant. A read is stale if a newer version was committed before \
         it began. Whiskers: {}.",
        form.unit(),
        words::reads_each(run),
        words::uncertainty(run),
    );
    let parameters = super::parameters::workload(run);
    let mut page = Page::new(run, style, Heading { title: title(run), subtitle, parameters });
    let rows = Rows::new(run, &page, form);
    rows.draw(run, style, &mut page);
    let said = rows.order.iter().map(|index| {
        let variant = &run.variants[*index];
        format!("{}: {}.", variant.name, rows.form.value(variant))
    });
    Ok(page.finish(&said.collect::<Vec<_>>().join(" ")))
}

/// What was found, if the replications show it.
fn title(run: &Run) -> String {
    let values = words::with(run, METRIC);
    let neutral = "Stale reads by strategy".to_owned();
    let by_mean = |a: &&(usize, &Variant, Measured), b: &&(usize, &Variant, Measured)| {
        a.2.mean.total_cmp(&b.2.mean)
    };
    let Some(worst) = values.iter().max_by(by_mean) else { return neutral };
    let reads: f64 = values.iter().map(|(_, variant, _)| variant.reads()).sum();
    if worst.2.mean == 0.0 {
        return format!("No stale read seen in {}", words::about(reads));
    }
    // That a database without a cache is fresh is no finding, unless it is all there is.
    let cached = |it: &&(usize, &Variant, Measured)| it.1.strategy != "no-cache";
    let others: Vec<_> = values.iter().filter(|it| it.0 != worst.0).collect();
    let best = others.iter().copied().filter(cached).min_by(by_mean);
    let best = best.or_else(|| others.iter().copied().min_by(by_mean));
    let of_worst = words::share_of_reads(worst.2.mean);
    let are = if worst.2.mean >= 0.01 { "are" } else { "is" };
    let worst_name = words::short(&worst.1.name);
    let Some(best) = best else { return format!("{worst_name}: {of_worst} {are} stale") };
    if !run.is_less(METRIC, best.0, worst.0) {
        return neutral;
    }
    let best_name = words::short(&best.1.name);
    if best.2.mean == 0.0 {
        let seen = words::about(best.1.reads());
        return format!("{worst_name}: {of_worst} {are} stale. {best_name}: none seen in {seen}");
    }
    match worst.2.mean / best.2.mean {
        ratio if ratio >= 1.95 => {
            format!("{best_name}: {} fewer stale reads than {worst_name}", words::times(ratio))
        }
        ratio => {
            let less = words::digits((1.0 - 1.0 / ratio) * 100.0, 2);
            format!("{best_name}: {less} % fewer stale reads than {worst_name}")
        }
    }
}

/// In which unit, on which scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Percent,
    PerMillion,
    /// Decades apart: dots on a logarithmic scale, in reads per million.
    Decades,
}

impl Form {
    fn of(values: &[(usize, &Variant, Measured)]) -> Form {
        let seen = values.iter().map(|(_, _, value)| value.mean).filter(|mean| *mean > 0.0);
        let most = seen.clone().fold(0.0, f64::max);
        let least = seen.fold(f64::INFINITY, f64::min);
        // A bound needs a place too: next to bars it would be nothing.
        let bound = values.iter().filter(|it| it.2.is_bound()).map(|it| it.2.range().1);
        let far = bound.fold(least, f64::min);
        match most {
            0.0 => Form::Decades,
            most if most > 100.0 * far => Form::Decades,
            most if most >= 0.005 => Form::Percent,
            _ => Form::PerMillion,
        }
    }

    fn unit(self) -> &'static str {
        if self == Form::Percent { "in percent of all reads" } else { "per million reads" }
    }

    fn factor(self) -> f64 {
        if self == Form::Percent { 100.0 } else { 1e6 }
    }

    /// A variant's value in words.
    fn value(self, variant: &Variant) -> String {
        let Some(value) = variant.metric(METRIC) else { return words::missing(variant) };
        if value.is_bound() {
            let bound = crate::report::number::upper_bound(value.range().1 * 1e6);
            return format!("none seen: below {bound} per million");
        }
        let factor = self.factor();
        let Some((low, high)) = value.interval else {
            return words::digits(value.mean * factor, 3);
        };
        let half = (high - value.mean).max(value.mean - low) * factor;
        if value.mean * factor >= 1_000.0 {
            return format!(
                "{} ±{}",
                words::digits(value.mean * factor, 3),
                words::digits(half, 2)
            );
        }
        with_half_width(value.mean * factor, half)
    }

    fn scale(self, values: &[(usize, &Variant, Measured)]) -> Scale {
        let ends = values.iter().flat_map(|(_, _, value)| [value.range().1, value.mean]);
        let high = ends.fold(0.0, f64::max);
        match self {
            Form::Percent => Scale::linear(0.0, high * 100.0, words::tick),
            Form::PerMillion => Scale::linear(0.0, high * 1e6, words::tick),
            Form::Decades => {
                let lows = values.iter().map(|(_, _, value)| match value.is_bound() {
                    true => value.range().1,
                    false if value.range().0 > 0.0 => value.range().0.max(value.mean / 10.0),
                    false => value.mean / 10.0,
                });
                let low = lows.filter(|low| *low > 0.0).fold(f64::INFINITY, f64::min);
                let low = if low.is_finite() { low } else { 1e-6 };
                Scale::log_and_zero(low * 1e6 / 2.0, high.max(low) * 1e6, words::tick)
            }
        }
    }
}

/// The rows, and where their parts are.
struct Rows {
    form: Form,
    order: Vec<usize>,
    plot: Plot,
    height: f64,
    font: f64,
}

impl Rows {
    fn new(run: &Run, page: &Page, form: Form) -> Rows {
        let mut order: Vec<usize> = (0..run.variants.len()).collect();
        let badness = |index: &usize| {
            run.variants[*index].metric(METRIC).map_or(f64::INFINITY, |value| value.mean)
        };
        order.sort_by(|a, b| badness(a).total_cmp(&badness(b)));
        let body = page.body;
        let room = body.height() - 2.6 * TICK;
        let height = (room / order.len() as f64).min(130.0);
        let font = LABEL.min(height * 0.6).max(LABEL_LEAST);
        let widest = |texts: &mut dyn Iterator<Item = String>, weight: Weight| {
            texts.map(|text| text_width(&text, font, weight)).fold(0.0, f64::max)
        };
        let names = &mut run.variants.iter().map(|variant| words::short(&variant.name));
        let values = &mut run.variants.iter().map(|variant| match variant.metric(METRIC) {
            Some(_) => form.value(variant),
            None => String::new(),
        });
        let names = widest(names, Weight::SemiBold).min(body.width() * 0.34);
        let values = widest(values, Weight::Regular).min(body.width() * 0.34);
        let area = Area {
            left: body.left + names + 30.0,
            top: body.top,
            right: body.right - values - 34.0,
            bottom: body.top + height * order.len() as f64,
        };
        let y = Scale::exact(0.0, 1.0, |_| String::new());
        let plot = Plot { area, x: form.scale(&words::with(run, METRIC)), y };
        Rows { form, order, plot, height, font }
    }

    fn draw(&self, run: &Run, style: Style, page: &mut Page) {
        self.axis(page);
        let looks = run.looks(style.theme);
        for (row, index) in self.order.iter().enumerate() {
            let variant = &run.variants[*index];
            let middle = self.plot.area.top + self.height * (row as f64 + 0.5);
            let baseline = middle + self.font * 0.35;
            let name = words::short(&variant.name);
            let (left, area) = (page.body.left, self.plot.area);
            let name = fit(&name, area.left - left - 24.0, self.font, Weight::SemiBold);
            page.say((left, baseline), &name, page.bold(self.font));
            let text = self.form.value(variant);
            match variant.metric(METRIC) {
                None => {
                    let text = fit(&text, area.width(), self.font, Weight::Regular);
                    page.say((area.left + 16.0, baseline), &text, page.muted(self.font));
                }
                Some(value) => {
                    self.value(page, value, middle, looks[*index]);
                    let style = Text { anchor: Anchor::End, ..page.ink(self.font) };
                    let room = page.body.right - area.right - 20.0;
                    let text = fit(&text, room, self.font, Weight::Regular);
                    page.say((page.body.right, baseline), &text, style);
                }
            }
        }
    }

    fn value(&self, page: &mut Page, value: Measured, y: f64, look: crate::picture::Look) {
        let factor = self.form.factor();
        let (low, high) = value.range();
        let x = |value: f64| self.plot.x_at(value * factor);
        let thick = (self.height * 0.09).clamp(4.0, 7.0);
        if self.form != Form::Decades {
            let (from, to) = (x(0.0), x(value.mean));
            let tall = (self.height * 0.52).min(52.0);
            let corner = (from, y - tall / 2.0);
            page.svg.rectangle(corner, (to - from, tall), 3.0, look.color, 1.0);
        }
        let (from, to) = (x(low), x(high));
        let color = if self.form == Form::Decades { look.color } else { page.theme.ink() };
        if value.is_bound() {
            let dash = [2.0, 1.6];
            page.svg.line(&[(x(0.0), y), (to, y)], thick * 0.8, look.color, &dash);
            page.rule((to, y - 12.0), (to, y + 12.0), thick * 0.8, look.color);
        } else if value.interval.is_some() && to > from {
            page.rule((from, y), (to, y), thick * 0.7, color);
            for end in [from, to] {
                page.rule((end, y - 9.0), (end, y + 9.0), thick * 0.7, color);
            }
        }
        if self.form == Form::Decades {
            page.point((x(value.mean), y), 12.0, look, value.is_bound());
        }
    }

    fn axis(&self, page: &mut Page) {
        let area = self.plot.area;
        let grid = page.theme.grid();
        let mut last = f64::NEG_INFINITY;
        for (value, name) in &self.plot.x.ticks {
            let line = vec![(*value, 0.0), (*value, 1.0)];
            let drawn = self.plot.draw(&Mark::Line(line, 2.0, grid, &[]));
            page.svg.raw(&drawn);
            let x = self.plot.x_at(*value);
            let half = text_width(name, TICK, Weight::Regular) / 2.0;
            if x - half > last + 14.0 {
                let style = Text { anchor: Anchor::Middle, ..page.muted(TICK) };
                page.say((x, area.bottom + TICK * 1.3), name, style);
                last = x + half;
            }
        }
        if let Some(end) = self.plot.x.zero_ends() {
            self.break_at(page, area.left + area.width() * end * 0.8);
        }
        let unit = if self.form == Form::Percent { "% of reads" } else { "per million reads" };
        let y = area.bottom + TICK * 2.5;
        for line in wrap(unit, area.width(), TICK, 1) {
            let style = Text { anchor: Anchor::End, ..page.muted(TICK) };
            page.say((area.right, y), &line, style);
        }
    }

    /// Where the axis leaves out what is between zero and its first tick.
    fn break_at(&self, page: &mut Page, x: f64) {
        let y = self.plot.area.bottom;
        let color = page.theme.context();
        for dx in [-5.0, 5.0] {
            page.rule((x + dx - 5.0, y + 9.0), (x + dx + 5.0, y - 9.0), 2.5, color);
        }
    }
}
