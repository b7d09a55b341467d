//! OpenMetrics 1.0, line by line, by its grammar ("ABNF"): one space where one is said, no empty lines, no comments but
//! TYPE, HELP, UNIT, and `# EOF` as the last line.

use memchr::memchr;
use smol_str::{SmolStr, format_smolstr};

use super::MetricFault;
use super::collect::{Collector, Labels, NewSample};
use super::cursor::{Cursor, Escapes, Refused, shown};
use super::number;

/// Types of families (OpenMetrics 1.0, "Metric Types").
const TYPES: [&str; 8] =
    ["counter", "gauge", "histogram", "gaugehistogram", "stateset", "info", "summary", "unknown"];
/// Most characters that the labels of an exemplar have together (OpenMetrics 1.0, "Exemplars").
const EXEMPLAR: usize = 128;

/// Reads a body into a collector.
pub(super) fn read(bytes: &[u8], into: &mut Collector) {
    let (mut rest, mut number, mut has_ended) = (bytes, 0, false);
    while !rest.is_empty() {
        number += 1;
        let end = memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[][..], |end| &rest[end + 1..]);
        let refused = match read_line(line, number, into) {
            _ if has_ended => "text stands behind `# EOF`".into(),
            _ if line == b"# EOF" => {
                has_ended = true;
                continue;
            }
            Ok(()) => continue,
            Err(why) if line.ends_with(b"\r") => {
                format_smolstr!("{why}: the line ends with a carriage return")
            }
            Err(why) => why,
        };
        if !into.syntax(number, refused) || has_ended {
            return;
        }
    }
    if !has_ended {
        // Said once more or not, the body is refused.
        let _ = into.syntax(number, "the last line is not `# EOF`".into());
    }
}

fn read_line(line: &[u8], number: u32, into: &mut Collector) -> Result<(), Refused> {
    if std::str::from_utf8(line).is_err() {
        return Err("the line is not UTF-8".into());
    }
    match line.first() {
        None => Err("an empty line".into()),
        Some(b'#') => descriptor(line, number, into),
        Some(_) => sample(Cursor::new(line), number, into),
    }
}

/// TYPE, HELP and UNIT.
fn descriptor(line: &[u8], number: u32, into: &mut Collector) -> Result<(), Refused> {
    let mut cursor = Cursor::new(line);
    let keyword = match (cursor.word(), cursor.eat(b' '), cursor.word()) {
        (b"#", true, b"TYPE") => "TYPE",
        (b"#", true, b"HELP") => "HELP",
        (b"#", true, b"UNIT") => "UNIT",
        _ => return Err(format_smolstr!("`{}` is a comment, which OpenMetrics has not", shown(line))),
    };
    let has_space = cursor.eat(b' ');
    let name = cursor.metric_name();
    if !has_space || name.is_empty() || !cursor.eat(b' ') {
        return Err(format_smolstr!("one space, a metric name and a space must stand behind `# {keyword}`"));
    }
    let text = cursor.rest();
    let kind = match keyword {
        "TYPE" => match TYPES.into_iter().find(|known| known.as_bytes() == text) {
            Some(known) => Some(known),
            None => return Err(format_smolstr!("`{}` is no type of OpenMetrics", shown(text))),
        },
        _ => None,
    };
    if keyword == "UNIT" && !text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_:".contains(byte)) {
        return Err(format_smolstr!("`{}` is no unit", shown(text)));
    }
    let Some(family) = into.family_named(name) else { return Ok(()) };
    into.describes(Some(family));
    if into.states[family].has_samples {
        let message = || format_smolstr!("the {keyword} line of `{}` stands behind its samples", shown(name));
        into.problems.add(number, MetricFault::Apart, message);
    }
    let state = &mut into.states[family];
    let known = match keyword {
        "TYPE" => &mut state.has_type,
        "HELP" => &mut state.has_help,
        _ => &mut state.has_unit,
    };
    if std::mem::replace(known, true) {
        let message = || format_smolstr!("a second {keyword} line for `{}`", shown(name));
        into.problems.add(number, MetricFault::Description, message);
    } else if let Some(kind) = kind {
        into.families[family].kind = SmolStr::new_static(kind);
    }
    if keyword == "UNIT" && !text.is_empty() && !ends_with_unit(name.as_bytes(), text) {
        let message =
            || format_smolstr!("the name `{}` does not end with its unit `{}`", shown(name), shown(text));
        into.problems.add(number, MetricFault::Description, message);
    }
    Ok(())
}

fn ends_with_unit(name: &[u8], unit: &[u8]) -> bool {
    name.strip_suffix(unit).is_some_and(|stem| stem.ends_with(b"_"))
}

