//! What two histories say of each other. A history is a hint: builders and squashing write it as they like.

use crate::model::{BuiltImage, HistoryStep};

/// A point in time: seconds since 1970-01-01 in UTC, and nanoseconds.
pub(super) type Moment = (i64, u32);

/// Reads RFC 3339 text; fractions beyond nanoseconds are cut off.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (nanoseconds, zone) = fraction(rest)?;
    let offset = offset(zone)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    Some((seconds, nanoseconds))
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|_| digits)
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    let nine = rest[..end].bytes().map(|digit| u32::from(digit - b'0')).chain(std::iter::repeat(0)).take(9);
    (end > 0).then(|| (nine.fold(0, |sum, digit| sum * 10 + digit), &rest[end..]))
}

fn offset(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone {
        "Z" | "z" => return Some(0),
        _ => (if zone.starts_with('-') { -1 } else { 1 }, zone.strip_prefix(['+', '-'])?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    Some(sign * (i64::from(hours) * 3_600 + i64::from(minutes) * 60))
}

/// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day is the last one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// A step as histories are compared: its command and when it ran. Two forms of one image may write one moment
/// differently.
pub(super) fn exact(step: &HistoryStep) -> (&str, Option<Moment>) {
    (&step.created_by.value, step.created.as_deref().and_then(moment))
}

/// How a history that begins with all commands of another relates to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The other image as it is now was made later, by the same commands.
    Rebuilt,
    /// It was made earlier: the call holds an older build than the one below.
    Older,
    /// The layers of these commands are gone.
    Squashed,
}

/// Relates an image to another one whose commands its history begins with, though its layers do not begin with those.
pub(super) fn relate(image: &BuiltImage, other: &BuiltImage) -> Relation {
    let pairs = || image.history.iter().zip(&other.history);
    let same_layers = pairs().all(|(own, its)| own.empty_layer == its.empty_layer);
    if !same_layers || image.diff_ids.len() < other.diff_ids.len() || has_too_few_layers(image) {
        return Relation::Squashed;
    }
    let newer = pairs().any(|(own, its)| match (exact(own).1, exact(its).1) {
        (Some(own), Some(its)) => own > its,
        _ => false,
    });
    if newer { Relation::Older } else { Relation::Rebuilt }
}

/// Whether the history tells of more steps that made a layer than there are layers.
pub(super) fn has_too_few_layers(image: &BuiltImage) -> bool {
    image.history.iter().filter(|step| !step.empty_layer).count() > image.diff_ids.len()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_read_and_compared() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some((0, 0))),
            ("2025-08-12T00:00:00.5Z", Some((1_754_956_800, 500_000_000))),
            ("2025-08-12T02:00:00+02:00", Some((1_754_956_800, 0))),
            ("2024-02-29T23:59:59.1234567899Z", Some((1_709_251_199, 123_456_789))),
            ("0001-01-01T00:00:00Z", Some((-62_135_596_800, 0))),
            ("2025-13-12T00:00:00Z", None),
            ("2025-08-12", None),
            ("2025-08-12T00:00:00", None),
            ("2025-08-12T00:00:00.Z", None),
            ("+025-08-12T00:00:00Z", None),
            ("äöü5-08-12T00:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(moment(text), want, "{text}");
        }
    }
}
