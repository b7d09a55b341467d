//! Names and display paths as a plan compares them.

use crate::path;

/// A name as it is compared: lower case, without `_`, `-`, `.`, `(`, `)` and white space, so that `model_ops_coordinator`,
/// `ModelOpsCoordinator` and `model-ops-coordinator` are one.
#[must_use]
pub fn normalise(name: &str) -> String {
    if name.is_ascii() {
        let mut kept = name.to_ascii_lowercase();
        kept.retain(|c| !matches!(c, '_' | '-' | '.' | '(' | ')' | '\t'..='\r' | ' '));
        return kept;
    }
    let kept = name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | '(' | ')') && !c.is_whitespace());
    kept.flat_map(char::to_lowercase).collect()
}

/// The folder of a display path; `.` for a plain file name.
#[must_use]
pub fn folder_of(path: &str) -> String {
    path::parent(path).unwrap_or("/").to_owned()
}

/// A path below a folder, `.` and `..` worked out by text; an absolute path stays as it is.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') || folder.is_empty() {
        path::clean(path)
    } else {
        path::clean(&format!("{folder}/{path}"))
    }
}

/// The way from a folder to a path, both relative to the working directory (or both absolute). A way through a `..` of
/// the folder is not known; then the path is given as it is.
#[must_use]
pub(super) fn relative(folder: &str, path: &str) -> String {
    let parts = |text: &str| -> Vec<String> {
        text.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned).collect()
    };
    let (from, to) = (parts(folder), parts(path));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if from[same..].iter().any(|part| part == "..") || folder.starts_with('/') != path.starts_with('/') {
        return path.to_owned();
    }
    let up = std::iter::repeat_n("..", from.len() - same);
    let way: Vec<&str> = up.chain(to[same..].iter().map(String::as_str)).collect();
    if way.is_empty() { ".".to_owned() } else { way.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_separators() {
        for name in
            ["model_ops_coordinator", "ModelOpsCoordinator", "model-ops-coordinator", "Model Ops.Coordinator"]
        {
            assert_eq!(normalise(name), "modelopscoordinator", "{name}");
        }
        assert_ne!(normalise("Observability (pc2)"), normalise("Observability"));
    }

    #[test]
    fn paths() {
        let cases = [
            (".", "a", "a"),
            ("a", "../b", "b"),
            (".", "../b", "../b"),
            ("../a", "../../b", "../../b"),
            ("a/b", "./c//d/", "a/b/c/d"),
            ("a", "..", "."),
            ("/a", "../../b", "/b"),
            ("a", "/b", "/b"),
        ];
        for (folder, path, want) in cases {
            assert_eq!(join(folder, path), want, "{folder} + {path}");
        }
        let cases = [
            ("a/b", "c/d", "../../c/d"),
            (".", "c", "c"),
            ("a", "a/b", "b"),
            ("a", "a", "."),
            ("../p", "x", "x"),
        ];
        for (folder, path, want) in cases {
            assert_eq!(relative(folder, path), want, "{folder} to {path}");
        }
        assert_eq!((folder_of("a/b").as_str(), folder_of("a").as_str()), ("a", "."));
    }
}
