//! Which process is PID 1.

mod pid1;

use crate::rules::rules;

rules! { "init":
    init_process "init-process" Error on,
    init_installed "init-installed" Error on,
}
