//! Which keys requests ask for.

use rand::Rng;

use crate::random::{Bernoulli, Zipf, below};
use crate::workload::Popularity;

/// A compiled popularity: draws keys.
#[derive(Clone, Debug)]
pub enum KeySampler {
    /// Every key of `0..keys` alike.
    Uniform {
        /// Number of keys.
        keys: u32,
    },
    /// Key = rank, from 0.
    Zipf(Zipf),
    /// The first `hot` keys get a share of their own.
    Hot {
        /// Number of keys.
        keys: u32,
        /// How many of them are hot.
        hot: u32,
        /// The share of requests that goes to them.
        share: Bernoulli,
    },
}

impl KeySampler {
    /// Compiles a popularity over keys `0..keys`.
    pub fn new(popularity: Popularity, keys: u32) -> KeySampler {
        match popularity {
            Popularity::Uniform => KeySampler::Uniform { keys },
            Popularity::Zipf { exponent } => KeySampler::Zipf(Zipf::new(keys, exponent)),
            Popularity::Hot { keys: hot, share } => {
                KeySampler::Hot { keys, hot: hot.min(keys), share: Bernoulli::new(share) }
            }
        }
    }

    /// Draws a key.
    #[inline]
    pub fn sample<R: Rng>(&self, rng: &mut R) -> u32 {
        match self {
            KeySampler::Uniform { keys } => below(rng, u64::from(*keys)) as u32,
            KeySampler::Zipf(zipf) => zipf.sample(rng),
            KeySampler::Hot { keys, hot, share } => {
                // All keys hot, or none: one part is empty and the other gets everything.
                let to_hot = share.sample(rng);
                match (*hot, *keys - *hot) {
                    (0, cold) | (cold, 0) => below(rng, u64::from(cold)) as u32,
                    (hot, _) if to_hot => below(rng, u64::from(hot)) as u32,
                    (hot, cold) => hot + below(rng, u64::from(cold)) as u32,
                }
            }
        }
    }
}
