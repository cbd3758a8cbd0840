//! `SplitMix64`: G. L. Steele, D. Lea and C. H. Flood, "Fast Splittable Pseudorandom Number
//! Generators", OOPSLA 2014, with the finaliser of its reference implementation in Java 8.

/// What a step adds to the state: 2⁶⁴ divided by the golden ratio.
pub(super) const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number that belongs to a state. Flipping any bit of it flips each bit of this about as
/// often as not.
#[inline]
pub(super) const fn output(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_the_published_ones() {
        // The test values of seed 1234567 that accompany the C version.
        let mut state = 1_234_567_u64;
        let next = || {
            state = state.wrapping_add(STEP);
            output(state)
        };
        let first: Vec<u64> = std::iter::repeat_with(next).take(5).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }
}
