//! Cache-aside whose fills take time, as a Markov chain: how many reads miss when several fills of
//! a key are in flight at once, and how many copies an old fill leaves after the delete.
//!
//! The state of a key is what the cache holds (nothing, the newest row, an old one) and how many
//! fills of the newest row and of old ones are in flight. Reads and writes of the key are Poisson,
//! a fill takes an exponential time from the miss to the set, a commit deletes the key at once. A
//! fill in flight at a commit may still read the new row, or land before the delete really
//! arrives: both are given as probabilities, which depend on latencies that the chain does not
//! know. What is read between a commit and its delete is not in here either: it adds
//! [the window](crate::theory::invalidation) to the stale reads.
//!
//! Fills are not coalesced: every miss starts one. For times that are not exponential the chain is
//! an approximation; [`Fills::off_for`] says of what use. Derived for this crate; the chain is
//! solved numerically, and confirmed by simulation.

mod chain;

use self::chain::{Chain, Held};
use super::latency::Latency;
use super::stampede::misses_per_expiry;
use super::{Result, TheoryError, non_negative, positive, probability};

/// More fills in flight than this, on average, make the chain too large to solve.
pub const IN_FLIGHT_MAX: f64 = 30.0;

/// A key under delete-on-write, with fills that take time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fills {
    reads_per_s: f64,
    writes_per_s: f64,
    fill_s: f64,
    expiries_per_s: f64,
    unread: f64,
    outlives: f64,
    refuses_old: bool,
}

/// What a key's reads get.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Share of reads that hit.
    pub hit_ratio: f64,
    /// Share of reads that hit a copy which an old fill left after the delete.
    pub late_fill_share_of_reads: f64,
    /// Misses, each of which starts a fill, per second.
    pub fills_per_s: f64,
    /// Old fills that land after the delete and are kept, per second: each is a race lost.
    pub late_fills_per_s: f64,
}

impl Fills {
    /// A key read and written at these rates, whose fills take this long on average from the miss
    /// to the set.
    ///
    /// # Errors
    /// If a rate or the time is not more than zero and finite, or more than [`IN_FLIGHT_MAX`] reads
    /// come in the time of a fill.
    pub fn new(reads_per_s: f64, writes_per_s: f64, fill_mean_s: f64) -> Result<Fills> {
        let fills = Fills {
            reads_per_s: positive("read rate", reads_per_s)?,
            writes_per_s: positive("write rate", writes_per_s)?,
            fill_s: positive("mean time of a fill", fill_mean_s)?,
            expiries_per_s: 0.0,
            unread: 0.0,
            outlives: 1.0,
            refuses_old: false,
        };
        if reads_per_s * fill_mean_s > IN_FLIGHT_MAX {
            let must_be = "such that at most 30 reads come in the time of a fill";
            return Err(TheoryError::OutOfRange { parameter: "read rate", must_be });
        }
        Ok(fills)
    }

    /// With entries that live no longer than this. The chain forgets how old an entry is, so that
    /// it expires at a rate which gives it the right mean life, (1 - e^(-μT)) / μ: an
    /// approximation, and exact where fills take no time.
    ///
    /// # Errors
    /// If the TTL is not more than zero and finite.
    pub fn expiring(self, ttl_s: f64) -> Result<Fills> {
        let ttl = positive("TTL", ttl_s)?;
        let writes = self.writes_per_s;
        let life_s = -libm::expm1(-writes * ttl) / writes;
        Ok(Fills { expiries_per_s: (1.0 / life_s - writes).max(0.0), ..self })
    }

    /// Of fills in flight at a commit, which share has not read the database yet, and so brings the
    /// new row; and which share of the others lands after the delete has arrived, E\[(X - Y)⁺\] /
    /// E\[X\] with X from the snapshot to the set and Y from the commit to the delete.
    ///
    /// # Errors
    /// If one of them is no probability.
    pub fn in_flight(self, unread: f64, outlives: f64) -> Result<Fills> {
        let unread = probability("share of fills before their snapshot", unread)?;
        let outlives = probability("share of fills that outlive the delete", outlives)?;
        Ok(Fills { unread, outlives, ..self })
    }

    /// With a cache that refuses old fills, by their version or by their lease.
    pub fn refusing_old(self) -> Fills {
        Fills { refuses_old: true, ..self }
    }

