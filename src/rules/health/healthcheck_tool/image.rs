//! The programs of the health check of a built image must lie in its layers, where `PATH` finds them.

use super::names_of;
use crate::finding::Findings;
use crate::model::{BuiltImage, Form, ImageFiles};
use crate::plan::Plan;
use crate::rules::health::watch::{Watch, watch_image};
use crate::rules::images::{Presence, cannot_tell, program};

/// Python packages that are imported by another name than they are installed by.
const IMPORTED_AS: &[(&str, &str)] = &[("yaml", "pyyaml"), ("websocket", "websocket-client"), ("zmq", "pyzmq")];

pub(super) fn check(image: &BuiltImage, _plan: &Plan, out: &mut Findings) {
    let Some(watch) = watch_image(image) else { return };
    if lacks_shell(&watch, image) {
        out.add(&watch.in_command(""), "the health check is in shell form, and the image has no `/bin/sh`")
            .help("use the exec form with a program that is in the image");
        return;
    }
    // The first that is missing, else the first that cannot be told: one cause, one finding.
    let mut open = None;
    for tool in &watch.health.tools {
        let found = match tool.strip_prefix("python:") {
            Some(module) => package(image, module),
            None => program(image, tool, &[]),
        };
        let name = tool.trim_start_matches("python:");
        match found {
            Presence::There => {}
            Presence::Missing => {
                let what = if tool.starts_with("python:") { "the Python package " } else { "" };
                let message = format!("the health check needs {what}`{name}`, which is not in the image");
                out.add(&watch.in_command(name), message).help(format!(
                    "install `{name}` in the image's Dockerfile or in a base, or ask with a program that is there"
                ));
                return;
            }
            // What belongs to the application lies anywhere.
            Presence::Unknown(_) if names_of(tool).is_none() => {}
            Presence::Unknown(why) => open = open.or(Some((name, why))),
        }
    }
    if let Some((name, why)) = open {
        out.open(&watch.in_command(name), cannot_tell(format!("whether `{name}` is in the image"), why));
    }
}

/// A shell form is read by `/bin/sh`, unless SHELL says otherwise.
fn lacks_shell(watch: &Watch<'_>, image: &BuiltImage) -> bool {
    let shell_form = watch.health.command.as_ref().is_some_and(|command| command.form == Form::Shell);
    let said = image.container.shell().known().and_then(|words| words.first().cloned());
    let shell = said.as_deref().unwrap_or("/bin/sh");
    shell_form && matches!(program(image, shell, &[]), Presence::Missing)
}

/// Whether the package of a module is installed. Packages of the distribution may leave no `dist-info` folder.
fn package(image: &BuiltImage, module: &str) -> Presence {
    let Some(files) = image.files.read() else { return program(image, module, &[]) };
    let installed = |name: &str| files.python_packages.iter().any(|package| package.name == name);
    let imported = IMPORTED_AS.iter().find(|(name, _)| *name == module).map_or(module, |(_, package)| package);
    let name = imported.replace('_', "-").to_ascii_lowercase();
    match (&files.truncated, has_system_python(files)) {
        _ if installed(&name) => Presence::There,
        (Some(cap), _) => Presence::Unknown(cap.to_string()),
        (None, true) => Presence::Unknown("a package of the distribution may bring it".to_owned()),
        (None, false) => Presence::Missing,
    }
}

fn has_system_python(files: &ImageFiles) -> bool {
    files.resolve("/usr/bin/python3").is_some()
}
