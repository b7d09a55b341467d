//! Prometheus' text format 0.0.4, line by line, as `promtool check metrics` takes and refuses it.
//!
//! Its reader is the reference also where it is odd: the type's case does not matter, a TYPE line without a type counts for
//! nothing, a blank behind the value is refused and one before the name is not.

use memchr::memchr;
use smol_str::{SmolStr, format_smolstr};

use super::MetricFault;
use super::collect::{Collector, Labels, NewSample};
use super::cursor::{Cursor, Escapes, Refused, bad_escape, shown};
use super::number;

/// Types that promtool takes. The last one is not of the format: Prometheus itself refuses it.
const TYPES: [&str; 6] = ["counter", "gauge", "histogram", "summary", "untyped", "gauge_histogram"];

/// Reads a body into a collector.
pub(super) fn read(bytes: &[u8], into: &mut Collector) {
    let (mut rest, mut number) = (bytes, 0);
    while !rest.is_empty() {
        number += 1;
        if let Some(behind) = rest.strip_prefix(b"\n") {
            rest = behind;
            continue;
        }
        let end = memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[][..], |end| &rest[end + 1..]);
        let mut cursor = Cursor::new(line);
        cursor.blanks();
        if cursor.is_at_end() {
            continue;
        }
        let read = match cursor.eat(b'#') {
            true => comment(cursor, number, into),
            false => sample(cursor, number, into),
        };
        let refused = match read {
            Ok(()) if end.is_none() => "the last line does not end with a line feed".into(),
            Ok(()) => continue,
            Err(why) if line.ends_with(b"\r") => {
                format_smolstr!("{why}: the line ends with a carriage return")
            }
            Err(why) => why,
        };
        if !into.syntax(number, refused) {
            return;
        }
    }
}

/// A line that begins with `#`, behind it.
fn comment(mut cursor: Cursor<'_>, line: u32, into: &mut Collector) -> Result<(), Refused> {
    cursor.blanks();
    let keyword = cursor.word();
    let is_type = keyword == b"TYPE";
    if cursor.is_at_end() || (!is_type && keyword != b"HELP") {
        return Ok(());
    }
    cursor.blanks();
    let at = cursor.rest();
    let name = cursor.metric_name();
    match cursor.peek() {
        // A line without anything behind the name counts for nothing: it does not even begin a family.
        None => {
            if is_type {
                into.problems.add(line, MetricFault::Description, || no_type(name));
            }
            Ok(())
        }
        Some(b' ' | b'\t') => {
            let family = into.family_of(name);
            into.describes(family);
            cursor.blanks();
            match (cursor.is_at_end(), is_type) {
                (true, false) => {}
                (true, true) => into.problems.add(line, MetricFault::Description, || no_type(name)),
                (false, false) => help(cursor.rest(), line, family, into)?,
                (false, true) => kind(cursor.rest(), line, family, into)?,
            }
            Ok(())
        }
        Some(_) => {
            let keyword = if is_type { "TYPE" } else { "HELP" };
            Err(format_smolstr!("`{}` behind {keyword} is no metric name", first_word(at)))
        }
    }
}

fn no_type(name: &str) -> SmolStr {
    match name.is_empty() {
        true => "a TYPE line has neither name nor type".into(),
        false => format_smolstr!("the TYPE line of `{}` says no type", shown(name)),
    }
}

fn help(text: &[u8], line: u32, family: Option<usize>, into: &mut Collector) -> Result<(), Refused> {
    if let Some(family) = family
        && into.states[family].has_help
    {
        return Err(format_smolstr!("a second HELP line for `{}`", shown(&into.families[family].name)));
    }
    let mut rest = text;
    while let Some(at) = memchr(b'\\', rest) {
        if !matches!(rest.get(at + 1), Some(b'\\' | b'n')) {
            return Err(bad_escape(&rest[at + 1..]));
        }
        rest = &rest[at + 2..];
    }
    if let Some(family) = family {
        into.states[family].has_help = true;
    }
    if std::str::from_utf8(text).is_err() {
        into.problems.add(line, MetricFault::Description, || "the HELP text is not UTF-8".into());
    }
    Ok(())
}

fn kind(text: &[u8], line: u32, family: Option<usize>, into: &mut Collector) -> Result<(), Refused> {
    if let Some(family) = family
        && into.states[family].has_type
    {
        let name = shown(&into.families[family].name);
        return Err(match into.states[family].has_samples {
            true => format_smolstr!("the TYPE line of `{name}` stands behind its samples or is a second one"),
            false => format_smolstr!("a second TYPE line for `{name}`"),
        });
    }
    // Backslashes count for nothing here.
    let written: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\\').collect();
    let written = String::from_utf8_lossy(&written);
    let Some(known) = TYPES.into_iter().find(|known| same_upper(known, &written)) else {
        return Err(format_smolstr!("`{}` is no type of metrics", shown(text)));
    };
    if known.as_bytes() != text || known == "gauge_histogram" {
        let message = || format_smolstr!("Prometheus does not know the type `{}`", shown(text));
        into.problems.add(line, MetricFault::Description, message);
    }
    if let Some(family) = family {
        into.states[family].has_type = true;
        into.families[family].kind = SmolStr::new_static(known);
    }
    Ok(())
}

