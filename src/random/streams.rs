//! Named random streams: one independent generator per purpose and actor.
//!
//! A draw added for one purpose never shifts the draws of another, so the variants of a
//! comparison meet the same arrivals, keys and journeys, and their differences are paired.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::splitmix::{STEP, output};

/// All random streams of one seed.
///
/// A stream is ChaCha8. Its 256-bit key is four little-endian words: the seed, then the first
/// three numbers of SplitMix64 started at the 64-bit FNV-1a hash of the name's bytes; its stream
/// number is the index. So different seeds or indices never give the same stream, and two names
/// do with a probability of 2⁻⁶⁴. Golden values pin this derivation: results depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of this seed.
    pub const fn new(seed: u64) -> Self {
        Streams { seed }
    }

    /// The stream of this name: the same as [`numbered`](Self::numbered) with index 0.
    pub fn stream(&self, name: &str) -> ChaCha8Rng {
        self.numbered(name, 0)
    }

    /// The stream of this name that belongs to one of several actors, say a client.
    pub fn numbered(&self, name: &str, index: u64) -> ChaCha8Rng {
        let mut state = fnv_1a(name.as_bytes());
        let mut key = [0; 32];
        let (seed, rest) = key.split_at_mut(8);
        seed.copy_from_slice(&self.seed.to_le_bytes());
        for word in rest.chunks_exact_mut(8) {
            state = state.wrapping_add(STEP);
            word.copy_from_slice(&output(state).to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(index);
        rng
    }
}

/// The 64-bit FNV-1a hash.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    fn first(mut rng: ChaCha8Rng) -> [u64; 2] {
        [rng.next_u64(), rng.next_u64()]
    }

    #[test]
    fn the_hash_gives_its_published_values() {
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn golden_streams() {
        // Computed by an independent implementation of ChaCha8 and of the derivation.
        assert_eq!(
            first(Streams::new(7).stream("arrivals")),
            [0x2e7d_6a7c_8142_f39f, 0x7e2a_8e84_3956_0bb8]
        );
        assert_eq!(
            first(Streams::new(7).numbered("arrivals", 3)),
            [0xa5a0_854e_106e_4dbd, 0xe4ff_b35a_3c2f_a67f]
        );
        assert_eq!(
            first(Streams::new(8).stream("keys")),
            [0x95eb_ba12_7df1_0a46, 0x3428_aeac_bdb6_945d]
        );
    }

    #[test]
    fn seed_name_and_index_each_make_another_stream() {
        let streams = [
            Streams::new(7).stream("keys"),
            Streams::new(8).stream("keys"),
            Streams::new(7).stream("key"),
            Streams::new(7).stream("keys "),
            Streams::new(7).numbered("keys", 1),
        ];
        let first: std::collections::BTreeSet<_> = streams.into_iter().map(first).collect();
        assert_eq!(first.len(), 5);
        assert_eq!(Streams::new(7).stream("keys"), Streams::new(7).numbered("keys", 0));
    }
}
