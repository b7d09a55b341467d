//! Files of an image that are credentials.

use std::collections::BTreeMap;

use crate::finding::Findings;
use crate::model::{BuiltImage, Contents, FileKind, ImageFile, Interest};

/// Paths that a message names.
const MAX_NAMED: usize = 5;

/// Folders whose files show how something is used.
const SAMPLES: [&str; 9] =
    ["test", "tests", "testing", "testdata", "test_data", "fixtures", "example", "examples", "doc"];

/// One finding for each layer that brings credentials, and for what is taken away later another.
pub(super) fn check(image: &BuiltImage, out: &mut Findings) {
    let files = match &image.files {
        Contents::Read(files) => files,
        Contents::Unread(_) => {
            out.open(&image.place, "cannot tell whether it ships credentials: its layers were not read");
            return;
        }
    };
    let mut layers: BTreeMap<(usize, bool), Vec<&ImageFile>> = BTreeMap::new();
    let shown = files.files.values().map(|file| (file, false));
    for (file, hidden) in shown.chain(files.hidden.iter().map(|file| (file, true))).filter(|(file, _)| counts(file)) {
        layers.entry((file.layer, hidden)).or_default().push(file);
    }
    for ((layer, hidden), files) in layers {
        out.add(image.layer_place(layer), message(&files, hidden)).help(HELP);
    }
    if let Some(why) = &files.truncated {
        out.open(&image.place, format!("cannot tell whether its layers hold more credentials: {why}"));
    }
}

const HELP: &str = "withdraw them, build without the step that brings them (a later `RUN rm` keeps them in their \
    layer), and mount them: `RUN --mount=type=secret`";

fn counts(file: &ImageFile) -> bool {
    let is_file = matches!(file.kind, FileKind::Regular);
    file.interest == Interest::Secret && is_file && file.size > 0 && !is_sample(&file.path)
}

/// Keys that packages bring for their own tests are known to everybody.
fn is_sample(path: &str) -> bool {
    let of_package = path.starts_with("/usr/") || path.contains("-packages/") || path.contains("/node_modules/");
    of_package && path.split('/').any(|part| SAMPLES.contains(&part))
}

fn message(files: &[&ImageFile], hidden: bool) -> String {
    let paths: Vec<String> = files.iter().take(MAX_NAMED).map(|file| format!("`{}`", file.path)).collect();
    let rest = files.len() - paths.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let paths = format!("{}{more}", paths.join(", "));
    let one = files.len() == 1;
    let what = if one { "a credential by its name or its first bytes" } else { "credentials by their names or first bytes" };
    let is = if one { "is" } else { "are" };
    match hidden {
        false => format!("this layer ships {paths}, which {is} {what}"),
        true => format!("this layer ships {paths}, which {is} {what}, though a later layer takes it away")
            .replace("takes it", if one { "takes it" } else { "takes them" }),
    }
}
