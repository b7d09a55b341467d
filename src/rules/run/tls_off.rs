//! `tls-off`: certificates are checked.

use crate::finding::Findings;
use crate::model::{Build, ShellText, Stage};
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::command_name;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

/// Variables that switch the check off, with the values that do.
const VARIABLES: &[(&str, &[&str])] = &[
    ("PYTHONHTTPSVERIFY", &["0"]),
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"]),
    ("GIT_SSL_NO_VERIFY", &["1", "true"]),
    ("NPM_CONFIG_STRICT_SSL", &["false"]),
    ("npm_config_strict_ssl", &["false"]),
];

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in build.needed_stages() {
        for pair in &stage.layer().env {
            let (name, value) = &pair.value;
            let off = VARIABLES.iter().any(|(known, values)| {
                name == known && value.certain().is_some_and(|text| values.contains(&text))
            });
            if off {
                out.add(
                    &pair.place,
                    format!("`{name}` switches the check of certificates off for everything that follows"),
                )
                .subject(stage.label())
                .help("install the certificate of your authority instead");
            }
        }
        for text in stage.runs.iter().flat_map(|run| &run.texts) {
            commands(stage, text, out);
        }
    }
}

fn commands(stage: &Stage, text: &ShellText, out: &mut Findings) {
    for command in &text.script.commands {
        let words = text.command_words(command);
        let Some(first) = words.first() else { continue };
        let is = |wanted: &[&str]| words[1..].iter().find(|word| wanted.contains(&word.text.as_str()));
        let flag = match command_name(first) {
            "curl" => is(&["-k", "--insecure"]).or_else(|| {
                let letters = |word: &&crate::syntax::shell::Word| {
                    let text = word.text.as_str();
                    let group = text.len() > 2 && text.starts_with('-') && !text.starts_with("--");
                    // A letter that takes a value ends the group.
                    let plain =
                        text.bytes().skip(1).take_while(|byte| !b"oHdXuAbceCDEFKmPQrtTUwxyYz".contains(byte));
                    group && plain.into_iter().any(|byte| byte == b'k')
                };
                words[1..].iter().find(letters)
            }),
            "wget" => is(&["--no-check-certificate"]),
            "git" => words[1..].iter().find(|word| word.text.eq_ignore_ascii_case("http.sslVerify=false")),
            name if name.starts_with("pip") => is(&["--trusted-host"]),
            _ => None,
        };
        if let Some(word) = flag {
            out.add(
                &text.place(word.span),
                format!("`{}` switches the check of certificates off", word.text),
            )
            .subject(stage.label())
            .help("install the certificate of your authority instead, or compare a checksum");
        }
    }
}
