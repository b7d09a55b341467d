//! Which Python runs.

rules! { "python":
    python_version "python-version" Error on,
}
