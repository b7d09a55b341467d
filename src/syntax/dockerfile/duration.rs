//! Durations of HEALTHCHECK flags, as Go's `time.ParseDuration` reads them.

const MILLISECOND: f64 = 1e6;
/// The largest duration that Go holds, in nanoseconds.
const LARGEST: f64 = i64::MAX as f64;

/// Checks one value: empty and zero mean the default, less than a millisecond is refused.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Ok(());
    }
    match nanoseconds(text) {
        None => Err("no duration; write `30s`, `1m30s` or `500ms`"),
        Some(value) if value != 0.0 && value < MILLISECOND => Err("less than a millisecond"),
        Some(_) => Ok(()),
    }
}

fn nanoseconds(text: &str) -> Option<f64> {
    let (mut rest, sign) = match text.strip_prefix('-') {
        Some(rest) => (rest, -1.0),
        None => (text.strip_prefix('+').unwrap_or(text), 1.0),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let number = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let unit = rest[number..]
            .find(|it: char| it.is_ascii_digit() || it == '.')
            .map_or(rest.len(), |at| number + at);
        if !rest[..number].bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        sum += rest[..number].parse::<f64>().ok()? * unit_size(&rest[number..unit])?;
        rest = &rest[unit..];
    }
    (sum <= LARGEST).then_some(sign * sum)
}

fn unit_size(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1.0,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1e3,
        "ms" => MILLISECOND,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3600e9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn durations() {
        for text in ["", "0", "0s", "30s", "1m30s", "1.5h", ".5s", "1ms", "+2s", "1000us", "5.s"] {
            assert!(check(text).is_ok(), "{text}");
        }
        for text in ["30", "s", "1x", "-1s", "1us", "1s 2s", "-", ".s", "1..2s", "99999999999h", "$X"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
