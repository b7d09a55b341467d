//! `WWW-Authenticate`: what a registry wants before it answers (RFC 9110, section 11.6.1).

/// Longest header that is looked at, in bytes.
const MAX_HEADER: usize = 8 << 10;
/// Most challenges of one answer.
const MAX_CHALLENGES: usize = 16;
/// Most parameters of one challenge.
const MAX_PARAMETERS: usize = 32;

/// One challenge: scheme and parameters, both in lower case; values as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Challenge {
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The first value of a parameter.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The challenges of one header. What cannot be read ends it; what came before counts.
    pub(super) fn parse_all(header: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        if header.len() > MAX_HEADER {
            return found;
        }
        let mut rest = header;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let (word, after) = token(rest);
            if word.is_empty() {
                return found;
            }
            match parameter(after) {
                Some((value, after)) => {
                    let Some(last) = found.last_mut() else { return found };
                    if last.parameters.len() < MAX_PARAMETERS {
                        last.parameters.push((word.to_ascii_lowercase(), value));
                    }
                    rest = after;
                }
                None if found.len() == MAX_CHALLENGES => return found,
                None => {
                    found.push(Self { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                    rest = after;
                }
            }
        }
    }
}

/// A token and what follows it.
fn token(text: &str) -> (&str, &str) {
    let inside = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c: char| !inside(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// The value behind a `=`, and what follows it; `None` when no value follows: then the word was a scheme.
fn parameter(text: &str) -> Option<(String, &str)> {
    let value = text.trim_start_matches([' ', '\t']).strip_prefix('=')?.trim_start_matches([' ', '\t']);
    match value.strip_prefix('"') {
        Some(quoted) => Some(unquoted(quoted)),
        None => {
            let (word, rest) = token(value);
            Some((word.to_owned(), rest))
        }
    }
}

/// A quoted string behind its first quote, and what follows it. One without an end is empty, and nothing follows it.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return (value, &text[at + 1..]),
            _ => value.push(c),
        }
    }
    (String::new(), "")
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    fn one(scheme: &str, parameters: &[(&str, &str)]) -> Challenge {
        let parameters = parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Challenge { scheme: scheme.to_owned(), parameters: parameters.collect() }
    }

    #[test]
    fn challenges_of_registries_are_read() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#;
        let [bearer] = &Challenge::parse_all(hub)[..] else { panic!("one challenge") };
        assert_eq!(bearer.scheme, "bearer");
        assert_eq!(bearer.value("realm"), Some("https://auth.docker.io/token"));
        assert_eq!(bearer.value("scope"), Some("repository:a/b:pull,push"));
        assert_eq!(bearer.value("error"), None);
    }

    #[test]
    fn quotes_blanks_and_several_challenges() {
        for (header, wanted) in [
            ("Basic realm=\"a, b\"", vec![one("basic", &[("realm", "a, b")])]),
            ("basic", vec![one("basic", &[])]),
            ("BASIC Realm = x", vec![one("basic", &[("realm", "x")])]),
            (
                "Basic realm=\"x\", Bearer realm=\"https://y\",service=\"z\"",
                vec![
                    one("basic", &[("realm", "x")]),
                    one("bearer", &[("realm", "https://y"), ("service", "z")]),
                ],
            ),
            ("Negotiate, Basic realm=x", vec![one("negotiate", &[]), one("basic", &[("realm", "x")])]),
            (r#"Bearer realm="a\"b\\c""#, vec![one("bearer", &[("realm", "a\"b\\c")])]),
            (r#"Bearer realm="never ends"#, vec![one("bearer", &[("realm", "")])]),
            ("=x", vec![]),
            ("a=b", vec![]),
            ("", vec![]),
            (",,, ,", vec![]),
        ] {
            assert_eq!(Challenge::parse_all(header), wanted, "{header}");
        }
    }

    #[test]
    fn hostile_headers_cost_nothing() {
        assert_eq!(Challenge::parse_all(&"a ".repeat(100_000)), []);
        assert_eq!(Challenge::parse_all(&"a ".repeat(4_000)).len(), super::MAX_CHALLENGES);
        let many = format!("Bearer {}", "a=b,".repeat(2_000));
        assert_eq!(Challenge::parse_all(&many)[0].parameters.len(), super::MAX_PARAMETERS);
    }
}