fn sample(mut cursor: Cursor<'_>, line: u32, into: &mut Collector) -> Result<(), Refused> {
    let at = cursor.rest();
    let name = cursor.metric_name();
    if at.starts_with(b" ") || at.starts_with(b"\t") {
        return Err("a blank stands in front of a sample".into());
    }
    if name.is_empty() {
        return Err(format_smolstr!("`{}` is no metric name", shown(Cursor::new(at).word())));
    }
    if !matches!(cursor.peek(), None | Some(b' ' | b'\t' | b'{')) {
        return Err(format_smolstr!("`{}` is no metric name", shown(Cursor::new(at).word())));
    }
    let mut labels = Labels::default();
    if cursor.eat(b'{') {
        read_labels(&mut cursor, &mut labels)?;
    }
    let value = value(&mut cursor, name)?;
    let mut timestamp = None;
    let mut exemplar = None;
    if !cursor.is_at_end() {
        space(&mut cursor)?;
        if cursor.peek() != Some(b'#') {
            timestamp = Some(time(&mut cursor)?);
            if !cursor.is_at_end() {
                space(&mut cursor)?;
            }
        }
        if !cursor.is_at_end() {
            exemplar = Some(read_exemplar(&mut cursor, name)?);
        }
    }
    let family = into.family_of(name);
    if let Some(family) = family {
        into.states[family].has_samples = true;
        if let Some(length) = exemplar {
            judge_exemplar(family, name, length, line, into);
        }
    }
    into.sample(family, NewSample { name, labels, value, timestamp, line });
    Ok(())
}

fn space(cursor: &mut Cursor<'_>) -> Result<(), Refused> {
    let found = cursor.eat(b' ');
    match found && !matches!(cursor.peek(), None | Some(b' ' | b'\t')) {
        true => Ok(()),
        false => Err("one space must stand between the parts of a sample, and none behind them".into()),
    }
}

fn value(cursor: &mut Cursor<'_>, name: &str) -> Result<f64, Refused> {
    if cursor.is_at_end() {
        return Err(format_smolstr!("`{}` has no value", shown(name)));
    }
    space(cursor)?;
    let written = cursor.word();
    number::float(written)
        .ok_or_else(|| format_smolstr!("the value `{}` of `{}` is no number", shown(written), shown(name)))
}

/// A timestamp, in seconds.
fn time(cursor: &mut Cursor<'_>) -> Result<f64, Refused> {
    let written = cursor.word();
    let time = number::float(written).filter(|time| time.is_finite());
    time.ok_or_else(|| format_smolstr!("the timestamp `{}` is no number", shown(written)))
}

/// An exemplar from its `#` on. Returns the characters of its labels.
fn read_exemplar(cursor: &mut Cursor<'_>, name: &str) -> Result<usize, Refused> {
    let at = shown(cursor.rest());
    if !(cursor.eat(b'#') && cursor.eat(b' ') && cursor.eat(b'{')) {
        return Err(format_smolstr!("`{at}` behind a sample is neither a timestamp nor an exemplar"));
    }
    let mut labels = Labels::default();
    read_labels(cursor, &mut labels)?;
    value(cursor, name)?;
    if !cursor.is_at_end() {
        space(cursor)?;
        time(cursor)?;
    }
    match cursor.is_at_end() {
        true => Ok(labels.characters()),
        false => Err(format_smolstr!("`{}` stands behind an exemplar", shown(cursor.rest()))),
    }
}

fn judge_exemplar(family: usize, name: &str, length: usize, line: u32, into: &mut Collector) {
    let may = match into.families[family].kind.as_str() {
        "counter" => name.ends_with("_total"),
        "histogram" | "gaugehistogram" => name.ends_with("_bucket"),
        _ => false,
    };
    if !may {
        let message =
            || format_smolstr!("`{}` has an exemplar, which only counters and buckets may have", shown(name));
        into.problems.add(line, MetricFault::Exemplar, message);
    }
    if length > EXEMPLAR {
        let message = || {
            format_smolstr!("the labels of an exemplar have {length} characters, at most {EXEMPLAR} may be")
        };
        into.problems.add(line, MetricFault::Exemplar, message);
    }
}

/// Labels behind their opening brace, and the closing one.
fn read_labels(cursor: &mut Cursor<'_>, labels: &mut Labels) -> Result<(), Refused> {
    if cursor.eat(b'}') {
        return Ok(());
    }
    loop {
        let at = cursor.rest();
        let name = cursor.label_name();
        if name.is_empty() {
            return Err(match at.first() {
                None => "the labels have no closing brace".into(),
                Some(b' ' | b'\t') => "a blank stands between labels".into(),
                Some(_) => format_smolstr!("`{}` is no label name", shown(Cursor::new(at).word())),
            });
        }
        if labels.has(name) {
            return Err(format_smolstr!("the label `{}` stands twice", shown(name)));
        }
        if !(cursor.eat(b'=') && cursor.eat(b'"')) {
            return Err(format_smolstr!("no `=` and quotes stand behind the label `{}`", shown(name)));
        }
        let value = cursor.quoted(Escapes::Any)?;
        labels.push(name, value);
        if cursor.eat(b'}') {
            return Ok(());
        }
        if !cursor.eat(b',') {
            return Err(format_smolstr!(
                "neither a comma nor a closing brace stands behind the label `{}`",
                shown(name)
            ));
        }
    }
}
