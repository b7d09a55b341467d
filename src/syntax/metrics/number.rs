//! Numbers as Prometheus reads them: Go's `strconv`, which differs from Rust's in what it takes.

/// A value of the text format, as `strconv.ParseFloat` reads it without hexadecimal and underscores: `NaN` has no sign, and
/// a number that is too large is none.
pub(super) fn float(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.eq_ignore_ascii_case(b"inf") || digits.eq_ignore_ascii_case(b"infinity") {
        return Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if text.eq_ignore_ascii_case(b"nan") {
        return Some(f64::NAN);
    }
    if !text.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)) {
        return None;
    }
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// A timestamp of the text format: a signed decimal number of 64 bits.
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_those_of_go() {
        for good in [
            "0",
            "-1",
            "+1",
            "5.",
            ".5",
            "-.5e-3",
            "1e3",
            "1E+3",
            "Inf",
            "+iNF",
            "-infinity",
            "NaN",
            "nan",
            "1e-400",
        ] {
            assert!(float(good.as_bytes()).is_some(), "{good}");
        }
        for bad in [
            "", ".", "+", "e5", "1e", "1e+", "0x10", "0x1p3", "1_0", "1e400", "+nan", "-NaN", "infinit",
            "--1", "1,5", "1 ",
        ] {
            assert!(float(bad.as_bytes()).is_none(), "{bad}");
        }
        assert_eq!(float(b"-inf"), Some(f64::NEG_INFINITY));
        assert_eq!(float(b"1.5e3"), Some(1500.0));
    }

    #[test]
    fn timestamps_are_integers() {
        assert_eq!(integer(b"-5"), Some(-5));
        assert_eq!(integer(b"+5"), Some(5));
        for bad in ["", "1.5", "0x5", "1_0", "9223372036854775808"] {
            assert_eq!(integer(bad.as_bytes()), None, "{bad}");
        }
    }
}
