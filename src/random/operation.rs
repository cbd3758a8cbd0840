//! Random numbers that depend on who draws and for what, never on when.
//!
//! A simulation draws the delays of millions of operations. From one shared stream, each draw
//! would depend on how many came before it: processing two independent events in the other order,
//! or computing an answer early instead of scheduling it, would change every later number. So each
//! operation of a request draws from numbers of its own. A result then does not depend on the
//! order of processing, and two strategies that ask for the same operation in the same request get
//! the same delay, which pairs them.
//!
//! A ChaCha8 stream per operation would do the same, but a stream computes whole blocks to give its
//! first eight bytes: many times the cost of the delay drawn from them. Here it is three
//! multiplications by constants and one finaliser. SplitMix64 passes the usual batteries of tests,
//! and that all its sequences are parts of one cycle of 2⁶⁴ does no harm when they start at random
//! places: a request's seed is 64 bits of a ChaCha8 stream, and of 10⁹ operations with a few draws
//! each hardly a pair shares a number.

use std::convert::Infallible;

use rand::TryRng;
use rand::rand_core::utils::fill_bytes_via_next_word;

use super::splitmix::{STEP, output};

/// The random numbers of one operation of one request.
///
/// Implements rand's `Rng`. The coordinates of an operation are any numbers a driver chooses, as
/// long as equal coordinates mean the same purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRng {
    state: u64,
}

impl OperationRng {
    /// The numbers of an operation: in the request with this seed, for this component of the
    /// world, its `occurrence`-th use by the request, and this leg of it (there, service, back).
    #[inline]
    pub const fn new(request_seed: u64, component: u32, occurrence: u32, leg: u32) -> Self {
        // The fractions of √2, √3 and √7. Next to these, coordinates that are in use never step
        // onto each other's numbers: the operations of a request share none.
        let state = request_seed
            .wrapping_add((component as u64).wrapping_mul(0x6a09_e667_f3bc_c909))
            .wrapping_add((occurrence as u64).wrapping_mul(0xbb67_ae85_84ca_a73b))
            .wrapping_add((leg as u64).wrapping_mul(0xa54f_f53a_5f1d_36f1));
        OperationRng { state }
    }

    #[inline]
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        output(self.state)
    }
}

impl TryRng for OperationRng {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::Rng;

    use super::*;

    #[test]
    fn golden_numbers() {
        let draws = |mut rng: OperationRng| [rng.next_u64(), rng.next_u64(), rng.next_u64()];
        assert_eq!(
            draws(OperationRng::new(1_234_567, 0, 0, 0)),
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,]
        );
        assert_eq!(
            draws(OperationRng::new(7, 1, 2, 3)),
            [0x285c_1669_3b6b_5329, 0x6156_6c69_466a_50f1, 0xcc4e_8f6e_0121_8310]
        );
    }

    #[test]
    fn the_operations_of_a_request_share_no_number() {
        let mut seen = BTreeSet::new();
        for component in 0..32 {
            for occurrence in 0..64 {
                for leg in 0..4 {
                    let mut rng = OperationRng::new(99, component, occurrence, leg);
                    assert!((0..16).all(|_| seen.insert(rng.next_u64())));
                }
            }
        }
    }

    #[test]
    fn neighbouring_operations_are_unrelated() {
        // Bits that agree between operations one step apart, over requests: half of them.
        let requests = 20_000_u64;
        let first = |seed, c, o, l| OperationRng::new(seed, c, o, l).next_u64();
        for step in [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1)] {
            let mut differing = [0_u32; 64];
            for request in 0..requests {
                let seed = output(request.wrapping_mul(STEP));
                let bits = first(seed, 3, 5, 1) ^ first(seed, 3 + step.0, 5 + step.1, 1 + step.2);
                for (i, count) in differing.iter_mut().enumerate() {
                    *count += (bits >> i & 1) as u32;
                }
            }
            // Standard error sqrt(n)/2 = 71; the largest of 384 within 4.2 of them.
            for (i, count) in differing.iter().enumerate() {
                let off = f64::from(*count) - requests as f64 / 2.0;
                assert!(off.abs() < 4.2 * 70.7, "step {step:?}, bit {i}: {off}");
            }
        }
    }

    #[test]
    fn bytes_are_the_words_in_little_endian_order() {
        let mut words = OperationRng::new(5, 0, 0, 0);
        let mut bytes = [0; 12];
        words.clone().fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], words.next_u64().to_le_bytes());
        assert_eq!(bytes[8..], words.next_u64().to_le_bytes()[..4]);
    }
}
