//! A service station: a few servers and one FIFO queue before them.
//!
//! It counts places and keeps the order. How long a service takes, and when, is the driver's
//! business.

use std::collections::VecDeque;

/// `connections` servers and the customers that wait for one, first come first served.
#[derive(Clone, Debug)]
pub struct Station {
    connections: u32,
    busy: u32,
    waiting: VecDeque<u32>,
}

impl Station {
    /// An idle station.
    pub fn new(connections: u32) -> Station {
        Station { connections, busy: 0, waiting: VecDeque::new() }
    }

    /// A customer arrives: `true` if its service starts now, `false` if it waits.
    #[inline]
    pub fn arrive(&mut self, customer: u32) -> bool {
        if self.busy < self.connections {
            self.busy += 1;
            return true;
        }
        self.waiting.push_back(customer);
        false
    }

    /// A service ends: the customer whose service starts now on the free server, if one waits.
    #[inline]
    pub fn leave(&mut self) -> Option<u32> {
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.busy -= 1;
        }
        next
    }

    /// Number of customers waiting.
    #[inline]
    pub fn queue(&self) -> usize {
        self.waiting.len()
    }

    /// Number of servers at work.
    pub fn busy(&self) -> u32 {
        self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_served_in_the_order_they_came() {
        let mut station = Station::new(2);
        assert!(station.arrive(1) && station.arrive(2));
        assert!(!station.arrive(3) && !station.arrive(4));
        assert_eq!((station.queue(), station.busy()), (2, 2));
        assert_eq!(station.leave(), Some(3));
        assert_eq!(station.leave(), Some(4));
        assert_eq!(station.leave(), None);
        assert_eq!((station.queue(), station.busy()), (0, 1));
    }
}
