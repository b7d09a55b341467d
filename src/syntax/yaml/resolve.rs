//! Types of plain scalars: the table of each consumer.

use super::scalar::{Resolved, Typing};

/// The type of a text without quotes, which is not null.
pub(super) fn resolve(text: &str, typing: Typing) -> Option<Resolved> {
    if let Some(value) = boolean(text, typing) {
        return Some(Resolved::Bool(value));
    }
    match typing {
        Typing::Core => core(text),
        Typing::Compose | Typing::Kubernetes => go(text, typing),
    }
}

fn boolean(text: &str, typing: Typing) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if typing == Typing::Kubernetes => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if typing == Typing::Kubernetes => Some(false),
        _ => None,
    }
}

/// YAML 1.2, section 10.3.2.
fn core(text: &str) -> Option<Resolved> {
    if let Some(value) = special_float(text) {
        return Some(Resolved::Float(value));
    }
    let radix = |digits: &str, radix| digits_of(digits, radix).map(|value| whole(false, value));
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let (negative, digits) = sign(text);
    if let Some(value) = digits_of(digits, 10) {
        return Some(whole(negative, value));
    }
    decimal(text).map(Resolved::Float)
}

/// go-yaml, the same in its versions 2, 3 and 4 but for booleans and timestamps: the first byte decides what is tried;
/// underscores may stand in numbers; a leading zero means octal unless a digit above 7 follows, which makes a fraction.
fn go(text: &str, typing: Typing) -> Option<Resolved> {
    if let Some(value) = special_float(text) {
        return Some(Resolved::Float(value));
    }
    match text.as_bytes().first()? {
        b'.' => decimal(text).map(Resolved::Float),
        b'0'..=b'9' | b'+' | b'-' => {
            if typing == Typing::Compose && is_timestamp(text) {
                return Some(Resolved::Timestamp(text.into()));
            }
            let plain = text.replace('_', "");
            go_integer(&plain).or_else(|| decimal(&plain).map(Resolved::Float))
        }
        _ => None,
    }
}

fn go_integer(text: &str) -> Option<Resolved> {
    let (negative, digits) = sign(text);
    let value = match digits.as_bytes() {
        [b'0', b'x' | b'X', rest @ ..] => digits_of(std::str::from_utf8(rest).ok()?, 16),
        [b'0', b'o' | b'O', rest @ ..] => digits_of(std::str::from_utf8(rest).ok()?, 8),
        [b'0', b'b' | b'B', rest @ ..] => digits_of(std::str::from_utf8(rest).ok()?, 2),
        [b'0', rest @ ..] if !rest.is_empty() => digits_of(std::str::from_utf8(rest).ok()?, 8),
        _ => digits_of(digits, 10),
    };
    value.map(|value| whole(negative, value))
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// What digits alone say; beyond 128 bits infinity.
enum Whole {
    Exact(u128),
    Huge,
}

fn digits_of(digits: &str, radix: u32) -> Option<Whole> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    Some(u128::from_str_radix(digits, radix).map_or(Whole::Huge, Whole::Exact))
}

fn whole(negative: bool, value: Whole) -> Resolved {
    let Whole::Exact(value) = value else {
        return Resolved::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    };
    let signed = i128::try_from(value).ok().map(|value| if negative { -value } else { value });
    match signed.and_then(|value| i64::try_from(value).ok()) {
        Some(value) => Resolved::Int(value),
        None => Resolved::Float(if negative { -(value as f64) } else { value as f64 }),
    }
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => None,
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn decimal(text: &str) -> Option<f64> {
    let (_, digits) = sign(text);
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], Some(sign(&digits[at + 1..]).1)),
        None => (digits, None),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = are_digits(before)
        && are_digits(behind)
        && !(before.is_empty() && behind.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && are_digits(exponent));
    is_number.then(|| text.parse().ok()).flatten()
}

/// Whether go-yaml reads a time: `2006-1-2`, or that with `T15:4:5Z`, `t15:4:5+01:00` or ` 15:4:5` behind it, fractions
/// of a second allowed.
pub(super) fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

fn timestamp(text: &str) -> Option<()> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let year = number(year, 4, 0..=9999)?;
    let month = number(parts.next()?, 2, 1..=12)?;
    let day = number(parts.next()?, 2, 1..=days(year, month))?;
    let _ = day;
    if parts.next().is_some() {
        return None;
    }
    let Some(time) = time else { return Some(()) };
    let (time, has_zone) = match time.as_bytes().first()? {
        b' ' => (&time[1..], false),
        _ => (&time[1..], true),
    };
    let clock = if has_zone { without_zone(time)? } else { time };
    let mut parts = clock.splitn(3, ':');
    number(parts.next()?, 2, 0..=23)?;
    number(parts.next()?, 2, 0..=59)?;
    let seconds = parts.next()?;
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    number(seconds, 2, 0..=59)?;
    (!fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())).then_some(())
}

fn without_zone(time: &str) -> Option<&str> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some(clock);
    }
    let at = time.rfind(['+', '-'])?;
    let (hours, minutes) = time[at + 1..].split_once(':')?;
    let is_zone = hours.len() == 2 && minutes.len() == 2;
    number(hours, 2, 0..=24).and(number(minutes, 2, 0..=60)).filter(|_| is_zone)?;
    Some(&time[..at])
}

fn number(digits: &str, most: usize, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let is_number = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|value| is_number && range.contains(value))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}
