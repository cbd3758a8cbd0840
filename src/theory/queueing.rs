//! A database as a queue: requests wait, first come first served, for one of its connections.
//!
//! Sources: L. Kleinrock, "Queueing Systems", volume 1, Wiley 1975; M. Harchol-Balter,
//! "Performance Modeling and Design of Computer Systems", Cambridge 2013. Steady state throughout.

use super::special::phi;
use super::{Result, TheoryError, non_negative, positive};

/// M/M/c: Poisson arrivals, exponential service, c servers, one FIFO queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    utilization: f64,
    service_rate: f64,
    /// θ = cμ - λ: at which rate the tail of the wait falls.
    spare_rate: f64,
    wait_probability: f64,
}

impl Queue {
    /// The queue with these arrivals per second, mean service time and number of servers.
    ///
    /// # Errors
    /// If a parameter is not more than zero and finite, or the queue would only grow.
    pub fn new(arrivals_per_s: f64, service_mean_s: f64, servers: u32) -> Result<Self> {
        let arrivals = positive("arrival rate", arrivals_per_s)?;
        let service_rate = 1.0 / positive("mean service time", service_mean_s)?;
        let c = positive("number of servers", f64::from(servers))?;
        let utilization = arrivals / (c * service_rate);
        if utilization >= 1.0 {
            return Err(TheoryError::Unstable { utilization });
        }
        let blocked = erlang_b(arrivals / service_rate, servers)?;
        Ok(Queue {
            utilization,
            service_rate,
            spare_rate: c * service_rate - arrivals,
            wait_probability: blocked / (1.0 - utilization * (1.0 - blocked)),
        })
    }

    /// Share of the servers that is busy.
    pub fn utilization(&self) -> f64 {
        self.utilization
    }

    /// Probability that an arrival must wait: Erlang's C formula.
    pub fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// Mean wait, over all arrivals: C / θ with θ = cμ - λ.
    pub fn wait_mean_s(&self) -> f64 {
        self.wait_probability / self.spare_rate
    }

    /// Probability of a wait longer than this: C e^(-θt).
    pub fn wait_tail(&self, seconds: f64) -> f64 {
        if seconds < 0.0 {
            return 1.0;
        }
        self.wait_probability * libm::exp(-self.spare_rate * seconds)
    }

    /// The wait that a share `q` of the arrivals does not exceed; 0 while q is at most 1 - C.
    ///
    /// # Errors
    /// If q is not at least 0 and below 1.
    pub fn wait_quantile_s(&self, q: f64) -> Result<f64> {
        let beyond = 1.0 - quantile(q)?;
        Ok(libm::log(self.wait_probability / beyond).max(0.0) / self.spare_rate)
    }

    /// Mean time in the system: wait and service.
    pub fn sojourn_mean_s(&self) -> f64 {
        self.wait_mean_s() + 1.0 / self.service_rate
    }

    /// Probability of a longer time in the system than this:
    /// (1 - C) e^(-μt) + C (θ e^(-μt) - μ e^(-θt)) / (θ - μ), or e^(-μt) (1 + Cμt) where θ = μ.
    pub fn sojourn_tail(&self, seconds: f64) -> f64 {
        let (service, spare, t) = (self.service_rate, self.spare_rate, seconds.max(0.0));
        // The same without the cancellation: (e^(-μt) - e^(-θt)) / (θ - μ) as a function that is
        // smooth where the rates meet.
        let both = t * libm::exp(-service.min(spare) * t) * phi(1, -(service - spare).abs() * t);
        libm::exp(-service * t) + self.wait_probability * service * both
    }

    /// The time in the system that a share `q` of the arrivals does not exceed.
    ///
    /// # Errors
    /// If q is not at least 0 and below 1.
    pub fn sojourn_quantile_s(&self, q: f64) -> Result<f64> {
        let beyond = 1.0 - quantile(q)?;
        let (mut low, mut high) = (0.0, 1.0 / self.service_rate);
        while self.sojourn_tail(high) > beyond {
            (low, high) = (high, 2.0 * high);
        }
        // Halved until two neighbouring floats are left.
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return Ok(middle);
            }
            if self.sojourn_tail(middle) > beyond { low = middle } else { high = middle }
        }
    }
}

