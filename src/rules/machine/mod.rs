//! What depends on the machine that a service runs on.

mod copied_profile;

rules! { "machine":
    machine_profile "machine-profile" Error on,
    machine_arg "machine-arg" Error on,
}
