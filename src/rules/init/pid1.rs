//! The command that becomes PID 1, from ENTRYPOINT and CMD as the runtime joins them.

use smol_str::SmolStr;

use crate::model::{
    Build, ChainEnd, CommandLine, Container, Entry, EntryScript, Fact, Form, Origin, Spanned, Stage, Unknown,
    Workload,
};

/// Programs that are made to be PID 1: they reap processes and pass signals on.
pub(in crate::rules) const KNOWN_INITS: &[&str] = &["tini", "tini-static", "dumb-init", "catatonit"];

/// What becomes PID 1.
#[derive(Debug)]
pub(in crate::rules) enum Pid1 {
    /// Started directly: the words, and who says the first of them.
    Exec(Vec<SmolStr>, Origin),
    /// A shell reads this text.
    Shell(SmolStr, Origin),
    /// An entry script of the build context decides.
    Script(SmolStr, Origin),
    /// Nobody sets an ENTRYPOINT: CMD alone is run.
    CmdAlone(CommandLine),
    /// It cannot be told.
    Unknown(Unknown, Origin),
}

/// What becomes PID 1; `None` when nothing is started.
pub(in crate::rules) fn pid1(container: &Container) -> Option<Pid1> {
    let cmd = container.cmd();
    match container.entrypoint() {
        Fact::Known { value, origin } if !value.words.is_empty() => {
            Some(of_entrypoint(container, value, origin, &cmd))
        }
        Fact::Unknown { why, origin } => Some(Pid1::Unknown(why, origin)),
        _ => match cmd {
            Fact::Known { value, .. } if !value.words.is_empty() => Some(Pid1::CmdAlone(value)),
            Fact::Unknown { why, origin } => Some(Pid1::Unknown(why, origin)),
            _ => None,
        },
    }
}

fn of_entrypoint(container: &Container, value: CommandLine, origin: Origin, cmd: &Fact<CommandLine>) -> Pid1 {
    if value.form == Form::Shell {
        return Pid1::Shell(value.words[0].clone(), origin);
    }
    if let Some(script) = inline_script(&value.words) {
        return Pid1::Shell(script.clone(), origin);
    }
    let said = container.layers.iter().any(|layer| layer.entrypoint.is_some());
    if !said && let (ChainEnd::WellKnown { .. }, Some(cmd)) = (&container.end, cmd.known()) {
        // The entry scripts of the well-known images end in `exec "$@"`: CMD takes their place.
        let first = cmd.words.first().filter(|first| cmd.form == Form::Exec && is_init(first, KNOWN_INITS));
        if first.is_some() {
            return Pid1::Exec(cmd.words.clone(), origin);
        }
    }
    let words = behind_wrappers(&value.words);
    match words.first() {
        Some(first) if is_shell(first) && words.len() > 1 => Pid1::Script(words[1].clone(), origin),
        Some(first) if said && is_script(first, container) => Pid1::Script(first.clone(), origin),
        _ => Pid1::Exec(words.to_vec(), origin),
    }
}

/// The words behind programs that only set something up and then become what is behind them.
fn behind_wrappers(words: &[SmolStr]) -> &[SmolStr] {
    let mut words = words;
    loop {
        let own = match words.first().map(|first| file_name(first)) {
            Some("gosu" | "su-exec") => 2,
            Some("env") => 1 + words[1..].iter().take_while(|word| word.contains('=')).count(),
            _ => return words,
        };
        match words.get(own..) {
            Some(rest) if !rest.is_empty() => words = rest,
            _ => return words,
        }
    }
}

fn is_shell(word: &str) -> bool {
    matches!(file_name(word), "sh" | "bash" | "dash" | "ash" | "zsh")
}

/// The text behind `sh -c`.
fn inline_script(words: &[SmolStr]) -> Option<&SmolStr> {
    let is_shell = is_shell(words.first()?);
    let option = words.iter().skip(1).position(|word| word.starts_with('-') && word.ends_with('c'))?;
    words.get(option + 2).filter(|_| is_shell)
}

/// Whether a program is a script of the build context, which may well end in `exec tini`.
fn is_script(word: &str, container: &Container) -> bool {
    let copied = |path: &str| {
        let files = container.layers.iter().flat_map(|layer| &layer.files);
        files
            .filter(|file| !file.value.is_folder && file.value.context_path.is_some())
            .any(|file| file.value.may_be(path))
    };
    word.ends_with(".sh") || (!is_init(word, KNOWN_INITS) && copied(word))
}

