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
    cmd_multiple "cmd-multiple" Warning off,
    exec_form "exec-form" Note off,
    workdir_relative "workdir-relative" Warning off,
    add_instead_of_copy "add-instead-of-copy" Note off,
    legacy_key_value "legacy-key-value" Note off,
    maintainer_deprecated "maintainer-deprecated" Note off,
    port_ssh "port-ssh" Warning off,
    variable_undefined "variable-undefined" Warning off,
}
