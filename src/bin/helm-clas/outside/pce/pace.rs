//! [`Pace`]: never more requests a minute than a PCE answers.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A PCE answers 500 requests a minute for a key, and 429 to more. The rest is for other users of the key. (Core 23.5,
/// REST API limits)
const MOST: usize = 400;

/// The time in which they are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// When the requests of the last minute were sent.
#[derive(Debug, Default)]
pub(super) struct Pace {
    sent: VecDeque<Instant>,
}

impl Pace {
    /// Counts a request that is to be sent, and says how long it must wait.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        while self.sent.front().is_some_and(|sent| now.duration_since(*sent) >= MINUTE) {
            self.sent.pop_front();
        }
        let oldest = self.sent.len().checked_sub(MOST).and_then(|index| self.sent.get(index));
        let wait = oldest.map_or(Duration::ZERO, |oldest| (*oldest + MINUTE).saturating_duration_since(now));
        self.sent.push_back(now + wait);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends as fast as it may, and checks every window of a minute.
    #[test]
    fn no_minute_sees_more_than_the_most() {
        let mut pace = Pace::default();
        let start = Instant::now();
        let (mut now, mut sent) = (start, Vec::new());
        for number in 0..3 * MOST {
            now += pace.wait(now);
            sent.push(now);
            // a long pause now and then
            now += if number % 333 == 0 { Duration::from_secs(20) } else { Duration::from_millis(10) };
        }
        for (first, begin) in sent.iter().enumerate() {
            let within = sent[first..].iter().take_while(|time| time.duration_since(*begin) < MINUTE).count();
            assert!(within <= MOST, "{within} requests in the minute after request {first}");
        }
        assert!(now.duration_since(start) < Duration::from_secs(4 * 60));
    }

    #[test]
    fn few_requests_never_wait() {
        let mut pace = Pace::default();
        let now = Instant::now();
        assert!((0..MOST).all(|_| pace.wait(now).is_zero()));
        assert_eq!(pace.wait(now), MINUTE);
        assert_eq!(Pace::default().wait(now), Duration::ZERO);
    }
}
