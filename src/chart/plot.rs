//! The part of a chart that has axes. plotters places and draws the series; texts are the page's.

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::IntoDrawingArea as _;
use plotters::element::{PathElement, Polygon};
use plotters::style::{RGBAColor, ShapeStyle};

use super::scale::Scale;
use crate::picture::{Area, Color, number};

/// plotters' coordinates are whole numbers: this many make a unit.
const GRAIN: f64 = 8.0;

type Context<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Scale, Scale>>;

/// What is drawn, in the values of the axes.
#[derive(Clone, Debug)]
pub(super) enum Mark<'a> {
    /// A line: its points, width, colour, and dash in widths.
    Line(Vec<(f64, f64)>, f64, Color, &'a [f64]),
    /// A filled area: its outline, colour and opacity.
    Area(Vec<(f64, f64)>, Color, f64),
}

/// A pair of axes over an area of the page.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    pub(super) area: Area,
    pub(super) x: Scale,
    pub(super) y: Scale,
}

impl Plot {
    /// Where values are on the page.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x_at(x), self.y_at(y))
    }

    pub(super) fn x_at(&self, x: f64) -> f64 {
        self.area.left + self.x.place(x) * self.area.width()
    }

    pub(super) fn y_at(&self, y: f64) -> f64 {
        self.area.bottom - self.y.place(y) * self.area.height()
    }

    /// A mark as an SVG element.
    pub(super) fn draw(&self, mark: &Mark<'_>) -> String {
        let size = |length: f64| (length * GRAIN).round().max(1.0) as u32;
        let mut drawn = String::new();
        {
            // The last pixel is at one less than how many there are.
            let pixels = (size(self.area.width()) + 1, size(self.area.height()) + 1);
            let root = SVGBackend::with_string(&mut drawn, pixels).into_drawing_area();
            let chart = ChartBuilder::on(&root)
                .build_cartesian_2d(self.x.clone(), self.y.clone())
                .expect("an area of at least one pixel");
            series(chart, mark);
            root.present().expect("memory takes what is drawn");
        }
        let start = drawn.find('>').map_or(0, |at| at + 1);
        let end = drawn.rfind("</svg>").unwrap_or(drawn.len());
        let inherited = match mark {
            Mark::Line(_, width, _, dash) if !dash.is_empty() => {
                let lengths: Vec<String> =
                    dash.iter().map(|part| number(part * width * GRAIN)).collect();
                format!(r#" stroke-linejoin="round" stroke-dasharray="{}""#, lengths.join(" "))
            }
            _ => r#" stroke-linejoin="round" stroke-linecap="round""#.to_owned(),
        };
        format!(
            r#"<g transform="translate({} {}) scale({})"{inherited}>{}</g>"#,
            number(self.area.left),
            number(self.area.top),
            1.0 / GRAIN,
            drawn.get(start..end).unwrap_or_default().trim().replace(" \"", "\""),
        )
    }
}

fn series(mut chart: Context<'_>, mark: &Mark<'_>) {
    let drawn = match mark {
        Mark::Line(points, width, color, _) => {
            let style = ShapeStyle {
                color: rgba(*color, 1.0),
                filled: false,
                stroke_width: (width * GRAIN).round() as u32,
            };
            chart.draw_series([PathElement::new(points.clone(), style)]).map(|_| ())
        }
        Mark::Area(points, color, opacity) => {
            let style = ShapeStyle::from(rgba(*color, *opacity)).filled();
            chart.draw_series([Polygon::new(points.clone(), style)]).map(|_| ())
        }
    };
    drawn.expect("memory takes what is drawn");
}

fn rgba(color: Color, alpha: f64) -> RGBAColor {
    RGBAColor(color.0, color.1, color.2, alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plotters_puts_a_point_where_the_plot_says_it_is() {
        let area = Area { left: 100.0, top: 50.0, right: 900.0, bottom: 450.0 };
        let name = |value: f64| value.to_string();
        let plot = Plot { area, x: Scale::log(1.0, 100.0, name), y: Scale::linear(0.0, 4.0, name) };
        let line =
            Mark::Line(vec![(1.0, 0.0), (10.0, 1.0), (100.0, 4.0)], 3.0, Color(1, 2, 3), &[]);
        let drawn = plot.draw(&line);
        assert!(drawn.contains(r#"points="0,3200 3200,2400 6400,0""#), "{drawn}");
        assert_eq!(plot.at(10.0, 1.0), (500.0, 350.0));
        assert!(drawn.contains(r##"stroke="#010203" stroke-width="24""##), "{drawn}");
    }
}
