//! Interpolation of one text: `$V`, `${V}` with its six operators, `$$`.
//!
//! A text and a look-up go in; the text with the variables put in comes out, and which variables were asked. Nested
//! arguments are worked off with a stack, in one pass (compose-go: `template.Substitute`).

use smol_str::SmolStr;

use crate::syntax::yaml::VariableUse;

/// What interpolation made of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Substituted {
    /// The text.
    pub(super) text: String,
    /// The variables that were asked, in order of their ends.
    pub(super) variables: Vec<VariableUse>,
}

/// Why a text cannot be interpolated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TemplateError {
    /// A `${` that is no variable, or has no end.
    Malformed,
    /// `${X:?…}` or `${X?…}` of a variable without a value: the name and the message.
    Required(SmolStr, String),
    /// The text grows beyond what is left of the budget.
    TooLarge,
}

/// Variables that one text lists at most; the rest is put in as well, but not told.
const MAX_VARIABLES: usize = 64;
/// Bytes of an argument that are kept.
const MAX_ARGUMENT: usize = 256;

/// A `${NAME:-` whose argument is being read.
struct Open<'t> {
    name: &'t str,
    operator: &'t str,
    argument: &'t str,
    /// Where its `}` is.
    end: usize,
    /// The text outside, as far as it was read.
    outer: String,
}

/// Puts variables into a text. `budget` is how many bytes the result may have, and shrinks by what it took.
pub(super) fn substitute<'v>(
    text: &str,
    value_of: &dyn Fn(&str) -> Option<&'v str>,
    budget: &mut usize,
) -> Result<Substituted, TemplateError> {
    let ends = ends(text);
    let mut out = Substituted::default();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while at < text.len() || !open.is_empty() {
        let limit = open.last().map_or(text.len(), |open| open.end);
        if at >= limit {
            // The argument is read: the variable's turn.
            let Some(done) = open.pop() else { break };
            let argument = std::mem::replace(&mut out.text, done.outer);
            let value = value_of(done.name);
            let put = chosen(done.operator, value, &argument)
                .map_err(|()| TemplateError::Required(done.name.into(), argument.clone()))?;
            push(&mut out.text, put, budget)?;
            note(&mut out.variables, done.name, done.operator, done.argument, value.is_some());
            at = done.end + 1;
            continue;
        }
        let dollar = memchr::memchr(b'$', &text.as_bytes()[at..limit]).map_or(limit, |found| at + found);
        push(&mut out.text, &text[at..dollar], budget)?;
        at = dollar;
        if at >= limit {
            continue;
        }
        let rest = &text[at + 1..limit];
        match rest.as_bytes().first() {
            Some(b'$') => {
                push(&mut out.text, "$", budget)?;
                at += 2;
            }
            Some(b'{') => {
                let name = name(&rest[1..]);
                let behind = at + 2 + name.len();
                let operator = operator(&text[behind..limit]);
                if name.is_empty() {
                    return Err(TemplateError::Malformed);
                }
                if operator.is_empty() {
                    if text.as_bytes()[behind..limit].first() != Some(&b'}') {
                        return Err(TemplateError::Malformed);
                    }
                    let value = value_of(name);
                    push(&mut out.text, value.unwrap_or_default(), budget)?;
                    note(&mut out.variables, name, "", "", value.is_some());
                    at = behind + 1;
                    continue;
                }
                let start = behind + operator.len();
                let end = end_of(text, &ends, at, start, limit).ok_or(TemplateError::Malformed)?;
                let outer = std::mem::take(&mut out.text);
                open.push(Open { name, operator, argument: &text[start..end], end, outer });
                at = start;
            }
            _ => {
                let name = name(rest);
                if name.is_empty() {
                    push(&mut out.text, "$", budget)?;
                } else {
                    let value = value_of(name);
                    push(&mut out.text, value.unwrap_or_default(), budget)?;
                    note(&mut out.variables, name, "", "", value.is_some());
                }
                at += 1 + name.len();
            }
        }
    }
    Ok(out)
}

fn push(text: &mut String, more: &str, budget: &mut usize) -> Result<(), TemplateError> {
    *budget = budget.checked_sub(more.len()).ok_or(TemplateError::TooLarge)?;
    text.push_str(more);
    Ok(())
}

fn note(uses: &mut Vec<VariableUse>, name: &str, operator: &str, argument: &str, is_set: bool) {
    if uses.len() < MAX_VARIABLES {
        let cut = argument.char_indices().map(|(at, _)| at).find(|at| *at > MAX_ARGUMENT);
        let argument = &argument[..cut.unwrap_or(argument.len())];
        uses.push(VariableUse {
            name: name.into(),
            operator: operator.into(),
            argument: argument.into(),
            is_set,
        });
    }
}

/// What stands in the place of a variable with an operator; `Err`: a value that must be there is not.
fn chosen<'c>(operator: &str, value: Option<&'c str>, argument: &'c str) -> Result<&'c str, ()> {
    let full = value.filter(|value| !value.is_empty());
    Ok(match operator {
        ":-" => full.unwrap_or(argument),
        "-" => value.unwrap_or(argument),
        ":?" => full.ok_or(())?,
        "?" => value.ok_or(())?,
        ":+" if full.is_some() => argument,
        "+" if value.is_some() => argument,
        _ => value.unwrap_or_default(),
    })
}

/// The name at the start of a text; empty when there is none.
fn name(text: &str) -> &str {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_') {
        return "";
    }
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    &text[..end.unwrap_or(text.len())]
}

/// The operator at the start of a text; empty when there is none.
fn operator(text: &str) -> &str {
    match text.as_bytes() {
        [b':', b'-' | b'?' | b'+', ..] => &text[..2],
        [b'-' | b'?' | b'+', ..] => &text[..1],
        _ => "",
    }
}

/// Of each `${` the `}` that closes it, in order of the openings.
fn ends(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'$', b'}', &bytes[at..]) {
        at += next;
        match bytes[at] {
            b'}' => {
                if let Some(index) = open.pop() {
                    let place: &mut (usize, usize) = &mut found[index];
                    place.1 = at;
                }
            }
            _ if bytes.get(at + 1) == Some(&b'{') => {
                open.push(found.len());
                found.push((at, usize::MAX));
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Where a `${` at `at` ends whose argument starts at `start`: its own `}`, or, when braces do not pair, the last one of
/// the line. An argument has no line end.
fn end_of(text: &str, ends: &[(usize, usize)], at: usize, start: usize, limit: usize) -> Option<usize> {
    let paired = ends.binary_search_by_key(&at, |(open, _)| *open).ok().map(|index| ends[index].1);
    let end = match paired.filter(|end| *end < limit) {
        Some(end) => end,
        None => {
            let line = memchr::memchr(b'\n', &text.as_bytes()[start..limit]).map_or(limit, |at| start + at);
            start + memchr::memrchr(b'}', &text.as_bytes()[start..line])?
        }
    };
    memchr::memchr(b'\n', &text.as_bytes()[start..end]).is_none().then_some(end)
}
