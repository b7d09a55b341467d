//! Schemas of answers that a plan names: files relative to the plan, and the tool's own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::nearest::nearest;
use crate::source::Source;
use crate::syntax::schema::BodySchema;

/// What comes before the name of one of the tool's own schemas.
const BUILTIN: &str = "builtin:";

/// The tool's own schemas of answers.
const OWN: [(&str, &str); 3] = [
    ("health", include_str!("../../../schemas/health.schema.json")),
    ("health-healthy", include_str!("../../../schemas/health-healthy.schema.json")),
    ("aim-manifest", include_str!("../../../schemas/aim-manifest.schema.json")),
];

/// The schema of a name; the error is one phrase that follows the name, and what to write instead.
pub(in crate::plan) type SchemaOf<'a> =
    dyn Fn(&str) -> Result<Arc<BodySchema>, (String, Option<String>)> + 'a;

/// Schemas by name, so that a thousand contracts share one.
#[derive(Default)]
pub(in crate::plan) struct Schemas(RefCell<HashMap<String, Arc<BodySchema>>>);

impl Schemas {
    /// The schema of a name; `read` reads a path relative to the plan.
    ///
    /// # Errors
    /// Why it cannot be used, and what to write instead.
    pub(in crate::plan) fn of(
        &self,
        name: &str,
        read: impl Fn(&str) -> Result<Arc<Source>, String>,
    ) -> Result<Arc<BodySchema>, (String, Option<String>)> {
        if let Some(schema) = self.0.borrow().get(name) {
            return Ok(Arc::clone(schema));
        }
        let schema = Arc::new(match name.strip_prefix(BUILTIN) {
            // They are tested with the tool, so they are compiled only when an answer is to be judged.
            Some(own) => BodySchema::new(own_text(own).ok_or_else(|| unknown(own))?),
            None => {
                let source = read(name).map_err(|why| (why, None))?;
                let schema = BodySchema::new(String::from_utf8_lossy(source.bytes()).into_owned());
                schema.verify().map_err(|why| (format!("`{}` {why}", source.path()), None))?;
                schema
            }
        });
        self.0.borrow_mut().insert(name.to_owned(), Arc::clone(&schema));
        Ok(schema)
    }
}

fn own_text(name: &str) -> Option<&'static str> {
    OWN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn unknown(name: &str) -> (String, Option<String>) {
    let names = OWN.iter().map(|(name, _)| *name);
    let help = match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{BUILTIN}{near}`?"),
        None => format!("the tool's own: {}", names.collect::<Vec<_>>().join(", ")),
    };
    let short: String = name.chars().take(60).collect();
    (format!("no schema of the tool is called `{short}`"), Some(help))
}

#[cfg(test)]
mod tests {
    use super::{BodySchema, OWN};

    #[test]
    fn own_schemas_compile() {
        for (name, text) in OWN {
            assert_eq!(BodySchema::new(text).verify(), Ok(()), "{name}");
        }
    }
}
