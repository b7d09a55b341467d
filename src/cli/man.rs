//! `plimsoll man`: the manual, made from the command line itself.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Arg, Command, CommandFactory};
use clap_mangen::Man;

use super::error::usage;
use super::{Cli, Verdict};
use crate::nearest::nearest;

/// Arguments of `man`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll man | man -l -
  plimsoll man check > /usr/local/share/man/man1/plimsoll-check.1")]
pub(super) struct Args {
    /// The command whose page is printed; else that of the program, which lists all commands with their options.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn run(args: &Args) -> Verdict {
    let mut program = Cli::command();
    // Names of commands with those above them (`plimsoll-check`), and global options in each.
    program.build();
    let page = match args.command.as_slice() {
        [] => whole(&program)?,
        path => page_of(named(program, path)?)?,
    };
    io::stdout().lock().write_all(&page)?;
    Ok(ExitCode::SUCCESS)
}

/// The command of a path of names.
fn named(program: Command, path: &[String]) -> Result<Command, super::Failure> {
    let mut command = program;
    for name in path {
        let names: Vec<String> = shown(&command).map(|it| it.get_name().to_owned()).collect();
        command = match command.find_subcommand(name).filter(|found| !found.is_hide_set()) {
            Some(found) => found.clone(),
            None => {
                let help = match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None if names.is_empty() => "It has no commands of its own.".to_owned(),
                    None => format!("There are {}.", names.join(", ")),
                };
                return Err(usage(format!("`{}` has no command `{name}`", command.get_name()), Some(help)));
            }
        };
    }
    Ok(command)
}

/// The commands of a command that people see.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

/// The page of one command.
fn page_of(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    titled(command).render(&mut page)?;
    Ok(page)
}

/// A page with its title line. No date: two builds of one version print the same page.
fn titled(command: Command) -> Man {
    Man::new(command).date("").source(concat!("plimsoll ", env!("CARGO_PKG_VERSION"))).manual("plimsoll")
}

/// One page for everything: the program's own, then options and examples of each command.
fn whole(program: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = titled(program.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut commands: Vec<&Command> = shown(program).collect();
    let mut at = 0;
    // A list instead of recursion; commands of a command stand behind those of the program.
    while at < commands.len() {
        let command = commands[at];
        of_command(command, &mut page)?;
        commands.extend(shown(command));
        at += 1;
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// A command as a section of the program's page.
fn of_command(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).replace('-', " ");
    writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
    // What every command takes is said once, for the program.
    let own = |argument: &Arg| !matches!(argument.get_id().as_str(), "color" | "help" | "version");
    let command =
        command.clone().mut_args(|argument| if own(&argument) { argument } else { argument.hide(true) });
    let has_options = command.get_arguments().any(|argument| !argument.is_hide_set());
    let man = Man::new(command);
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    if has_options {
        man.render_options_section(&mut parts)?;
    }
    man.render_extra_section(&mut parts)?;
    // Sections of the command become parts of its section.
    for line in parts.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b".SH ") {
            Some(title) => {
                page.extend_from_slice(b".SS ");
                page.extend_from_slice(title);
            }
            None => page.extend_from_slice(line),
        }
    }
    Ok(())
}
