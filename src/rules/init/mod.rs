//! Which process is PID 1.

mod pid1;

rules! { "init":
    init_process "init-process" Error on,
    init_installed "init-installed" Error on,
}

#[cfg(test)]
mod tests;
