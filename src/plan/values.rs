//! Single values of a plan: durations, dates, CUDA architectures.

/// Milliseconds of a duration as Docker writes it: `30s`, `1m30s`, `1.5h`, `500ms`; `None` when it is none.
///
/// A bare `0` is a duration, any other number without a unit is not. Parts below a millisecond are dropped. Source: Go's
/// `time.ParseDuration`, which BuildKit and compose read these values with; the sign is left out, because no health
/// check has a negative time.
#[must_use]
pub fn duration_ms(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total = 0.0_f64;
    if rest.is_empty() || rest.len() > 40 {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = &rest[..digits];
        if !number.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let factor = match &rest[..letters] {
            "ns" => 1e-6,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1e-3,
            "ms" => 1.0,
            "s" => 1000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            _ => return None,
        };
        rest = &rest[letters..];
        total += number.parse::<f64>().ok()? * factor;
    }
    // Go's durations end at 292 years.
    (total < 9.2e12).then_some(total as u64)
}

/// Year, month and day of `2027-01-31`; `None` when the text is no date or the day does not exist.
#[must_use]
pub fn date(text: &str) -> Option<(u16, u8, u8)> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, byte)| match i {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let (year, month, day) = (text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?);
    ((1..=12).contains(&month) && (1..=days(year, month)).contains(&day)).then_some((year, month, day))
}

fn days(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How PyTorch writes an architecture: `Ok` when `text` is written so (`8.9`, `9.0a`, `8.6+PTX`), else the spelling that
/// is meant, when there is one (`89` → `8.9`, `sm_86` → `8.6`).
///
/// # Errors
/// The spelling that is meant; `None` when the text means no architecture.
///
/// Source: `torch/utils/cpp_extension.py`, `_get_cuda_arch_flags`: names such as `Ampere`, or `major.minor` with an
/// optional `a` or `f` and an optional `+PTX`.
pub fn torch_arch(text: &str) -> Result<(), Option<String>> {
    const NAMES: [&str; 9] =
        ["Kepler", "Maxwell", "Pascal", "Volta", "Turing", "Ampere", "Ada", "Hopper", "Blackwell"];
    let (plain, ptx) = match text.strip_suffix("+PTX") {
        Some(plain) => (plain, "+PTX"),
        None => (text, ""),
    };
    if NAMES.iter().any(|name| plain.split('+').next() == Some(*name)) {
        return Ok(());
    }
    let number = plain.strip_suffix(['a', 'f']).unwrap_or(plain);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((major, minor)) = number.split_once('.') {
        let real = digits(major) && major.len() <= 2 && digits(minor) && minor.len() == 1;
        return if real { Ok(()) } else { Err(None) };
    }
    let letter = &plain[number.len()..];
    let bare = number.trim_start_matches("sm_").trim_start_matches("compute_").trim_start_matches("sm");
    if digits(bare) && (2..=3).contains(&bare.len()) {
        let (major, minor) = bare.split_at(bare.len() - 1);
        return Err(Some(format!("{major}.{minor}{letter}{ptx}")));
    }
    Err(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases = [
            ("30s", Some(30_000)),
            ("1m30s", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            ("500ms", Some(500)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("900us", Some(0)),
            ("", None),
            ("30", None),
            ("s", None),
            (".s", None),
            ("1.2.3s", None),
            ("-1s", None),
            ("1 s", None),
            ("30 seconds", None),
            ("99999999999h", None),
            ("3\u{e9}s", None),
        ];
        for (text, want) in cases {
            assert_eq!(duration_ms(text), want, "{text}");
        }
    }

    #[test]
    fn dates() {
        let cases = [
            ("2027-01-31", Some((2027, 1, 31))),
            ("2028-02-29", Some((2028, 2, 29))),
            ("2027-02-29", None),
            ("2100-02-29", None),
            ("2027-13-01", None),
            ("2027-00-01", None),
            ("2027-04-31", None),
            ("2027-1-31", None),
            ("31-01-2027", None),
            ("2027-01-31T00:00:00Z", None),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", None),
        ];
        for (text, want) in cases {
            assert_eq!(date(text), want, "{text}");
        }
    }

    #[test]
    fn architectures() {
        for good in ["8.9", "12.0", "9.0a", "8.6+PTX", "Ampere", "10.0f"] {
            assert_eq!(torch_arch(good), Ok(()), "{good}");
        }
        let bad = [
            ("89", Some("8.9")),
            ("sm_86", Some("8.6")),
            ("120", Some("12.0")),
            ("90a", Some("9.0a")),
            ("86+PTX", Some("8.6+PTX")),
            ("8.9;8.6", None),
            ("8", None),
            ("", None),
            ("turbo", None),
        ];
        for (text, want) in bad {
            assert_eq!(torch_arch(text), Err(want.map(str::to_owned)), "{text}");
        }
    }
}
