//! Command line arguments as getopt and its kin read them: fields in, options with their values and operands out.

use smol_str::SmolStr;

use super::words::Field;

/// Which options of a program take a value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// Letters of the short ones.
    pub(super) short: &'static str,
    /// Names of the long ones, with dashes.
    pub(super) long: &'static [&'static str],
    /// Long options without a value. When there are any, long names may be cut short as long as one name fits.
    pub(super) flags: &'static [&'static str],
}

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    /// `-x`, `--name`, with its value when it takes one or one is written behind `=`.
    Option {
        /// With dashes; short ones are taken apart (`-yq` is two).
        name: SmolStr,
        /// The value.
        value: Option<Field>,
        /// The field that holds the name.
        field: Field,
    },
    /// Anything else.
    Operand(Field),
}

/// Takes fields apart.
pub(super) fn parse(fields: Vec<Field>, options: &Options) -> Vec<Argument> {
    let mut found = Vec::with_capacity(fields.len());
    let mut fields = fields.into_iter().peekable();
    let mut ended = false;
    while let Some(field) = fields.next() {
        let is_option = !ended && field.text.len() > 1 && field.text.starts_with('-');
        if !is_option {
            found.push(Argument::Operand(field));
        } else if field.text == "--" {
            ended = true;
        } else if field.text.starts_with("--") {
            let (name, written) = match field.text.split_once('=') {
                Some((name, value)) => (full_name(name, options), Some(with_text(&field, value))),
                None => (full_name(&field.text, options), None),
            };
            let takes = options.long.contains(&name.as_str());
            let value = written.or_else(|| if takes { fields.next() } else { None });
            found.push(Argument::Option { name, value, field });
        } else {
            short(field, options, &mut fields, &mut found);
        }
    }
    found
}

fn short(field: Field, options: &Options, rest: &mut impl Iterator<Item = Field>, found: &mut Vec<Argument>) {
    let text = field.text.clone();
    for (at, letter) in text.char_indices().skip(1) {
        let name = ['-', letter].into_iter().collect::<SmolStr>();
        if !options.short.contains(letter) {
            found.push(Argument::Option {
                name,
                value: None,
                field: Field { unknown: None, ..field.clone() },
            });
            if at > 64 {
                return;
            }
            continue;
        }
        let inline = &text[at + letter.len_utf8()..];
        let value = match inline.strip_prefix('=').unwrap_or(inline) {
            "" => rest.next(),
            inline => Some(with_text(&field, inline)),
        };
        found.push(Argument::Option { name, value, field });
        return;
    }
}

fn with_text(field: &Field, text: &str) -> Field {
    Field { text: text.into(), ..field.clone() }
}

fn full_name(name: &str, options: &Options) -> SmolStr {
    if options.flags.is_empty() || name.len() < 4 {
        return name.into();
    }
    let all = || options.long.iter().chain(options.flags);
    if all().any(|full| *full == name) {
        return name.into();
    }
    let mut fitting = all().filter(|full| full.starts_with(name));
    match (fitting.next(), fitting.next()) {
        (Some(full), None) => (*full).into(),
        _ => name.into(),
    }
}

/// The operands among arguments.
pub(super) fn operands(arguments: &[Argument]) -> impl Iterator<Item = &Field> {
    arguments.iter().filter_map(|argument| match argument {
        Argument::Operand(field) => Some(field),
        Argument::Option { .. } => None,
    })
}

/// Whether one of the options is there.
pub(super) fn has(arguments: &[Argument], names: &[&str]) -> bool {
    arguments
        .iter()
        .any(|argument| matches!(argument, Argument::Option { name, .. } if names.contains(&name.as_str())))
}

/// The value of the last of the options.
pub(super) fn value_of<'a>(arguments: &'a [Argument], names: &[&str]) -> Option<&'a Field> {
    arguments.iter().rev().find_map(|argument| match argument {
        Argument::Option { name, value, .. } if names.contains(&name.as_str()) => value.as_ref(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_operands() {
        let options =
            Options { short: "rt", long: &["--file", "--format"], flags: &["--force", "--no-cache-dir"] };
        let rows: &[(&str, &str)] = &[
            ("a -yq b", "a -y -q b"),
            ("-r x y", "-r:x y"),
            ("-rx y", "-r:x y"),
            ("-yr x", "-y -r:x"),
            ("--file=x y", "--file:x y"),
            ("--file x y", "--file:x y"),
            ("--fil x", "--file:x"),
            ("--fo x", "--fo x"),
            ("--no-cache x", "--no-cache-dir x"),
            ("-- -r x", "-r x"),
            ("- -r", "- -r"),
        ];
        for (line, wanted) in rows {
            let field =
                |(word, text): (usize, &str)| Field { text: text.into(), unknown: None, word, glob: false };
            let found = parse(line.split(' ').enumerate().map(field).collect(), &options);
            let shown: Vec<String> = found
                .iter()
                .map(|argument| match argument {
                    Argument::Option { name, value: Some(value), .. } => format!("{name}:{}", value.text),
                    Argument::Option { name, .. } => name.to_string(),
                    Argument::Operand(field) => field.text.to_string(),
                })
                .collect();
            assert_eq!(shown.join(" "), *wanted, "{line}");
        }
    }
}
