//! A picture that was drawn, and how it was to be.

use super::{Area, Size, Theme};

/// How a picture is to be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Light or dark.
    pub theme: Theme,
    /// In which format.
    pub size: Size,
}

/// A picture that was drawn.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// Its SVG, with texts as texts.
    pub svg: String,
    /// Its title.
    pub title: String,
    /// What it shows, in words.
    pub description: String,
    /// Every text on it, and the room it takes: for those who want to know whether they overlap.
    pub texts: Vec<(String, Area)>,
    /// The canvas.
    pub canvas: Area,
}

impl Drawing {
    /// What is wrong with its texts: those that leave the canvas, and those that overlap.
    pub fn offences(&self) -> Vec<String> {
        let mut offences = Vec::new();
        for (index, (text, area)) in self.texts.iter().enumerate() {
            let inside = area.left >= 0.0
                && area.top >= 0.0
                && area.right <= self.canvas.right
                && area.bottom <= self.canvas.bottom;
            if !inside {
                offences.push(format!("{text:?} leaves the canvas"));
            }
            let met = self.texts[..index].iter().filter(|(_, other)| other.overlaps(area));
            offences.extend(met.map(|(other, _)| format!("{text:?} overlaps {other:?}")));
        }
        offences
    }
}
