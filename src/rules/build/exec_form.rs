//! `exec-form`: CMD and ENTRYPOINT are written in exec form.

use crate::finding::Findings;
use crate::model::{Build, Form};
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    let Some(stage) = build.final_stage() else { return };
    for keyword in ["CMD", "ENTRYPOINT"] {
        let Some(entry) = stage.entries.iter().rfind(|entry| entry.keyword == keyword) else { continue };
        let text = entry.command.words.first().map_or("", |text| text.trim_start());
        // With `exec` the program takes the shell's place.
        if entry.command.form == Form::Shell && !text.starts_with("exec ") {
            out.add(&entry.argument, format!("{keyword} is in shell form, so a shell gets the signals and not the program"))
                .help(format!("write {keyword} as a JSON array, or put `exec` before the program"));
        }
    }
}
