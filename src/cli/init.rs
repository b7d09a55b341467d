//! `plimsoll init`: plan, hook and workflow for a folder, made from what is in it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Verdict;
use super::error::usage;
use super::output::visible;
use crate::finding::Severity;
use crate::run::{self, CheckRequest, Gate, Starter, Written};

/// Arguments of `init`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll init --dry-run           what would be written
  plimsoll init                     plan, pre-commit hook and workflow
  plimsoll init --plan-only fleet   the plan alone, for another folder

Nothing is ever overwritten: what is there already is named, and what to add to it is printed.")]
pub(super) struct Args {
    /// The folder that is looked at, and written to.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Print everything and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Only the plan: no hook, no workflow.
    #[arg(long)]
    plan_only: bool,
}

const NAME: &str = "plimsoll.toml";

pub(super) fn run(args: &Args) -> Verdict {
    let starter = run::starter(&args.folder)?;
    let gates =
        if args.plan_only { Vec::new() } else { run::gates(&real(&args.folder), starter.table.as_deref()) };
    let mut out = Vec::new();
    let verdict = match args.dry_run {
        true => show(args, &starter, &gates, &mut out).map(|()| ExitCode::SUCCESS).map_err(Into::into),
        false => write(args, &starter, &gates, &mut out),
    };
    io::stdout().lock().write_all(&out)?;
    verdict
}

/// The folder without links, so that what lies above it is what really does.
fn real(folder: &Path) -> PathBuf {
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

/// Everything that would be written.
fn show(args: &Args, starter: &Starter, gates: &[Gate], out: &mut Vec<u8>) -> io::Result<()> {
    let exists = |name: &str| std::fs::symlink_metadata(args.folder.join(name)).is_ok();
    let mut one = |name: &str, why: Option<&str>, text: &str| {
        let fate = match (why, obstacle(&args.folder, name)) {
            (Some(why), _) => format!("only shown: {why}"),
            (None, Some(folder)) => format!("would not be written: {}", no_folder(folder)),
            (None, None) if exists(name) => "exists and would be left alone".to_owned(),
            (None, None) => "would be written".to_owned(),
        };
        writeln!(out, "==> {name} ({fate})\n{text}")
    };
    one(NAME, None, &starter.plan)?;
    gates.iter().try_for_each(|gate| one(gate.path, gate.shown.as_deref(), &gate.text))?;
    writeln!(out, "Nothing was written.")
}

/// The first folder on the way to a file that is something else, which writing refuses as well.
fn obstacle<'a>(folder: &Path, name: &'a str) -> Option<&'a str> {
    let ends = name.match_indices('/').map(|(end, _)| &name[..end]);
    let is_other =
        |part: &&str| std::fs::symlink_metadata(folder.join(part)).is_ok_and(|found| !found.is_dir());
    ends.into_iter().find(is_other)
}

fn no_folder(name: &str) -> String {
    format!("`{name}` is a link or no folder, which is not followed")
}

