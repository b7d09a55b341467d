//! Times of YAML as Go prints them: `2006-01-02 15:04:05.999999999 -0700 MST`.

use smol_str::{SmolStr, format_smolstr};

/// How Go prints a time; `None` for a text that is none. A time of day without a zone is one of UTC.
pub(super) fn printed(text: &str) -> Option<SmolStr> {
    let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (day, rest) = text.split_at(end);
    let mut parts = day.split('-');
    let mut number = || parts.next()?.parse::<u32>().ok();
    let (year, month, day) = (number()?, number()?, number()?);
    let rest = rest.get(1..).unwrap_or_default();
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    let (hour, minute, second, fraction) = match time.trim() {
        "" => (0, 0, 0, ""),
        time => {
            let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
            let mut parts = time.split(':');
            let mut number = || parts.next()?.parse::<u32>().ok();
            (number()?, number()?, number()?, fraction.trim_end_matches('0'))
        }
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    let zone = match zone {
        "" | "Z" => SmolStr::new_static("+0000 UTC"),
        zone => match zone.replace(':', "") {
            zone if zone.ends_with("0000") => SmolStr::new_static("+0000 UTC"),
            zone => format_smolstr!("{zone} {zone}"),
        },
    };
    Some(format_smolstr!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{dot}{fraction} {zone}"
    ))
}

#[cfg(test)]
mod tests {
    use super::printed;

    #[test]
    fn times_are_printed_as_go_prints_them() {
        for (text, want) in [
            ("2024-01-02", "2024-01-02 00:00:00 +0000 UTC"),
            ("2024-1-2", "2024-01-02 00:00:00 +0000 UTC"),
            ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05 +0000 UTC"),
            ("2024-01-02t3:04:05.120Z", "2024-01-02 03:04:05.12 +0000 UTC"),
            ("2024-01-02 03:04:05", "2024-01-02 03:04:05 +0000 UTC"),
            ("2024-01-02T03:04:05+02:00", "2024-01-02 03:04:05 +0200 +0200"),
            ("2024-01-02T03:04:05-05:30", "2024-01-02 03:04:05 -0530 -0530"),
        ] {
            assert_eq!(printed(text).as_deref(), Some(want), "{text}");
        }
    }
}