fn quantile(q: f64) -> Result<f64> {
    let must_be = "at least 0 and below 1";
    let valid = (0.0..1.0).contains(&q);
    if valid { Ok(q) } else { Err(TheoryError::OutOfRange { parameter: "quantile", must_be }) }
}

/// Erlang's B formula: the share of Poisson arrivals that find all servers busy, when those that
/// do are lost. `offered` is the arrival rate times the mean service time.
///
/// By the recursion B_k = a B_(k-1) / (k + a B_(k-1)) from B_0 = 1. Holds for any service time
/// distribution.
///
/// # Errors
/// If the offered load is negative or not finite.
pub fn erlang_b(offered: f64, servers: u32) -> Result<f64> {
    let offered = non_negative("offered load", offered)?;
    Ok((1..=servers).fold(1.0, |blocked, k| offered * blocked / (f64::from(k) + offered * blocked)))
}

/// M/G/1: mean wait with Poisson arrivals, any service time distribution and one server:
/// λE\[S²\] / (2(1 - ρ)), the formula of Pollaczek and Khinchine. In seconds.
///
/// # Errors
/// If a parameter is out of range, or the queue would only grow.
pub fn single_server_wait_mean_s(
    arrivals_per_s: f64,
    service_mean_s: f64,
    service_variance_s2: f64,
) -> Result<f64> {
    let arrivals = positive("arrival rate", arrivals_per_s)?;
    let mean = positive("mean service time", service_mean_s)?;
    let second_moment =
        non_negative("variance of the service time", service_variance_s2)? + mean * mean;
    let utilization = arrivals * mean;
    if utilization >= 1.0 {
        return Err(TheoryError::Unstable { utilization });
    }
    Ok(arrivals * second_moment / (2.0 * (1.0 - utilization)))
}

/// What a closed loop of clients gets: see [`closed_loop`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedLoop {
    /// Requests finished per second.
    pub throughput_per_s: f64,
    /// Mean response time, in seconds.
    pub response_mean_s: f64,
    /// Share of the servers that is busy.
    pub utilization: f64,
    /// With how many clients the servers begin to be the limit: c (Z + S) / S.
    pub saturation_clients: f64,
}

/// M/M/c//N, the machine repairman: clients think, ask, wait for the answer and think again.
///
/// Both times exponential, with means Z and S. The number of clients waiting or served is n with
/// probability p_n ∝ Π_(j=1..n) (N - j + 1)(S/Z) / min(j, c); throughput X = Σ p_n min(n, c) / S,
/// and the response time is N/X - Z.
///
/// # Errors
/// If a time or a number is not more than zero and finite.
pub fn closed_loop(
    clients: u32,
    think_mean_s: f64,
    service_mean_s: f64,
    servers: u32,
) -> Result<ClosedLoop> {
    let n = positive("number of clients", f64::from(clients))?;
    let c = positive("number of servers", f64::from(servers))?;
    let think = positive("mean think time", think_mean_s)?;
    let service = positive("mean service time", service_mean_s)?;
    let (mut weight, mut total, mut busy) = (1.0_f64, 1.0, 0.0);
    for j in 1..=clients {
        let j = f64::from(j);
        weight *= (n - j + 1.0) * (service / think) / j.min(c);
        total += weight;
        busy += weight * j.min(c);
        if weight > 1e200 {
            // Only ratios matter.
            (weight, total, busy) = (weight * 1e-200, total * 1e-200, busy * 1e-200);
        }
    }
    let throughput = busy / total / service;
    Ok(ClosedLoop {
        throughput_per_s: throughput,
        response_mean_s: n / throughput - think,
        utilization: throughput * service / c,
        saturation_clients: c * (think + service) / service,
    })
}

#[cfg(test)]
mod tests {
    use super::super::assert_printed;
    use super::*;

