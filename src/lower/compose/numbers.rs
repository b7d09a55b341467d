//! Numbers as Go prints and reads them: floats, sizes in bytes, durations.

use smol_str::{SmolStr, format_smolstr};

/// A float as Go's `%v` prints it: the shortest text, an exponent below 1e-4 and from 1e21 on.
pub(crate) fn float(value: f64) -> SmolStr {
    if value.is_nan() {
        return SmolStr::new_static("NaN");
    }
    if value.is_infinite() {
        return SmolStr::new_static(if value > 0.0 { "+Inf" } else { "-Inf" });
    }
    let magnitude = value.abs();
    if value != 0.0 && !(1e-4..1e21).contains(&magnitude) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format_smolstr!("{digits}e{sign}{exponent:0>2}");
    }
    format_smolstr!("{value}")
}

/// A size as docker/go-units `RAMInBytes` reads it: `512m`, `1.5 GiB`, `10`, all by 1024; -1 stands for no limit.
pub(crate) fn bytes(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(' ');
    let end = text.rfind(|character: char| character.is_ascii_digit() || character == '.')? + 1;
    let (number, unit) = text.split_at(end);
    let (unit, spaced) = match unit.strip_prefix(' ') {
        Some(unit) => (unit, true),
        None => (unit, false),
    };
    let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite())?;
    if number < 0.0 && number != -1.0 {
        return None;
    }
    let unit = unit.to_ascii_lowercase();
    if unit.is_empty() {
        return (!spaced).then_some(number as i64);
    }
    let shift = match unit.strip_suffix("ib").or_else(|| unit.strip_suffix('b')).unwrap_or(&unit) {
        "" if unit == "b" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        "p" => 50,
        _ => return None,
    };
    Some((number * f64::from(1u32 << (shift % 30)) * if shift >= 30 { 1_073_741_824.0 } else { 1.0 }) as i64)
}

/// A Go duration in nanoseconds; `None` when it is none.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (whole, fraction) = rest[..end].split_once('.').unwrap_or((&rest[..end], ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        rest = &rest[end..];
        let length = rest.find(|character: char| character.is_ascii_digit() || character == '.');
        let unit: i64 = match &rest[..length.unwrap_or(rest.len())] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        rest = &rest[length.unwrap_or(rest.len())..];
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let part: f64 = format!("0.{fraction}0").parse().ok()?;
        total = total.checked_add(whole.checked_mul(unit)?)?.checked_add((part * unit as f64) as i64)?;
    }
    Some(if negative { -total } else { total })
}

/// A duration of nanoseconds as Go prints it: `1m30s`, `1.5s`, `0s`.
pub(crate) fn printed_duration(nanoseconds: i64) -> SmolStr {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    if total == 0 {
        return SmolStr::new_static("0s");
    }
    let (scale, unit) = match total {
        0..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => return long_duration(sign, total),
    };
    format_smolstr!("{sign}{}{unit}", fraction(total, scale))
}

fn long_duration(sign: &str, total: u64) -> SmolStr {
    const SECOND: u64 = 1_000_000_000;
    let seconds = fraction(total % (60 * SECOND), SECOND);
    let minutes = total / (60 * SECOND);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format_smolstr!("{sign}{seconds}s"),
        (0, minutes) => format_smolstr!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format_smolstr!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

/// `value / scale` with no zeros at the end.
fn fraction(value: u64, scale: u64) -> String {
    if value.is_multiple_of(scale) {
        return (value / scale).to_string();
    }
    let width = scale.ilog10() as usize;
    let digits = format!("{:0width$}", value % scale);
    format!("{}.{}", value / scale, digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::{bytes, duration, float, printed_duration};

    #[test]
    fn floats_print_as_in_go() {
        for (value, want) in [
            (1.0, "1"),
            (1000.0, "1000"),
            (1.5, "1.5"),
            (1e21, "1e+21"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (0.0, "0"),
        ] {
            assert_eq!(float(value), want);
        }
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        for (text, want) in [
            ("512m", Some(512 << 20)),
            ("1.5 GiB", Some(1_610_612_736)),
            ("10", Some(10)),
            ("10b", Some(10)),
            ("10kb", Some(10_240)),
            ("2tb", Some(2 << 40)),
            ("-1", Some(-1)),
            ("-2", None),
            ("m", None),
            ("10x", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), want, "{text}");
        }
    }

    #[test]
    fn durations_read_and_print_as_in_go() {
        for (text, want) in [
            ("90s", Some("1m30s")),
            ("1h", Some("1h0m0s")),
            ("1.5s", Some("1.5s")),
            ("100ms", Some("100ms")),
            ("1m0.25s", Some("1m0.25s")),
            ("10us", Some("10µs")),
            ("0", Some("0s")),
            ("10", None),
            ("", None),
            (".s", None),
        ] {
            let printed = duration(text).map(printed_duration);
            assert_eq!(printed.as_deref(), want, "{text}");
        }
    }
}
