//! What the two ziggurats share: 256 layers of equal area, and the test against a layer's core.
//!
//! G. Marsaglia and W. W. Tsang, "The Ziggurat Method for Generating Random Variables",
//! Journal of Statistical Software 5(8), 2000. One draw of 64 bits gives the layer (8 bits), a sign
//! if one is needed (bit 8) and the place across the layer (53 bits), which share no bit. About
//! 99 draws in 100 end there, with one comparison of integers and one multiplication.

/// One layer: a draw below `limit` lies inside the curve whatever its height.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    limit: u64,
    step: f64,
}

/// The layers between these edges.
pub(super) const fn layers(edges: &[f64; 257]) -> [Layer; 256] {
    const WHOLE: f64 = (1_u64 << 53) as f64;
    let mut layers = [Layer { limit: 0, step: 0.0 }; 256];
    let mut i = 0;
    while i < 256 {
        layers[i] =
            Layer { limit: (edges[i + 1] / edges[i] * WHOLE) as u64, step: edges[i] / WHOLE };
        i += 1;
    }
    layers
}

/// A draw's place: its layer, how far across it lies, and whether that is surely inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) layer: usize,
    pub(super) x: f64,
    pub(super) inside: bool,
}

/// Where 64 random bits fall.
#[inline]
pub(super) fn place(layers: &[Layer; 256], bits: u64) -> Place {
    let index = (bits & 0xff) as usize;
    let layer = &layers[index];
    let across = bits >> 11;
    // 53 bits fit a signed integer, which converts to a float in one instruction.
    Place { layer: index, x: across as i64 as f64 * layer.step, inside: across < layer.limit }
}

/// Whether a point at `height` (0 to 1 of the layer) above `x` lies under the curve.
pub(super) fn under_curve(
    edges: &[f64; 257],
    density: fn(f64) -> f64,
    at: Place,
    height: f64,
) -> bool {
    let (bottom, top) = (density(edges[at.layer]), density(edges[at.layer + 1]));
    bottom + height * (top - bottom) < density(at.x)
}

#[cfg(test)]
mod tests {
    use super::super::tables::{EXPONENTIAL, NORMAL};
    use super::*;

    #[test]
    fn the_core_of_a_layer_ends_at_the_next_edge() {
        for edges in [&EXPONENTIAL, &NORMAL] {
            let layers = layers(edges);
            for (i, layer) in layers.iter().enumerate() {
                let draw = |across: u64| place(&layers, (across << 11) | i as u64);
                assert!(!draw(layer.limit).inside, "layer {i}");
                if let Some(last) = layer.limit.checked_sub(1) {
                    let last = draw(last);
                    assert!(last.inside && last.x <= edges[i + 1], "layer {i}");
                    assert!(last.x > edges[i + 1] * (1.0 - 1e-12), "layer {i}");
                }
                assert!(draw((1 << 53) - 1).x <= edges[i], "layer {i}");
            }
        }
    }

    #[test]
    fn the_corners_of_a_layer_lie_on_the_right_side_of_the_curve() {
        for layer in 1..256 {
            let at = |x| Place { layer, x, inside: false };
            let density = |x: f64| libm::exp(-x);
            let (near, far) = (EXPONENTIAL[layer + 1], EXPONENTIAL[layer]);
            assert!(under_curve(&EXPONENTIAL, density, at(near), 0.99));
            assert!(!under_curve(&EXPONENTIAL, density, at(far), 0.01));
        }
    }
}
