//! Rectangles, to know what is where.

/// A rectangle of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its right edge.
    pub right: f64,
    /// Its lower edge.
    pub bottom: f64,
}

impl Area {
    /// Its width.
    pub fn width(&self) -> f64 {
        (self.right - self.left).max(1.0)
    }

    /// Its height.
    pub fn height(&self) -> f64 {
        (self.bottom - self.top).max(1.0)
    }

    /// Whether two have a point in common.
    pub fn overlaps(&self, other: &Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}
