//! FROM: the image it names, and what that image is: a stage, a file of the fleet, a well-known image, or unknown.

use smol_str::SmolStr;

use super::bases::{BaseAnswer, chain_end};
use super::dockerfile::FileScope;
use super::known_bases::known_base;
use super::variables::global_lookup;
use crate::model::{Base, ChainEnd, Container, From, Spanned, Stage, Unknown, Value};
use crate::syntax::dockerfile::{Instruction, Text};

/// What a FROM says; a name that BuildKit refuses is a problem of the file.
pub(crate) fn from_of(file: &FileScope<'_>, instruction: &Instruction<'_>, words: &[Text<'_>]) -> From {
    let place = file.place(instruction.span);
    let lookup = |name: &str| global_lookup(&file.global, name);
    let platform = instruction.flags.iter().find(|flag| flag.name == "platform").and_then(|flag| {
        let text = flag.value.as_ref()?;
        let value = file.budget.expand(&text.text, file.escape, &lookup).value;
        Some(Spanned::new(value, file.place(flag.raw.span)))
    });
    let Some(image) = words.first() else {
        let base = Base::Unknown(Unknown::Template);
        let nothing = Value { text: SmolStr::default(), unknown: Some(Unknown::Template) };
        return From {
            reference_place: place.clone(),
            place,
            written: "".into(),
            reference: nothing,
            platform,
            base,
        };
    };
    let expansion = file.budget.expand(&image.text, file.escape, &lookup);
    if let Some(error) = expansion.error {
        file.fault(image, error);
    } else if expansion.value.certain() == Some("") {
        file.fault(
            image,
            format!("the base name is blank: `{}` has no value before the first FROM", image.text),
        );
    }
    let reference = expansion.value;
    let stage = reference
        .certain()
        .and_then(|text| file.stage_names.borrow().get(text.to_ascii_lowercase().as_str()).copied());
    let base = match (&reference.unknown, reference.text.as_str(), stage) {
        (Some(why), _, _) => Base::Unknown(why.clone()),
        (None, _, Some(stage)) => Base::Stage(stage),
        (None, "scratch", None) => Base::Scratch,
        (None, text, None) if text.is_empty() || text.contains(['<', '>', '{', '}']) => {
            Base::Unknown(Unknown::Template)
        }
        (None, _, None) => Base::External,
    };
    From {
        place,
        written: SmolStr::new(&image.text),
        reference,
        reference_place: file.place(image.span),
        platform,
        base,
    }
}

/// What a stage is built on, how notes name it, and what it is.
pub(crate) fn base_of(file: &FileScope<'_>, from: &From, earlier: &[Stage]) -> (Container, SmolStr, Base) {
    let nothing = |end| Container { layers: Vec::new(), end };
    let place = from.place.clone();
    match &from.base {
        Base::Stage(index) => {
            let name = SmolStr::new(format!("stage {}", from.reference.text));
            (earlier[*index].container.clone(), name, from.base.clone())
        }
        Base::Scratch => (nothing(ChainEnd::Scratch), "scratch".into(), Base::Scratch),
        Base::Unknown(why) => {
            let end = ChainEnd::Unknown { why: why.clone(), place };
            (nothing(end), from.written.clone(), from.base.clone())
        }
        _ => {
            let reference = from.reference.text.as_str();
            match file.request.bases.find(reference, file.request.source.path()) {
                BaseAnswer::Fleet { path, name, container } => {
                    let container = container.unwrap_or_else(|why| nothing(ChainEnd::Unknown { why, place }));
                    (container, name.clone(), Base::Fleet { path, name })
                }
                BaseAnswer::Elsewhere => {
                    let known = known_base(reference);
                    let base = known.map_or(Base::External, |row| Base::WellKnown(row.repository.into()));
                    (nothing(chain_end(known, reference, &place)), reference.into(), base)
                }
            }
        }
    }
}
