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
    cmd_multiple "cmd-multiple" Warning on,
    exec_form "exec-form" Note off,
    workdir_relative "workdir-relative" Warning on,
    add_instead_of_copy "add-instead-of-copy" Note on,
    legacy_key_value "legacy-key-value" Note on,
    maintainer_deprecated "maintainer-deprecated" Note on,
    port_ssh "port-ssh" Warning on,
    variable_undefined "variable-undefined" Warning on,
}
