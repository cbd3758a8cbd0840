//! The sizes a picture comes in.

/// A picture's format. Drawing is done on a canvas of units that is scaled to the pixels, so that
/// the same type size is readable in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// A slide: 1920 by 1080 pixels.
    #[default]
    Slide,
    /// The preview of a link: 1200 by 630 pixels.
    Card,
    /// A post: 1080 by 1080 pixels.
    Square,
}

impl Size {
    /// All of them.
    pub const ALL: [Size; 3] = [Size::Slide, Size::Card, Size::Square];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Size::Slide => "1920x1080",
            Size::Card => "1200x630",
            Size::Square => "square",
        }
    }

    /// The size of this name.
    pub fn find(name: &str) -> Option<Size> {
        Size::ALL.into_iter().find(|size| size.name() == name)
    }

    /// Width and height in pixels.
    pub const fn pixels(self) -> (u32, u32) {
        match self {
            Size::Slide => (1920, 1080),
            Size::Card => (1200, 630),
            Size::Square => (1080, 1080),
        }
    }

    /// Width and height in units of the canvas, of the same proportions.
    pub const fn canvas(self) -> (f64, f64) {
        match self {
            Size::Slide => (1920.0, 1080.0),
            Size::Card => (1600.0, 840.0),
            Size::Square => (1350.0, 1350.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canvas_has_the_proportions_of_its_pixels() {
        for size in Size::ALL {
            let ((width, height), canvas) = (size.pixels(), size.canvas());
            assert_eq!(f64::from(width) * canvas.1, f64::from(height) * canvas.0);
            assert_eq!(Size::find(size.name()), Some(size));
        }
    }
}
