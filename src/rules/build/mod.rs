//! What goes into an image and how it starts: copies, commands, labels, the ignore file.

mod command;
mod copied;

rules! { "build":
    copy_source "copy-source" Error on,
    copy_operators "copy-operators" Error on,
    cmd_target "cmd-target" Error on,
    cmd_empty "cmd-empty" Error on,
    cmd_variable "cmd-variable" Error on,
    labels "labels" Error on,
    dockerignore "dockerignore" Error on,
}
