//! Machine profiles: the JSON file that a plan names for a machine, as keys and values with their places.

use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use crate::model::Spanned;
use crate::source::{Place, Source, Span};
use crate::syntax::json_members::members;

/// A profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The file.
    pub source: Arc<Source>,
    /// Key and value of the outermost object, in order; of a key that is written twice the last one counts. Texts without
    /// their quotes, anything else as JSON.
    pub values: Vec<(Spanned<SmolStr>, Spanned<SmolStr>)>,
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
    /// Reads a profile.
    ///
    /// # Errors
    /// It is no JSON, or no object.
    pub fn read(source: &Arc<Source>) -> Result<Self, ProfileFault> {
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
        Ok(Self { source: Arc::clone(source), values: values.collect() })
    }

    /// The first line, for what is missing.
    #[must_use]
    pub fn first_line(&self) -> Place {
        line(&self.source, 1)
    }
}

/// A line without its end.
fn line(source: &Arc<Source>, number: u32) -> Place {
    let span = source.lines().span_of(number.max(1), source.bytes());
    let text = source.slice(span);
    let length = text.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at as u32 + 1);
    Place::new(source, Span::new(span.start, span.start + length))
}
