//! Who the process runs as.

rules! { "user":
    runtime_user "runtime-user" Error on,
}
