//! Compose files: what Compose refuses of them.

mod problems;

rules! { "compose":
    compose_schema "compose-schema" Error on,
    compose_user_type "compose-user-type" Error on,
}