/// The program that an entry script hands PID 1 over to; `Some(None)` when its own shell stays; `None` when it cannot be
/// told.
pub(in crate::rules) fn behind_script(container: &Container, script: &str) -> Option<Option<SmolStr>> {
    let depth = container.layers.iter().position(|layer| layer.entrypoint.is_some())?;
    // A file of a layer above may take the place of the script that was read.
    let replaced = container.layers[..depth].iter().flat_map(|layer| &layer.files);
    if replaced.into_iter().any(|file| file.value.may_be(script)) {
        return None;
    }
    match container.layers[depth].entry_script.as_ref()? {
        EntryScript::Stays => Some(None),
        EntryScript::Program(program) => Some(Some(program.clone())),
        EntryScript::Arguments(words) => match (words.first(), container.cmd()) {
            (Some(first), _) => Some(Some(first.clone())),
            (None, Fact::Known { value, .. }) if value.form == Form::Exec => {
                value.words.first().cloned().map(Some)
            }
            (None, Fact::Known { .. }) => Some(Some("/bin/sh".into())),
            _ => None,
        },
    }
}

/// Who is PID 1 in the end, by the inits that will do.
pub(in crate::rules) enum Who {
    /// One of the inits, as written.
    Init(SmolStr),
    /// Another program, as written.
    Program(SmolStr),
    /// A script decides that nobody followed.
    Script(SmolStr),
    /// Nothing is started.
    Nothing,
    /// It cannot be told.
    Unknown(Unknown),
}

/// Who is PID 1 of a container.
pub(in crate::rules) fn who(container: &Container, inits: &[&str]) -> Who {
    let by_name = |name: &str| match is_init(name, inits) {
        true => Who::Init(name.into()),
        false => Who::Program(name.into()),
    };
    match pid1(container) {
        None => Who::Nothing,
        Some(Pid1::Exec(words, _)) => by_name(words.first().map_or("", |word| word.as_str())),
        Some(Pid1::Shell(text, _)) => by_name(handed_over(&text).unwrap_or("/bin/sh")),
        Some(Pid1::CmdAlone(cmd)) => {
            let first = cmd.words.first().map_or("", |word| word.as_str());
            by_name(if cmd.form == Form::Exec { first } else { handed_over(first).unwrap_or("/bin/sh") })
        }
        Some(Pid1::Script(script, _)) => match behind_script(container, &script) {
            Some(Some(program)) => by_name(&program),
            Some(None) => Who::Program(script),
            None => Who::Script(script),
        },
        Some(Pid1::Unknown(why, _)) => Who::Unknown(why),
    }
}

/// The init that is PID 1 of a container, by the name of its program; `Some(None)`: another program is, or nothing is
/// started; `None`: it cannot be told.
pub(crate) fn init_of(container: &Container) -> Option<Option<SmolStr>> {
    match who(container, KNOWN_INITS) {
        Who::Init(word) => Some(Some(SmolStr::new(file_name(&word)))),
        Who::Program(_) | Who::Nothing => Some(None),
        Who::Script(_) | Who::Unknown(_) => None,
    }
}

/// Whether something other than the image is PID 1: Docker's own init, or the pause process of a pod that shares its
/// processes.
pub(in crate::rules) fn has_outer_init(workload: &Workload) -> bool {
    workload.init.as_ref().is_some_and(|init| init.value) || workload.shared_processes.is_some()
}

/// What of the deployment file decides over PID 1: its entrypoint, or its command when the image has no ENTRYPOINT.
pub(in crate::rules) fn deciding(workload: &Workload) -> Option<&Spanned<CommandLine>> {
    let overlay = workload.overlay();
    overlay.entrypoint.as_ref().or_else(|| {
        let none = || match workload.image_container().entrypoint() {
            Fact::Absent => true,
            Fact::Known { value, .. } => value.words.is_empty(),
            Fact::Unknown { .. } => false,
        };
        overlay.cmd.as_ref().filter(|_| none())
    })
}

/// The last part of a path.
pub(in crate::rules) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a word names one of these inits, wherever it lies; `tini-static` and `tini-amd64` are `tini`.
pub(in crate::rules) fn is_init(word: &str, inits: &[&str]) -> bool {
    let name = file_name(word);
    inits.iter().any(|init| {
        let init = file_name(init);
        name == init || (init == "tini" && name.starts_with("tini-"))
    })
}

/// The program that a shell text hands PID 1 over to: `tini` of `exec tini -- app`.
pub(in crate::rules) fn handed_over(text: &str) -> Option<&str> {
    let mut words = text.split_ascii_whitespace();
    (words.next()? == "exec").then(|| words.next())?
}

/// The ENTRYPOINT of this file that an origin means.
pub(in crate::rules) fn own_entry<'b>(build: &'b Build, origin: &Origin) -> Option<&'b Entry> {
    let entries = build.stages.iter().flat_map(|stage: &Stage| &stage.entries);
    entries.filter(|entry| entry.keyword == "ENTRYPOINT").find(|entry| entry.place == *origin.place())
}