    /// How far the chain may be off, relative to what it says, for fills that take other times than
    /// exponential ones of the same mean: by the two limits in which any times have a form. Where
    /// writes are rare, a write makes a stampede of K misses ([`misses_per_expiry`]); where reads
    /// are, a fill loses with probability 1 - E e^(-μX) against a delete that is instant. The sum
    /// of what both differ by, which is no proof: some percent for a few reads in ten fills, and
    /// half and more where many come in one.
    ///
    /// # Errors
    /// If the fill takes no time.
    pub fn off_for(&self, fill: &Latency) -> Result<f64> {
        let mean_s = positive("mean time of a fill", fill.mean_s())?;
        let exponential = Latency::exponential(mean_s)?;
        let off = |of: &dyn Fn(&Latency) -> Result<f64>| -> Result<f64> {
            Ok((of(fill)? / of(&exponential)? - 1.0).abs())
        };
        let misses = off(&|fill| misses_per_expiry(self.reads_per_s, fill))?;
        Ok(misses + off(&|fill| fill.overtaken_by(self.writes_per_s))?)
    }

    /// Solves the chain.
    ///
    /// # Errors
    /// If it does not settle.
    pub fn solve(&self) -> Result<Shares> {
        let busy = non_negative("reads in the time of a fill", self.reads_per_s * self.fill_s)?;
        // Nearly all of a Poisson number of this mean, and always some.
        let most = (busy + 8.0 * busy.sqrt() + 8.0).ceil() as usize;
        let mut chain = Chain::new(*self, most);
        let mut before = f64::NAN;
        for _ in 0..20_000 {
            chain.commit();
            chain.flow();
            let now = chain.share(Held::Nothing);
            if (now - before).abs() <= 1e-13 * now {
                return Ok(Shares {
                    hit_ratio: chain.share(Held::New) + chain.share(Held::Old),
                    late_fill_share_of_reads: chain.share(Held::Old),
                    fills_per_s: self.reads_per_s * now,
                    late_fills_per_s: chain.late_landings_per_s(),
                });
            }
            before = now;
        }
        let (parameter, must_be) = ("rates", "of a chain that settles");
        Err(TheoryError::OutOfRange { parameter, must_be })
    }
}

#[cfg(test)]
mod tests {
    use super::super::stale_set::StaleSetRace;
    use super::*;

    fn solve(reads: f64, writes: f64, fill: f64) -> Shares {
        Fills::new(reads, writes, fill).and_then(|fills| fills.solve()).expect("in range")
    }

    fn near(value: f64, expected: f64, tolerance: f64) {
        assert!((value / expected - 1.0).abs() < tolerance, "{value} for {expected}");
    }

    #[test]
    fn instant_fills_are_the_closed_form() {
        near(solve(5.0, 0.5, 1e-7).hit_ratio, 5.0 / 5.5, 1e-6);
        let fills = Fills::new(5.0, 0.5, 1e-7).and_then(|it| it.expiring(3.0)).expect("in range");
        let life = (1.0 - libm::exp(-1.5)) / 0.5;
        near(fills.solve().expect("settles").hit_ratio, 5.0 * life / (1.0 + 5.0 * life), 1e-6);
    }

    #[test]
    fn rare_writes_make_a_stampede_each() {
        // First finisher fills: K(1) = e - 1, and theory's worked values of K(10) and K(30).
        for (reads, size) in [(1.0, 1.718_281_8), (10.0, 4.3327), (30.0, 7.2181)] {
            near(solve(reads, 1e-7, 1.0).fills_per_s / 1e-7, size, 1e-4);
        }
    }

    #[test]
    fn entries_that_expire_are_hardly_ever_written() {
        // A miss, a fill, and a life of T; an old row lives on if a write came during its fill.
        for (reads, writes, fill, ttl) in [(0.01, 1e-6, 0.005, 10.0), (1.0, 1e-4, 0.01, 1.0)] {
            let fills = Fills::new(reads, writes, fill).and_then(|it| it.expiring(ttl));
            let shares = fills.expect("in range").solve().expect("it settles");
            let hit_ratio = reads * ttl / (1.0 + reads * (fill + ttl));
            near(shares.hit_ratio, hit_ratio, 1e-3);
            near(shares.late_fill_share_of_reads, hit_ratio * writes * fill, 0.02);
        }
    }

    #[test]
    fn few_fills_in_flight_are_the_stale_set_race() {
        let (reads, writes, fill) = (2.0, 0.5, 0.005);
        let latency = |mean| Latency::exponential(mean).expect("in range");
        let race = StaleSetRace::new(writes, latency(fill), latency(1e-9)).expect("in range");
        let share = race.stale_share_of_reads(reads, None).expect("in range");
        let solved = solve(reads, writes, fill);
        near(solved.late_fill_share_of_reads, share, 0.02);
        near(solved.late_fills_per_s, solved.fills_per_s * race.per_fill(), 0.02);
    }