fn write(args: &Args, starter: &Starter, gates: &[Gate], out: &mut Vec<u8>) -> Verdict {
    let mut written = 0_usize;
    let plan = put(args, NAME, &starter.plan)?;
    match &plan {
        Written::New => {
            written += 1;
            let (on, off) = (starter.settings, starter.proposals);
            writeln!(out, "Wrote {}, from {}:", shown(args, NAME), starter.seen)?;
            writeln!(
                out,
                "  {} in force, {} behind `#`; every line says where it comes from.",
                count(on, "setting"),
                count(off, "proposal")
            )?;
        }
        _ => writeln!(out, "{} exists already and was left alone.", shown(args, NAME))?,
    }
    let mut snippets = Vec::new();
    for gate in gates {
        let done = match &gate.shown {
            Some(why) => Err(why.clone()),
            None => match put(args, gate.path, &gate.text)? {
                Written::New => Ok(()),
                Written::Exists if run::is_gated(&args.folder, gate) => {
                    writeln!(out, "{} exists already and was left alone.", shown(args, gate.path))?;
                    continue;
                }
                Written::Exists => Err("exists already and was left alone".to_owned()),
                Written::NoFolder(folder) => Err(no_folder(&folder)),
            },
        };
        match done {
            Ok(()) => {
                written += 1;
                let replace = if gate.what == "workflow" { ": replace OWNER and COMMIT in it" } else { "" };
                writeln!(out, "Wrote {} (a {}){replace}.", shown(args, gate.path), gate.what)?;
            }
            Err(why) => snippets.push((gate, why)),
        }
    }
    if written == 0 {
        out.clear();
        let others: String = snippets.iter().map(|(gate, why)| format!("{}: {why}. ", gate.path)).collect();
        let help = format!(
            "{others}Nothing was written. `plimsoll init --dry-run` shows what a new plan would say."
        );
        return Err(usage(format!("`{}` exists already", shown(args, NAME)), Some(help)));
    }
    for (gate, why) in snippets {
        let snippet = if why.starts_with("exists") { &gate.snippet } else { &gate.text };
        write!(
            out,
            "\nNot written: {} ({why}). For a {} add:\n\n{}",
            gate.path,
            gate.what,
            indented(snippet)
        )?;
    }
    next(args, starter, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes one file unless it is there.
fn put(args: &Args, name: &str, text: &str) -> Result<Written, super::Failure> {
    run::write_new(&args.folder, name, text).map_err(|error| {
        let help = Some("Nothing was written in its place.".to_owned());
        usage(format!("cannot write `{}`: {error}", args.folder.join(name).display()), help)
    })
}

/// What to do now, with what a first check says.
fn next(args: &Args, starter: &Starter, out: &mut Vec<u8>) -> io::Result<()> {
    let folder = match args.folder.as_os_str() == "." {
        true => String::new(),
        false => format!(" {}", argument(&args.folder).unwrap_or_else(|| "DIR".to_owned())),
    };
    writeln!(out, "\nNext:\n  plimsoll check{folder}")?;
    let request = CheckRequest {
        paths: vec![PathBuf::from(".")],
        base: Some(real(&args.folder)),
        inline_suppressions: true,
        ..CheckRequest::default()
    };
    // Whatever stands in the way of a check, the check itself says it better.
    if let Ok(outcome) = run::check(&request) {
        let findings = &outcome.settled.findings;
        let of = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let files: std::collections::BTreeSet<&str> =
            findings.iter().map(|finding| finding.place.source.path()).collect();
        let found = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning")];
        let found: Vec<String> = found
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| count(*number, what))
            .collect();
        if !found.is_empty() {
            let (found, files) = (found.join(" and "), count(files.len(), "file"));
            writeln!(
                out,
                "    finds {found} in {files} today. Mend them, correct the plan, or begin with what is new:"
            )?;
            writeln!(out, "  plimsoll check{folder} --baseline .plimsoll-baseline.json --write-baseline")?;
        } else {
            writeln!(out, "    finds nothing today.")?;
        }
    }
    let table = starter.table.as_ref().and_then(|table| match args.folder.as_os_str() == "." {
        true => argument(Path::new(table)),
        false => argument(&args.folder.join(table)),
    });
    if let Some(table) = table {
        writeln!(
            out,
            "  plimsoll plan import {table}\n    if the rows shall move from the table into the plan"
        )?;
    }
    Ok(())
}

/// A path as one word of a shell's line, whatever its name: such lines are there to be copied. `None` when it cannot be
/// said on a line: control characters, or no UTF-8.
fn argument(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| visible(text) == *text)?;
    // Not an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text.to_owned() };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
    match !text.is_empty() && text.bytes().all(plain) {
        true => Some(text),
        false => Some(format!("'{}'", text.replace('\'', r"'\''"))),
    }
}

fn shown(args: &Args, name: &str) -> String {
    visible(&args.folder.join(name).display().to_string()).trim_start_matches("./").to_owned()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

fn count(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        for (path, word) in [
            ("docs/plan-1.md", Some("docs/plan-1.md")),
            ("docs/p$(touch PWNED);.md", Some("'docs/p$(touch PWNED);.md'")),
            ("it's", Some(r"'it'\''s'")),
            ("a b", Some("'a b'")),
            ("~", Some("'~'")),
            ("-x.md", Some("./-x.md")),
            ("", Some("''")),
            ("a\nb", None),
            ("\u{1b}[2J", None),
            ("\u{202e}x", None),
        ] {
            assert_eq!(argument(Path::new(path)).as_deref(), word, "{path:?}");
        }
    }
}
