//! The autoscaling annotations that Knative knows, with what each takes.

/// What the value of an annotation is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A whole number from this one on.
    Whole {
        /// The smallest.
        least: i32,
    },
    /// A number.
    Number(Limit),
    /// A number from 0, or -1.
    Burst,
    /// A Go duration up to an hour.
    Duration {
        /// The shortest, in seconds.
        least: f64,
    },
    /// The class of autoscaler.
    Class,
    /// Judged elsewhere, or by nobody.
    Free,
}

/// Bounds, both inclusive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// The smallest.
    pub(super) least: f64,
    /// The largest.
    pub(super) most: f64,
}

const fn number(least: f64, most: f64) -> Kind {
    Kind::Number(Limit { least, most })
}

/// Name, the spelling before Knative 1.0 (still read), and what it takes.
const KEYS: [(&str, &str, Kind); 16] = [
    ("class", "class", Kind::Class),
    ("metric", "metric", Kind::Free),
    ("min-scale", "minScale", Kind::Whole { least: 0 }),
    ("max-scale", "maxScale", Kind::Whole { least: 0 }),
    ("initial-scale", "initialScale", Kind::Whole { least: 0 }),
    ("activation-scale", "activationScale", Kind::Whole { least: 2 }),
    ("target", "target", number(0.01, f64::INFINITY)),
    ("target-utilization-percentage", "targetUtilizationPercentage", number(1.0, 100.0)),
    ("target-burst-capacity", "targetBurstCapacity", Kind::Burst),
    ("panic-window-percentage", "panicWindowPercentage", number(1.0, 100.0)),
    ("panic-threshold-percentage", "panicThresholdPercentage", number(110.0, 1000.0)),
    ("window", "window", Kind::Duration { least: 6.0 }),
    ("scale-down-delay", "scaleDownDelay", Kind::Duration { least: 0.0 }),
    ("scale-to-zero-pod-retention-period", "scaleToZeroPodRetentionPeriod", Kind::Duration { least: 0.0 }),
    ("aggregation-algorithm", "aggregationAlgorithm", Kind::Free),
    ("metric-aggregation-algorithm", "metricAggregationAlgorithm", Kind::Free),
];

/// The name of a key in its present spelling, and what it takes.
pub(super) fn kind_of(key: &str) -> Option<(&'static str, Kind)> {
    let row = KEYS.iter().find(|(name, old, _)| *name == key || *old == key)?;
    Some((row.0, row.2))
}

/// The key that an unknown one is a slip of: other letters' case, other separators, one wrong letter.
pub(super) fn nearest_key(key: &str) -> Option<&'static str> {
    let plain = |text: &str| {
        text.chars().filter(|c| !matches!(c, '-' | '_' | '.')).collect::<String>().to_ascii_lowercase()
    };
    let written = plain(key);
    let names = KEYS.iter().map(|(name, ..)| *name);
    names
        .map(|name| (crate::nearest::distance(&written, &plain(name)), name))
        .filter(|(distance, name)| *distance <= usize::from(name.len() > 6))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A Go duration in seconds.
pub(super) fn parse_seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text;
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(digits);
        let unit = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let factor = match &behind[..unit] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = &behind[unit..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::{kind_of, nearest_key, parse_seconds};

    #[test]
    fn keys_have_two_spellings() {
        assert_eq!(kind_of("minScale").map(|row| row.0), Some("min-scale"));
        assert_eq!(kind_of("min-scale").map(|row| row.0), Some("min-scale"));
        assert!(kind_of("minscale").is_none());
        for (slip, want) in [
            ("minscale", Some("min-scale")),
            ("min_scale", Some("min-scale")),
            ("max-scales", Some("max-scale")),
            ("containerConcurrency", None),
            ("targets", None),
        ] {
            assert_eq!(nearest_key(slip), want, "{slip}");
        }
    }

    #[test]
    fn durations_are_those_of_go() {
        for (text, want) in [
            ("60s", Some(60.0)),
            ("1m30s", Some(90.0)),
            ("0", Some(0.0)),
            ("60", None),
            ("", None),
            ("-5s", None),
        ] {
            assert_eq!(parse_seconds(text), want, "{text}");
        }
    }
}