    #[test]
    fn other_shapes_are_as_far_off_as_their_limits() {
        let fills = Fills::new(3.0, 2.0, 0.05).expect("in range");
        let exponential = Latency::exponential(0.05).expect("in range");
        assert!(fills.off_for(&exponential).expect("in range") < 1e-9);
        // 1 + λx for 1 + ρ/(1+ρ) + ρ²/((1+ρ)(2+ρ)) + …, and 1 - e^(-μx) for μx / (1 + μx).
        let constant = Latency::constant(0.05).expect("in range");
        let stampede = 1.15 / (1.0 + 0.15 / 1.15 * (1.0 + 0.15 / 2.15 * (1.0 + 0.15 / 3.15)));
        let race = -libm::expm1(-0.1) / (0.1 / 1.1);
        near(fills.off_for(&constant).expect("in range"), stampede + race - 2.0, 1e-3);
        let busy = Fills::new(200.0, 2.0, 0.05).expect("in range").off_for(&constant);
        assert!(busy.expect("in range") > 1.0);
        assert!(fills.off_for(&Latency::constant(0.0).expect("in range")).is_err());
    }

    #[test]
    fn what_outlives_nothing_and_what_is_refused_is_never_stale() {
        let base = Fills::new(20.0, 1.0, 0.1).expect("in range");
        let none = base.in_flight(0.0, 0.0).and_then(|it| it.solve()).expect("settles");
        let refused = base.refusing_old().solve().expect("settles");
        assert_eq!(none.late_fill_share_of_reads, 0.0);
        assert_eq!(refused.late_fill_share_of_reads, 0.0);
        near(none.hit_ratio, refused.hit_ratio, 1e-9);
        assert!(base.solve().expect("settles").hit_ratio > refused.hit_ratio);
    }

    /// The chain's key, followed event by event.
    struct Key {
        state: u64,
        fresh: u32,
        old: u32,
        held: Held,
    }

    impl Key {
        fn uniform(&mut self) -> f64 {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            ((self.state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        }

        fn count(&mut self, of: u32, chance: f64) -> u32 {
            (0..of).filter(|_| self.uniform() < chance).count() as u32
        }

        /// One event; whether it was a read, and of what.
        fn step(&mut self, of: &Fills) -> Option<Held> {
            let landing = 1.0 / of.fill_s;
            let held = if self.held == Held::Nothing { 0.0 } else { of.expiries_per_s };
            let rates = [
                of.reads_per_s,
                of.writes_per_s,
                f64::from(self.fresh) * landing,
                f64::from(self.old) * landing,
                held,
            ];
            let mut draw = self.uniform() * rates.iter().sum::<f64>();
            let event = rates.iter().position(|rate| {
                draw -= rate;
                draw < 0.0
            });
            match event {
                Some(0) => {
                    self.fresh += u32::from(self.held == Held::Nothing);
                    return Some(self.held);
                }
                Some(1) => {
                    let stay = self.count(self.fresh, of.unread);
                    self.old = self.count(self.old + self.fresh - stay, of.outlives);
                    self.fresh = stay;
                    self.held = Held::Nothing;
                }
                Some(2) => {
                    self.fresh -= 1;
                    self.held = Held::New;
                }
                Some(3) => {
                    self.old -= 1;
                    self.held = if of.refuses_old { self.held } else { Held::Old };
                }
                _ => self.held = Held::Nothing,
            }
            None
        }
    }

    #[test]
    fn the_chain_is_what_happens_event_by_event() {
        let fills = |reads, writes, fill| Fills::new(reads, writes, fill).expect("in range");
        let cases = [
            fills(25.0, 0.5, 0.1),
            fills(25.0, 5.0, 0.1).in_flight(0.2, 0.7).expect("in range"),
            fills(8.0, 1.0, 0.5).expiring(1.0).expect("in range"),
            fills(8.0, 1.0, 0.5).refusing_old(),
        ];
        for (seed, fills) in cases.into_iter().enumerate() {
            let state = 0x9E37_79B9_7F4A_7C15 + seed as u64;
            let mut key = Key { state, fresh: 0, old: 0, held: Held::Nothing };
            let mut reads = [0.0; 3];
            for _ in 0..3_000_000 {
                if let Some(held) = key.step(&fills) {
                    reads[held as usize] += 1.0;
                }
            }
            let all: f64 = reads.iter().sum();
            let solved = fills.solve().expect("settles");
            let (miss, old) = (reads[0] / all, reads[2] / all);
            assert!((miss - 1.0 + solved.hit_ratio).abs() < 0.004, "{fills:?}: {miss} {solved:?}");
            assert!((old - solved.late_fill_share_of_reads).abs() < 0.006, "{fills:?}: {old}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(Fills::new(0.0, 1.0, 0.1).is_err() && Fills::new(1.0, 0.0, 0.1).is_err());
        assert!(Fills::new(1.0, 1.0, 0.0).is_err() && Fills::new(400.0, 1.0, 0.1).is_err());
        let fills = Fills::new(1.0, 1.0, 0.1).expect("in range");
        assert!(fills.expiring(0.0).is_err() && fills.in_flight(0.0, 1.5).is_err());
    }
}
