//! Files of a container: what is named `.json` is read as JSON.

use smol_str::SmolStr;

use crate::model::LiveFile;

/// Reads the files that are JSON by their names.
pub(super) fn read(mut files: Vec<(SmolStr, LiveFile)>) -> Vec<(SmolStr, LiveFile)> {
    for (path, file) in files.iter_mut().filter(|(path, _)| path.ends_with(".json")) {
        if let LiveFile::Text(text) = file {
            *file = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
                Ok(value) => LiveFile::Json(value),
                Err(error) => LiveFile::Unknown(format!("`{path}` is no JSON: {error}").into()),
            };
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_by_its_name() {
        let text = |text: &str| LiveFile::Text(text.into());
        let files = read(vec![
            ("/a.json".into(), text("\u{feff}{\"a\": 1}")),
            ("/b.json".into(), text("{")),
            ("/c.txt".into(), text("{}")),
            ("/d.json".into(), LiveFile::Absent),
            ("/e.json".into(), text(&"[".repeat(100_000))),
        ]);
        assert_eq!(files[0].1, LiveFile::Json(serde_json::json!({"a": 1})));
        let is_unknown =
            |file: &LiveFile, why: &str| matches!(file, LiveFile::Unknown(told) if told.contains(why));
        assert!(is_unknown(&files[1].1, "`/b.json` is no JSON: EOF"), "{:?}", files[1]);
        assert_eq!(files[2].1, text("{}"));
        assert_eq!(files[3].1, LiveFile::Absent);
        assert!(is_unknown(&files[4].1, "recursion limit"), "{:?}", files[4]);
    }
}
