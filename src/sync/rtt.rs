//! The round trip as seen by echoed clocks: smoothed as in TCP (RFC 6298 §2), from 16 bits of milliseconds as in
//! mosh, whose echo is advanced by the time that it was held.

use super::Time;

/// Samples from this on come from a clock that wrapped or a machine that slept.
const LONGEST_SAMPLE: u64 = 5_000;
/// A clock held longer than this is not echoed.
const LONGEST_HOLD: u64 = 1_000;
/// After this silence the peer's clock may have wrapped past any order.
const ORDER_LASTS: u64 = 10_000;

/// Estimates the round trip of one link.
#[derive(Debug, Clone)]
pub(super) struct Rtt {
    smoothed: Option<u64>,
    /// The peer's newest clock, and when it came.
    heard: Option<(u16, Time)>,
    owes_echo: bool,
}

impl Rtt {
    pub fn new() -> Self {
        Self {
            smoothed: None,
            heard: None,
            owes_echo: false,
        }
    }

    /// What to assume of the round trip, in ms; 100 before the first sample.
    pub fn smoothed(&self) -> u64 {
        self.smoothed.unwrap_or(100)
    }

    /// The clock to send.
    pub fn clock(now: Time) -> u16 {
        now.0 as u16
    }

    /// The echo to send: each clock is echoed once.
    pub fn take_echo(&mut self, now: Time) -> Option<u16> {
        let (clock, at) = self.heard?;
        let held = now.since(at);
        let echo = self.owes_echo && held < LONGEST_HOLD;
        self.owes_echo = false;
        echo.then(|| clock.wrapping_add(held as u16))
    }

    /// Takes in the clocks of a packet. A doubled or overtaken packet measures nothing.
    pub fn heard(&mut self, sent: Option<u16>, echo: Option<u16>, now: Time) {
        let Some(clock) = sent else { return };
        let newer = self.heard.is_none_or(|(before, at)| {
            now.since(at) > ORDER_LASTS || clock.wrapping_sub(before) as i16 > 0
        });
        if !newer {
            return;
        }
        self.heard = Some((clock, now));
        self.owes_echo = true;
        let sample = echo.map(|echo| u64::from(Self::clock(now).wrapping_sub(echo)));
        if let Some(sample) = sample.filter(|sample| *sample < LONGEST_SAMPLE) {
            self.smoothed = Some(match self.smoothed {
                None => sample,
                Some(before) => (before * 7 + sample) / 8,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_a_clock_was_held_does_not_count() {
        let (mut here, mut there) = (Rtt::new(), Rtt::new());
        let sent = Rtt::clock(Time(65_530));
        there.heard(Some(sent), None, Time(1_000));
        let echo = there.take_echo(Time(1_400));
        assert_eq!(there.take_echo(Time(1_400)), None);
        here.heard(Some(1), echo, Time(65_530 + 400 + 70));
        assert_eq!(here.smoothed(), 70);
    }

    #[test]
    fn a_doubled_packet_measures_nothing() {
        let mut here = Rtt::new();
        here.heard(Some(5), Some(0), Time(40));
        here.heard(Some(5), Some(0), Time(400));
        assert_eq!(here.smoothed(), 40);
    }
}
