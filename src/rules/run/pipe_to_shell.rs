//! `pipe-to-shell`: nothing that was just fetched is run unseen.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;
use crate::syntax::shell::{Operator, command_name};

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "python", "python3", "perl", "php", "node", "ruby"];
    for stage in build.needed_stages() {
        for text in stage.runs.iter().flat_map(|run| &run.texts) {
            let commands = &text.script.commands;
            for pair in commands.windows(2).filter(|pair| pair[0].after == Operator::Pipe && pair[0].list == pair[1].list) {
                let name = |at: usize| text.command_words(&pair[at]).first().map(command_name);
                let fetched = matches!(name(0), Some("curl" | "wget"));
                if let Some(shell) = name(1).filter(|name| fetched && SHELLS.contains(name)) {
                    out.add(&text.place(pair[0].span.to(pair[1].span)), format!("what is fetched goes straight into `{shell}`"))
                        .subject(stage.label())
                        .help("store it, compare its checksum, and run it then");
                }
            }
        }
    }
}
