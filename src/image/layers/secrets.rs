//! Which files are credentials, by their names and their first bytes: a certificate, a public key or a settings file
//! without a token is none.

use memchr::memmem;

use super::interest::{is_of_a_package, is_sample, name};

/// Bytes of a file that are looked at. A key behind a long chain of certificates lies within them.
pub(super) const HEAD: usize = 32 << 10;

/// What makes a file of this name a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    PrivateKey,
    PuttyKey,
    KeyStore,
    Netrc,
    NpmToken,
    PasswordKey,
    AwsKey,
    DockerAuth,
    KubeConfig,
    UrlWithPassword,
    Dotenv,
    ServiceAccount,
}

/// What has to be looked for in a file, if its name may be one of a credential.
pub(super) fn look(path: &str) -> Option<Look> {
    if is_sample(path) {
        return None;
    }
    let name = name(path);
    let ends = |end: &str| path.ends_with(end);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let look = match name {
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => Look::PrivateKey,
        ".netrc" | "_netrc" => Look::Netrc,
        ".npmrc" => Look::NpmToken,
        ".pypirc" => Look::PasswordKey,
        ".git-credentials" | "pip.conf" | ".condarc" => Look::UrlWithPassword,
        ".dockercfg" => Look::DockerAuth,
        "kubeconfig" => Look::KubeConfig,
        _ if ends("/.aws/credentials") => Look::AwsKey,
        _ if ends("/.docker/config.json") || ends("/containers/auth.json") => Look::DockerAuth,
        _ if ends("/.kube/config") => Look::KubeConfig,
        _ if name.starts_with("ssh_host_") && name.ends_with("_key") => Look::PrivateKey,
        _ if (name == ".env" || name.starts_with(".env.")) && !is_template(extension) => {
            return (!is_of_a_package(path)).then_some(Look::Dotenv);
        }
        _ => match extension {
            "pem" | "key" => Look::PrivateKey,
            "ppk" => Look::PuttyKey,
            "p12" | "pfx" | "jks" if !name.contains("trust") && !name.contains("cacert") => Look::KeyStore,
            "json" => Look::ServiceAccount,
            // Keys of any name: `deploy_key`.
            _ if path.rsplit('/').nth(1) == Some(".ssh") => Look::PrivateKey,
            _ => return None,
        },
    };
    Some(look)
}

fn is_template(extension: &str) -> bool {
    matches!(extension, "example" | "sample" | "template" | "dist" | "tmpl" | "test" | "defaults" | "schema")
}

/// Whether the first bytes say so.
pub(super) fn holds(look: Look, head: &[u8]) -> bool {
    let has = |needle: &str| memmem::find(head, needle.as_bytes()).is_some();
    let text = || String::from_utf8_lossy(head);
    match look {
        Look::PrivateKey => has("-----BEGIN") && has("PRIVATE KEY"),
        Look::PuttyKey => head.starts_with(b"PuTTY-User-Key-File"),
        // A sequence in DER, or the magic number of Java's key stores.
        Look::KeyStore => head.starts_with(&[0x30, 0x82]) || head.starts_with(&[0xfe, 0xed, 0xfe, 0xed]),
        Look::Netrc => {
            let text = text();
            let mut words = text.lines().filter(|line| !is_comment(line)).flat_map(str::split_whitespace);
            words.any(|word| word == "password") && words.next().is_some_and(is_value)
        }
        Look::NpmToken => pairs(&text()).any(|(key, value)| {
            ["_authtoken", "_auth", "_password"].iter().any(|end| key.ends_with(end)) && is_value(value)
        }),
        Look::PasswordKey => pairs(&text()).any(|(key, value)| key == "password" && is_value(value)),
        Look::AwsKey => pairs(&text()).any(|(key, value)| key == "aws_secret_access_key" && is_value(value)),
        Look::DockerAuth => has_docker_auth(head),
        Look::KubeConfig => {
            has("apiVersion")
                && pairs(&text()).any(|(key, value)| {
                    matches!(&*key, "client-key-data" | "token" | "password") && is_value(value)
                })
        }
        Look::UrlWithPassword => text().lines().filter(|line| !is_comment(line)).any(has_password),
        Look::Dotenv => {
            pairs(&text()).any(|(key, value)| is_secret_key(&key) && is_value(value) || has_password(value))
        }
        Look::ServiceAccount => has("\"private_key\"") && has("PRIVATE KEY-----"),
    }
}

fn is_comment(line: &str) -> bool {
    matches!(line.trim_start().as_bytes().first(), Some(b'#' | b';'))
}

/// `key = value` and `key: value`, one a line; keys in lower case, values without quotes.
fn pairs(text: &str) -> impl Iterator<Item = (String, &str)> {
    text.lines().filter(|line| !is_comment(line)).filter_map(|line| {
        // Keys of `.npmrc` hold colons: `//registry.example.org/:_authToken=…`.
        let (key, value) = line.split_once('=').or_else(|| line.split_once(": "))?;
        let key = key.trim().trim_start_matches("export ").trim_start_matches("- ");
        Some((key.to_ascii_lowercase(), value.trim().trim_matches(['"', '\''])))
    })
}

/// Whether a value is one, and not a variable or something to be replaced.
fn is_value(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let placeholder =
        ["change", "replace", "your", "example", "placeholder", "dummy", "xxx", "todo", "secret-here"];
    value.len() > 3
        && !value.contains('$')
        && !value.starts_with(['<', '{', '['])
        && !matches!(&*lower, "none" | "null" | "true" | "false" | "password" | "secret" | "token")
        && !placeholder.iter().any(|part| lower.contains(part))
}

/// Whether a variable of this name holds a secret.
fn is_secret_key(key: &str) -> bool {
    const SAYS: [&str; 8] =
        ["secret", "token", "password", "passwd", "api_key", "apikey", "private_key", "access_key"];
    const ABOUT: [&str; 16] = [
        "_file",
        "_path",
        "_id",
        "_name",
        "_url",
        "_uri",
        "_ttl",
        "_expiry",
        "_expires",
        "_expire_minutes",
        "_length",
        "_algorithm",
        "_type",
        "_limit",
        "_header",
        "_enabled",
    ];
    SAYS.iter().any(|part| key.contains(part))
        && !ABOUT.iter().any(|end| key.ends_with(end))
        && !["public", "max_", "min_", "num_", "tokenizer", "tokens"].iter().any(|part| key.contains(part))
}

/// `scheme://user:password@host`, the password said.
fn has_password(line: &str) -> bool {
    let Some((_, rest)) = line.split_once("://") else { return false };
    let authority = rest.split(['/', ' ', '"']).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    user.split_once(':').is_some_and(|(_, password)| is_value(password))
}

fn has_docker_auth(head: &[u8]) -> bool {
    let Ok(config) = serde_json::from_slice::<serde_json::Value>(head) else { return false };
    let auths = config.get("auths").unwrap_or(&config);
    let says = |entry: &serde_json::Value| {
        ["auth", "identitytoken", "password"]
            .iter()
            .any(|key| entry.get(key).and_then(serde_json::Value::as_str).is_some_and(is_value))
    };
    auths.as_object().is_some_and(|auths| auths.values().any(says))
}
