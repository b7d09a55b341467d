//! Commands that may bring anything: scripts, unpacked archives, other package managers.

use super::super::calls::Call;
use super::super::paths::base_name;
use super::super::words::{Field, Words};
use crate::syntax::shell::{Operator, inline_script};

/// Whether a missing name proves nothing once the call has run.
pub(super) fn is_opaque(words: &Words, call: &Call) -> bool {
    let name = call.name();
    if call.unknown.is_some() && name.contains('$') {
        return true;
    }
    match name {
        "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" => runs_script(words, call),
        "." | "source" => words.arguments(call).first().is_some_and(|file| !is_settings(&file.text)),
        "eval" => true,
        "make" | "gmake" | "ninja" => first(words, call, |field| field.text.starts_with("install")),
        "cmake" => first(words, call, |field| matches!(field.text.as_str(), "--install" | "install")),
        "conda" | "mamba" | "micromamba" => {
            first(words, call, |field| matches!(field.text.as_str(), "install" | "create" | "update" | "env"))
        }
        "brew" | "nix" | "nix-env" | "nix-shell" | "ansible-playbook" | "ansible" | "snap" | "flatpak"
        | "puppet" | "chef-client" | "pacman" | "emerge" | "sdk" | "asdf" | "mise" | "pyenv" | "rustup"
        | "easy_install" => true,
        "cargo" | "go" => first(words, call, |field| field.text == "install"),
        "poetry" | "pipenv" | "pdm" | "hatch" => {
            first(words, call, |field| matches!(field.text.as_str(), "install" | "sync" | "update" | "add"))
        }
        "uv" => first(words, call, |field| matches!(field.text.as_str(), "sync" | "add" | "tool")),
        "rpm" => first(words, call, |field| {
            let text = field.text.as_str();
            text == "--install" || text == "--upgrade" || is_short(text, &['i', 'U', 'F'])
        }),
        "dpkg" => first(words, call, |field| field.text == "--install" || is_short(&field.text, &['i'])),
        "tar" | "bsdtar" => unpacks(words, call),
        "unzip" => {
            words.arguments(call).windows(2).any(|pair| pair[0].text == "-d" && is_program_folder(&pair[1]))
        }
        "python" | "python2" | "python3" => python(words, call),
        _ => is_script(&call.program),
    }
}

fn first(words: &Words, call: &Call, is_it: impl Fn(&Field) -> bool) -> bool {
    words.arguments(call).iter().any(is_it)
}

fn is_short(text: &str, letters: &[char]) -> bool {
    // `-qi` asks and does not install.
    text.starts_with('-') && !text.starts_with("--") && text.contains(letters) && !text.contains(['q', 'V'])
}

/// `bash x.sh`, `curl … | sh`. What is behind `-c` has been split and is judged by its own commands.
fn runs_script(words: &Words, call: &Call) -> bool {
    if let Some((index, _)) = inline_script(call.words) {
        return !call.words[index].literal && call.words[index].substitution;
    }
    let has_operand = words.arguments(call).iter().any(|field| !field.text.starts_with('-'));
    let is_fed = matches!(call.line.before, Operator::Pipe | Operator::PipeBoth)
        || !words.text(call.text).script.redirections(call.line).is_empty();
    has_operand || is_fed
}

/// Files that are read for the variables they set.
fn is_settings(path: &str) -> bool {
    let name = base_name(path);
    matches!(name, "os-release" | "activate" | "profile" | "bashrc" | "lsb-release" | "environment")
        || name.starts_with('.')
        || name.ends_with(".env")
        || name == "nvm.sh"
}

/// `python get-pip.py`, `python setup.py install`.
fn python(words: &Words, call: &Call) -> bool {
    let fields = words.arguments(call);
    let Some(at) = fields.iter().position(|field| field.text.ends_with(".py")) else { return false };
    let file = base_name(&fields[at].text);
    let installs = |field: &Field| matches!(field.text.as_str(), "install" | "develop");
    file.contains("install")
        || file.contains("get-pip")
        || (file == "setup.py" && fields[at..].iter().any(installs))
}

/// Scripts that prepare or make a build tree; what they make is brought by a later `make install`.
fn builds(program: &str) -> bool {
    matches!(
        base_name(program),
        "configure"
            | "Configure"
            | "config"
            | "autogen.sh"
            | "bootstrap"
            | "bootstrap.sh"
            | "buildconf"
            | "gradlew"
            | "mvnw"
    )
}

fn is_script(program: &str) -> bool {
    if builds(program) {
        return false;
    }
    program.ends_with(".sh")
        || program.ends_with(".run")
        || program.starts_with("./")
        || program.starts_with("../")
        || program.starts_with("/tmp/")
}

fn unpacks(words: &Words, call: &Call) -> bool {
    let fields = words.arguments(call);
    let extracts = fields
        .first()
        .is_some_and(|field| !field.text.starts_with("--") && field.text.contains('x'))
        || fields.iter().any(|field| {
            matches!(field.text.as_str(), "--extract" | "--get" | "-x")
                || (field.text.starts_with('-') && !field.text.starts_with("--") && field.text.contains('x'))
        });
    if !extracts {
        return false;
    }
    let mut target = None;
    let mut previous = "";
    for field in &fields {
        if let Some(folder) = field.text.strip_prefix("--directory=") {
            target = Some(Field { text: folder.into(), ..field.clone() });
        } else if matches!(previous, "--directory" | "-C") || is_short_c(previous) {
            target = Some(field.clone());
        }
        previous = field.text.as_str();
    }
    match target {
        Some(field) => is_program_folder(&field),
        None => {
            let directory = words.directory(call.text, call.command);
            directory.unknown.is_some() || is_program_path(&directory.text)
        }
    }
}

/// `-xzC`: the next word is the folder.
fn is_short_c(text: &str) -> bool {
    text.starts_with('-') && !text.starts_with("--") && text.ends_with('C')
}

fn is_program_folder(field: &Field) -> bool {
    field.unknown.is_some() || is_program_path(&field.text)
}

fn is_program_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.is_empty()
        || path == "/usr"
        || path.ends_with("/bin")
        || path.ends_with("/sbin")
        || path == "/usr/local"
}
