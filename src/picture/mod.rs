//! What every picture is drawn with: colours, sizes, the embedded fonts, an SVG in the making, and
//! the way from an SVG to outlined text and to PNG.
//!
//! Nothing here knows what is drawn. No font of the system is looked at, so a picture is the same
//! everywhere; SVGs are the same bytes on every platform.

mod area;
mod drawing;
mod font;
mod look;
mod png;
mod render;
mod size;
mod svg;
pub(crate) mod texts;
mod theme;

pub use area::Area;
pub use drawing::{Drawing, Style};
pub use font::{FAMILY, OPEN_FONT_LICENSE, Weight, drawable, lacking, text_width};
pub use look::{Dash, Look, Marker, looks};
pub use render::{RenderError, outline, png};
pub use size::Size;
pub use svg::{Anchor, Svg, Text, escape, number};
pub use theme::{Color, Theme, mix};
