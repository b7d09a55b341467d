//! Who the process runs as.

mod accounts;

rules! { "user":
    runtime_user "runtime-user" Error on,
    user_exists "user-exists" Error on,
    root_needed "root-needed" Error on,
}

#[cfg(test)]
mod tests;