    #[test]
    fn worked_values_of_an_open_queue() {
        // Arrivals and servers at 10 ms of service; P(wait), W_q, R, p50 and p99 in ms.
        let rows = [
            ((80.0, 1), [".8", "40", "50", "34.657", "230.26"]),
            ((800.0, 10), [".40918", "2.046", "12.046", "9.121", "49.46"]),
            ((900.0, 10), [".66873", "6.687", "16.687", "13.291", "62.50"]),
            ((1_900.0, 20), [".75540", "7.554", "17.554", "14.231", "63.64"]),
        ];
        for ((arrivals, servers), printed) in rows {
            let queue = Queue::new(arrivals, 0.01, servers).expect("stable");
            let values = [
                queue.wait_probability(),
                1e3 * queue.wait_mean_s(),
                1e3 * queue.sojourn_mean_s(),
                1e3 * queue.sojourn_quantile_s(0.5).expect("valid"),
                1e3 * queue.sojourn_quantile_s(0.99).expect("valid"),
            ];
            for (value, printed) in values.into_iter().zip(printed) {
                assert_printed(value, printed);
            }
        }
    }

    #[test]
    fn one_server_is_the_exponential_of_the_textbook() {
        let queue = Queue::new(80.0, 0.01, 1).expect("stable");
        for t in [0.0, 0.001, 0.05, 0.4] {
            assert!((queue.sojourn_tail(t) - libm::exp(-20.0 * t)).abs() < 1e-14);
        }
        let wait = queue.wait_quantile_s(0.99).expect("valid");
        assert!((queue.wait_tail(wait) - 0.01).abs() < 1e-15);
        assert_eq!(queue.wait_quantile_s(0.1), Ok(0.0));
        assert_eq!(queue.wait_tail(-1.0), 1.0);
    }

    #[test]
    fn the_tail_is_smooth_where_the_rates_meet() {
        // Two servers at load 1/2: θ = 2μ - λ = μ.
        let at = |arrivals: f64| Queue::new(arrivals, 1.0, 2).expect("stable");
        let queue = at(1.0);
        let expected = libm::exp(-3.0) * (1.0 + queue.wait_probability() * 3.0);
        assert!((queue.sojourn_tail(3.0) - expected).abs() < 1e-15);
        assert!((at(1.0 + 1e-9).sojourn_tail(3.0) - expected).abs() < 1e-8);
        assert!(queue.sojourn_tail(1e6) == 0.0);
    }

    #[test]
    fn one_server_with_constant_service_waits_half_as_long() {
        let wait = single_server_wait_mean_s(80.0, 0.01, 0.0).expect("stable");
        assert_printed(1e3 * wait, "20.0");
        let wait = single_server_wait_mean_s(80.0, 0.01, 0.0001).expect("stable");
        assert_printed(1e3 * wait, "40");
    }

    #[test]
    fn worked_values_of_a_closed_loop() {
        let at = |clients, servers| closed_loop(clients, 1.0, 0.01, servers).expect("valid");
        let fifty = at(50, 1);
        assert_printed(fifty.throughput_per_s, "49.070");
        assert_printed(1e3 * fifty.response_mean_s, "18.96");
        assert_printed(fifty.utilization, ".4907");
        let hundred = at(100, 1);
        assert_printed(hundred.throughput_per_s, "92.430");
        assert_printed(1e3 * hundred.response_mean_s, "81.90");
        assert_printed(hundred.utilization, ".9243");
        assert_printed(hundred.saturation_clients, "101");
        assert_printed(at(200, 1).throughput_per_s, "100.00");
        assert_printed(at(200, 1).response_mean_s, "1.000");
        assert_printed(at(500, 4).throughput_per_s, "400.0");
        assert_printed(at(500, 4).response_mean_s, "0.250");
        // Far past what a product of the ratios could hold.
        assert_printed(at(100_000, 1).throughput_per_s, "100.00");
    }

    #[test]
    fn what_would_only_grow_is_refused() {
        assert!(matches!(Queue::new(100.0, 0.01, 1), Err(TheoryError::Unstable { .. })));
        assert!(single_server_wait_mean_s(100.0, 0.01, 0.0).is_err());
        assert!(Queue::new(1.0, 1.0, 0).is_err() && Queue::new(0.0, 1.0, 1).is_err());
        assert!(closed_loop(0, 1.0, 1.0, 1).is_err() && closed_loop(1, 0.0, 1.0, 1).is_err());
        let queue = Queue::new(0.5, 1.0, 1).expect("stable");
        assert!(queue.sojourn_quantile_s(1.0).is_err() && queue.wait_quantile_s(-0.1).is_err());
        assert_eq!(erlang_b(3.0, 0), Ok(1.0));
    }
}
