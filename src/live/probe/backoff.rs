//! How long to wait before an endpoint is asked again.

use std::time::Duration;

/// Before the second attempt.
const FIRST: Duration = Duration::from_millis(250);
/// From one attempt to the next.
const GROWTH: f64 = 1.6;
/// Before jitter, the longest.
const LONGEST: Duration = Duration::from_secs(3);

/// The wait after attempt `attempt` (from 0) of a question: a quarter shorter to a quarter longer than planned, so that a
/// fleet that failed at once is not asked at once. The same seed gives the same waits.
pub(super) fn wait(seed: u64, question: usize, attempt: u32) -> Duration {
    // The growth reaches the longest wait long before this power overflows.
    let planned = FIRST.as_secs_f64() * GROWTH.powi(i32::try_from(attempt.min(64)).unwrap_or(64));
    let planned = planned.min(LONGEST.as_secs_f64());
    let bits = splitmix(seed ^ splitmix(question as u64) ^ u64::from(attempt));
    // 53 bits, as many as a fraction has.
    let fraction = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    Duration::from_secs_f64(planned * (0.75 + fraction / 2.0))
}

/// One step of SplitMix64 (Steele, Lea, Flood, 2014): enough to spread waits.
fn splitmix(state: u64) -> u64 {
    let mut bits = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::{splitmix, wait};

    #[test]
    fn waits_grow_to_three_seconds() {
        for (attempt, planned) in
            [(0, 250.0), (1, 400.0), (2, 640.0), (5, 2621.44), (6, 3000.0), (4_000, 3000.0)]
        {
            for question in 0..50 {
                let millis = wait(7, question, attempt).as_secs_f64() * 1e3;
                assert!((planned * 0.75..=planned * 1.25).contains(&millis), "{attempt}: {millis}");
            }
        }
    }

    #[test]
    fn the_seed_decides() {
        let all = |seed| (0..20).map(|question| wait(seed, question, 1)).collect::<Vec<_>>();
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        let mut spread = all(1);
        spread.sort();
        spread.dedup();
        assert_eq!(spread.len(), 20);
    }

    #[test]
    fn splitmix_gives_the_published_numbers() {
        // The first two outputs for the seed 1234567: each step adds the same constant to the state.
        assert_eq!(splitmix(1_234_567), 6_457_827_717_110_365_317);
        assert_eq!(splitmix(1_234_567_u64.wrapping_add(0x9e37_79b9_7f4a_7c15)), 3_203_168_211_198_807_973);
    }
}
