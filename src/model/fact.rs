//! Three-valued facts and where they come from.

use std::fmt;

use smol_str::SmolStr;

use crate::source::Place;

/// A value and the place that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is said.
    pub place: Place,
}

impl<T> Spanned<T> {
    /// A value said at a place.
    #[must_use]
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

/// What is known about one field, and where it was said.
#[derive(Debug, Clone)]
pub enum Fact<T> {
    /// Said at `origin`; for an inherited value, the way to where the parent said it.
    Known {
        /// The value.
        value: T,
        /// Who said it.
        origin: Origin,
    },
    /// Nobody said it, and everything that could have said it is known.
    Absent,
    /// It cannot be told from here: an ARG without a value, a base image that was not read, a template.
    Unknown {
        /// Why not.
        why: Unknown,
        /// Where the trail ends.
        origin: Origin,
    },
}

impl<T> Fact<T> {
    /// The value, when it is known.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The same fact about something derived from the value.
    #[must_use]
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known { value, origin } => Fact::Known { value: with(value), origin },
            Self::Absent => Fact::Absent,
            Self::Unknown { why, origin } => Fact::Unknown { why, origin },
        }
    }
}

/// Where a fact comes from: a chain of places, nearest first, never empty.
///
/// Of a value set in this file: one step. Of an inherited one: the child's `FROM`, each parent's `FROM` between, and last
/// the line that says it (missing when a well-known base image that is no file of the fleet says it).
#[derive(Debug, Clone)]
pub struct Origin {
    /// The steps, nearest first.
    pub steps: Vec<Step>,
}

/// One step of an origin.
#[derive(Debug, Clone)]
pub struct Step {
    /// The place.
    pub place: Place,
    /// What happens there, as a note under the source line: `inherited from base-utils`, `set here`.
    pub what: SmolStr,
}

impl Origin {
    /// An origin of one place.
    #[must_use]
    pub fn here(place: &Place, what: impl Into<SmolStr>) -> Self {
        Self { steps: vec![Step { place: place.clone(), what: what.into() }] }
    }

    /// The nearest place: where a finding about the fact is reported.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.steps[0].place
    }

    /// The last step: where the value is said.
    #[must_use]
    pub fn last(&self) -> &Step {
        &self.steps[self.steps.len() - 1]
    }
}

/// Why something cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// A variable has no value: an ARG without a default, or an undeclared name.
    Variable(SmolStr),
    /// The base image is neither in the fleet nor well known.
    Base(SmolStr),
    /// A user or group name that no file of the chain creates with a number.
    Account(SmolStr),
    /// An unrendered template stands there.
    Template,
    /// The value is decided when the container starts or the build runs (`$(id -u)`, a file from another place).
    Dynamic(SmolStr),
    /// A step of the chain runs something that cannot be followed and may install or create anything.
    Opaque,
    /// A file that would tell could not be found or read.
    File(SmolStr),
    /// The layers of an image would tell, and they were not read.
    Layers,
    /// A cap of the tool was reached (value size, chain length).
    TooLarge,
    /// A chain of bases comes back to itself.
    Cycle,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "`{name}` has no value here"),
            Self::Base(reference) => write!(f, "the base image `{reference}` was not read"),
            Self::Account(name) => write!(f, "no file of the chain says which number `{name}` has"),
            Self::Template => f.write_str("an unrendered template stands there"),
            Self::Dynamic(what) => write!(f, "`{what}` is decided at run time"),
            Self::Opaque => f.write_str("a step of the chain may install anything"),
            Self::File(path) => write!(f, "`{path}` could not be read"),
            Self::Layers => f.write_str("the layers of the image were not read"),
            Self::TooLarge => f.write_str("the value grows beyond the tool's limit"),
            Self::Cycle => f.write_str("the chain of base images comes back to itself"),
        }
    }
}

/// A text after variable expansion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// The text; where a part is unknown, that part stays as written (`${X}`).
    pub text: SmolStr,
    /// The first reason why the text is not certain.
    pub unknown: Option<Unknown>,
}

impl Value {
    /// A certain value.
    #[must_use]
    pub fn known(text: impl Into<SmolStr>) -> Self {
        Self { text: text.into(), unknown: None }
    }

    /// The text, when it is certain.
    #[must_use]
    pub fn certain(&self) -> Option<&str> {
        self.unknown.is_none().then_some(self.text.as_str())
    }
}
