//! Which process is PID 1.

pub(in crate::rules) mod pid1;

pub(in crate::rules) use init_process::mends as init_process_mends;
pub(crate) use pid1::init_of;

rules! { "init":
    init_process "init-process" Error on,
    init_installed "init-installed" Error on,
}

#[cfg(test)]
mod tests;