/// Whether two words are the same in upper case. Some characters beyond ASCII have an upper case in it (`ſ` is `S`).
fn same_upper(known: &str, written: &str) -> bool {
    let upper = |char: char| {
        let mut upper = char.to_uppercase();
        match (upper.next(), upper.next()) {
            (Some(one), None) => one,
            _ => char,
        }
    };
    known.chars().map(upper).eq(written.chars().map(upper))
}

/// A line that is neither empty nor a comment, from its first character that is no blank.
fn sample(mut cursor: Cursor<'_>, line: u32, into: &mut Collector) -> Result<(), Refused> {
    let at = cursor.rest();
    let name = cursor.metric_name();
    if name.is_empty() {
        return Err(format_smolstr!("`{}` is no metric name", first_word(at)));
    }
    let family = into.family_of(name);
    if let Some(family) = family {
        // From its first sample on a family has a type, if only `untyped`.
        into.states[family].has_type = true;
        into.states[family].has_samples = true;
    }
    // A sign or a point may begin the value right behind the name; most often it is a part of a wrong name.
    let is_apart = matches!(cursor.peek(), None | Some(b' ' | b'\t' | b'{'));
    cursor.blanks();
    let mut labels = Labels::default();
    if cursor.eat(b'{') {
        read_labels(&mut cursor, special(family, into), &mut labels)?;
        cursor.blanks();
    }
    let written = cursor.word();
    let Some(value) = number::float(written) else {
        return Err(match written.is_empty() {
            _ if !is_apart => format_smolstr!("`{}` is no metric name", first_word(at)),
            true => format_smolstr!("`{}` has no value", shown(name)),
            false => format_smolstr!("the value `{}` of `{}` is no number", shown(written), shown(name)),
        });
    };
    let timestamp = match cursor.is_at_end() {
        true => None,
        false => Some(timestamp(&mut cursor)?),
    };
    into.sample(family, NewSample { name, labels, value, timestamp, line });
    Ok(())
}

fn timestamp(cursor: &mut Cursor<'_>) -> Result<f64, Refused> {
    cursor.blanks();
    let written = cursor.word();
    if written.is_empty() {
        return Err("a blank stands behind the value".into());
    }
    if written.starts_with(b"#") {
        return Err("an exemplar stands behind the value, which only OpenMetrics has".into());
    }
    let Some(timestamp) = number::integer(written) else {
        return Err(format_smolstr!("the timestamp `{}` is no integer", shown(written)));
    };
    match cursor.is_at_end() {
        true => Ok(timestamp as f64),
        false => Err(format_smolstr!("`{}` stands behind the timestamp", shown(cursor.rest()))),
    }
}

/// The label that is a number in a family of this type, and may stand twice.
fn special(family: Option<usize>, into: &Collector) -> Option<&'static str> {
    match into.families[family?].kind.as_str() {
        "histogram" => Some("le"),
        "summary" => Some("quantile"),
        _ => None,
    }
}

/// Labels behind their opening brace, and the closing one.
fn read_labels(cursor: &mut Cursor<'_>, special: Option<&str>, labels: &mut Labels) -> Result<(), Refused> {
    loop {
        cursor.blanks();
        if cursor.eat(b'}') {
            return Ok(());
        }
        let at = cursor.rest();
        let name = cursor.label_name();
        if name.is_empty() {
            return Err(match at.is_empty() {
                true => "the labels have no closing brace".into(),
                false => format_smolstr!("`{}` is no label name", first_word(at)),
            });
        }
        if name == "__name__" {
            return Err("the label name `__name__` is reserved".into());
        }
        cursor.blanks();
        if !cursor.eat(b'=') {
            return Err(format_smolstr!("the label `{}` has no `=`", shown(name)));
        }
        let is_special = special == Some(name);
        if !is_special && labels.has(name) {
            return Err(format_smolstr!("the label `{}` stands twice", shown(name)));
        }
        cursor.blanks();
        if !cursor.eat(b'"') {
            return Err(format_smolstr!("the value of the label `{}` has no quotes", shown(name)));
        }
        let value = cursor.quoted(Escapes::Known)?;
        if is_special && number::float(value.as_bytes()).is_none() {
            return Err(format_smolstr!("the label `{name}` is `{}`, which is no number", shown(value)));
        }
        labels.push(name, value);
        cursor.blanks();
        if !cursor.eat(b',') && cursor.peek() != Some(b'}') {
            return Err(format_smolstr!(
                "neither a comma nor a closing brace stands behind the label `{}`",
                shown(name)
            ));
        }
    }
}

fn first_word(bytes: &[u8]) -> String {
    shown(Cursor::new(bytes).word())
}
