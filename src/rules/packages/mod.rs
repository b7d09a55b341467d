//! What a build installs: Python packages with pip, system packages with apt and apk.

mod apt;
mod pip;

rules! { "packages":
    pip_hashes "pip-hashes" Error on,
    pip_pinned "pip-pinned" Warning on,
    pip_cache_mount "pip-cache-mount" Error on,
    pip_redirect "pip-redirect" Error on,
    apt_pinned "apt-pinned" Warning on,
    apk_pinned "apk-pinned" Warning off,
    apt_clean "apt-clean" Warning on,
    requirements_include "requirements-include" Error on,
    pin_drift "pin-drift" Warning on,
    hash_form "hash-form" Error on,
}
