//! Machine profiles: the JSON file that a plan names for a machine, as keys and values with their places.

use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use crate::model::Spanned;
use crate::source::{Place, Source, Span};
use crate::syntax::json_members::members;
use crate::syntax::schema::{Schema, Violation};
use crate::syntax::yaml::{self, Typing};

/// What a plan writes for the tool's own schema of profiles.
pub(super) const BUILTIN_SCHEMA: &str = "builtin";

/// A profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The file.
    pub source: Arc<Source>,
    /// Key and value of the outermost object, in order; of a key that is written twice the last one counts. Texts without
    /// their quotes, anything else as JSON.
    pub values: Vec<(Spanned<SmolStr>, Spanned<SmolStr>)>,
    /// What the plan's schema of profiles does not allow.
    pub violations: Vec<Violation>,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone)]
pub struct ProfileFault {
    /// The line of the profile; `None` when there is no text.
    pub place: Option<Place>,
    /// One sentence without a full stop.
    pub message: String,
}

impl Profile {
    /// Reads a profile, and holds it against a schema.
    ///
    /// # Errors
    /// It is no JSON, or no object.
    pub fn read(source: &Arc<Source>, schema: Option<&Schema>) -> Result<Self, ProfileFault> {
        let text = source.bytes().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(source.bytes());
        let object = match serde_json::from_slice::<Value>(text) {
            Ok(Value::Object(object)) => object,
            Ok(_) => {
                let message = "the profile is no JSON object".to_owned();
                return Err(ProfileFault { place: Some(line(source, 1)), message });
            }
            Err(error) => {
                let message = format!("the profile is no valid JSON: {error}");
                return Err(ProfileFault { place: Some(line(source, error.line() as u32)), message });
            }
        };
        let values = members(source.bytes()).into_iter().filter_map(|member| {
            let value = match object.get(&member.key)? {
                Value::String(text) => SmolStr::new(text),
                other => SmolStr::new(other.to_string()),
            };
            let key = Spanned::new(SmolStr::new(&member.key), Place::new(source, member.key_span));
            Some((key, Spanned::new(value, Place::new(source, member.value))))
        });
        let violations = schema.map(|schema| violations(source, schema)).unwrap_or_default();
        Ok(Self { source: Arc::clone(source), values: values.collect(), violations })
    }

    /// The first line, for what is missing.
    #[must_use]
    pub fn first_line(&self) -> Place {
        line(&self.source, 1)
    }
}

/// What a schema refuses of a profile.
fn violations(source: &Arc<Source>, schema: &Schema) -> Vec<Violation> {
    let stream = yaml::parse(source);
    stream.documents.iter().flat_map(|document| schema.check(&document.root, Typing::Core)).collect()
}

/// The schema that a plan names: a file, or the tool's own.
///
/// # Errors
/// Why it cannot be used, with the name.
pub(super) fn schema(
    name: &str,
    read: impl Fn(&str) -> Result<Arc<Source>, String>,
) -> Result<Schema, String> {
    if name == BUILTIN_SCHEMA {
        return Schema::compile(include_str!("../../schemas/machine-profile.schema.json"));
    }
    let source = read(name)?;
    let text = String::from_utf8_lossy(source.bytes());
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Schema::compile(text).map_err(|why| format!("`{}` {why}", source.path()))
}

/// A line without its end.
fn line(source: &Arc<Source>, number: u32) -> Place {
    let span = source.lines().span_of(number.max(1), source.bytes());
    let text = source.slice(span);
    let length = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at as u32 + 1);
    Place::new(source, Span::new(span.start, span.start + length))
}

#[cfg(test)]
mod tests {
    use super::super::testing::load_files;

    #[test]
    fn schemas_of_profiles_are_read_with_the_plan() {
        let profile = "[machines.a]\nprofile = \"a.json\"\n";
        let load = |schema: &str, file: Option<&str>| {
            let text = format!("[machine-profile]\nschema = \"{schema}\"\n{profile}");
            let mut files =
                vec![("p/plimsoll.toml", text.as_str()), ("p/a.json", "{\"OMP_NUM_THREADS\": 0, \"b\": {}}")];
            files.extend(file.map(|text| ("p/s.json", text)));
            let plan = load_files("p/plimsoll.toml", &files).expect("valid");
            let violations = match &plan.machines[0].profile_file {
                Some(Ok(profile)) => profile.violations.iter().map(|it| it.message.clone()).collect(),
                _ => Vec::new(),
            };
            (plan.profile_schema_fault, violations)
        };
        let (fault, told) = load("s.json", Some("{\"required\": [\"A\"]}"));
        assert_eq!((fault, told), (None, vec!["the document lacks the key `A`".to_owned()]));
        let (fault, told) = load("builtin", None);
        assert_eq!(fault, None);
        assert_eq!(told.len(), 3, "{told:?}");
        for (text, why) in [(None, "`p/s.json` cannot be read"), (Some("{"), "`p/s.json` is no JSON: ")] {
            let (fault, told) = load("s.json", text);
            assert!(
                fault.as_ref().is_some_and(|fault| fault.starts_with(why)) && told.is_empty(),
                "{fault:?}"
            );
        }
    }
}
