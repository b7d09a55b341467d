//! ENTRYPOINT, CMD, SHELL, WORKDIR: one value each, which a later one replaces.

use smol_str::SmolStr;

use super::words::{self, same_text};
use super::{Drift, said};
use crate::model::{CommandLine, Container, Fact, Form, MediaKind, Origin, Spanned};

/// What starts a shell form when nobody says SHELL.
const DEFAULT_SHELL: [&str; 2] = ["/bin/sh", "-c"];

pub(super) fn compare(drift: &mut Drift<'_>) {
    let layer = drift.layer();
    let entrypoint = drift.own.entrypoint();
    // ENTRYPOINT clears the CMD of every layer below, known or not.
    let clears = drift.expected.has_lines && entrypoint.known().is_some();
    let starts = entrypoint.known().is_some_and(|line| !line.words.is_empty());
    if starts && layer.entrypoint.is_none() && layer.cmd.is_none() {
        // Who takes ENTRYPOINT away takes CMD with it: one cause, one finding.
        command(drift, "Entrypoint with Cmd", entrypoint, None, true);
        shell(drift);
        return workdir(drift);
    }
    command(drift, "Entrypoint", entrypoint, layer.entrypoint.as_ref(), drift.is_complete);
    let cmd = drift.own.cmd();
    command(drift, "Cmd", cmd, layer.cmd.as_ref(), drift.is_complete || clears);
    shell(drift);
    workdir(drift);
}

fn command(
    drift: &mut Drift<'_>,
    what: &str,
    fact: Fact<CommandLine>,
    has: Option<&Spanned<CommandLine>>,
    is_complete: bool,
) {
    let at = has.map(|has| &has.place);
    let shown = has.map(|has| words::command(&has.value));
    match said(fact) {
        Ok((wanted, origin)) => {
            let is_same = match has {
                Some(has) => same(&wanted, &has.value, &Shells::of(drift, &origin)),
                None => wanted.words.is_empty(),
            };
            if !is_same {
                let wanted = (!wanted.words.is_empty()).then(|| words::command(&wanted));
                drift.differs(what, at, shown, wanted, Some(&origin));
            }
        }
        Err(None) if is_complete && has.is_some() => drift.differs(what, at, shown, None, None),
        Err(_) => {}
    }
}

/// The shells that a shell form may be given to.
struct Shells {
    said: Vec<Vec<SmolStr>>,
    /// Whether an image below that nobody read may say another.
    is_open: bool,
}

impl Shells {
    /// Those of a command said at `origin`: SHELL of its own stage may stand behind it, and then the one below counts.
    fn of(drift: &Drift<'_>, origin: &Origin) -> Self {
        let place = &origin.last().place;
        let of_stage = |layer: &crate::model::Layer| {
            [&layer.entrypoint, &layer.cmd]
                .iter()
                .any(|said| said.as_ref().is_some_and(|it| it.place == *place))
        };
        let layers = &drift.own.layers;
        let depth = layers.iter().position(|layer| of_stage(layer)).unwrap_or(0);
        let below = |from: usize| {
            let rest = layers.get(from..).unwrap_or_default().to_vec();
            Container { layers: rest, end: drift.own.end.clone() }.shell()
        };
        let mut said: Vec<Vec<SmolStr>> =
            [below(depth), below(depth + 1)].into_iter().filter_map(|fact| fact.known().cloned()).collect();
        let is_open = said.is_empty() && !drift.is_complete;
        if said.len() < 2 {
            said.push(DEFAULT_SHELL.iter().map(SmolStr::new).collect());
        }
        Self { said, is_open }
    }
}

fn same(wanted: &CommandLine, has: &CommandLine, shells: &Shells) -> bool {
    let text = match wanted.form {
        Form::Exec => return has.form == Form::Exec && wanted.words == has.words,
        Form::Shell => wanted.words.first().map_or("", SmolStr::as_str),
    };
    let Some((last, shell)) = has.words.split_last() else { return text.is_empty() };
    let is_shell = match has.form {
        Form::Shell => true,
        Form::Exec if shells.is_open => !shell.is_empty(),
        Form::Exec => shells.said.iter().any(|said| said == shell),
    };
    is_shell && same_text(text, last)
}

fn shell(drift: &mut Drift<'_>) {
    let has = drift.layer().shell.as_ref();
    let at = has.map(|has| &has.place);
    let line = |words: &[SmolStr]| words::command(&CommandLine { form: Form::Exec, words: words.to_vec() });
    let shown = has.map(|has| line(&has.value));
    match said(drift.own.shell()) {
        // The OCI's config has no place for it.
        Ok(_) if has.is_none() && drift.held.media == MediaKind::Oci => {}
        Ok((wanted, origin)) if has.is_none_or(|has| has.value != wanted) => {
            drift.differs("Shell", at, shown, Some(line(&wanted)), Some(&origin));
        }
        Err(None) if drift.is_complete && has.is_some_and(|has| has.value != DEFAULT_SHELL) => {
            drift.differs("Shell", at, shown, None, None);
        }
        _ => {}
    }
}

fn workdir(drift: &mut Drift<'_>) {
    let has = drift.layer().workdir.as_ref();
    let at = has.map(|has| &has.place);
    let path = has.map_or("/", |has| has.value.text.as_str());
    let plain = |path: &str| match path.trim_end_matches('/') {
        "" => "/".to_owned(),
        path => path.to_owned(),
    };
    let shown = has.map(|_| words::shown("", path));
    match said(drift.own.workdir()) {
        Ok((wanted, origin)) => match (wanted.certain(), &wanted.unknown) {
            (Some(wanted), _) if plain(wanted) == plain(path) => {}
            (Some(wanted), _) => {
                drift.differs("WorkingDir", at, shown, Some(words::shown("", wanted)), Some(&origin));
            }
            (None, Some(why)) => drift.open("WorkingDir", at, why, Some(&origin)),
            (None, None) => {}
        },
        Err(None) if drift.is_complete && plain(path) != "/" => {
            drift.differs("WorkingDir", at, shown, None, None);
        }
        Err(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_forms_are_what_the_shell_is_given() {
        let line =
            |form, words: &[&str]| CommandLine { form, words: words.iter().map(SmolStr::new).collect() };
        let words = |words: &[&str]| -> Vec<SmolStr> { words.iter().map(SmolStr::new).collect() };
        let default = Shells { said: vec![words(&DEFAULT_SHELL)], is_open: false };
        let bash = Shells { said: vec![words(&["/bin/bash", "-c"])], is_open: false };
        let open = Shells { said: vec![words(&DEFAULT_SHELL)], is_open: true };
        let text = line(Form::Shell, &["python   app.py"]);
        let run = |shell: &str| line(Form::Exec, &[shell, "-c", "python app.py"]);
        for (shells, has, want) in [
            (&default, run("/bin/sh"), true),
            (&default, run("/bin/bash"), false),
            (&bash, run("/bin/bash"), true),
            (&open, run("/bin/bash"), true),
            (&open, line(Form::Exec, &["python app.py"]), false),
            (&default, line(Form::Shell, &["python app.py"]), true),
            (&default, line(Form::Exec, &["/bin/sh", "-c", "python other.py"]), false),
            (&default, line(Form::Exec, &[]), false),
        ] {
            assert_eq!(same(&text, &has, shells), want, "{has:?}");
        }
        let exec = line(Form::Exec, &["a", "b"]);
        assert!(same(&exec, &exec.clone(), &default));
        assert!(!same(&exec, &line(Form::Exec, &["a b"]), &default));
    }
}
