//! A finding and the collection that rules add to.

use smol_str::SmolStr;

use crate::model::{Origin, Spanned, Step};
use crate::source::Place;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Should be mended.
    Warning,
    /// Breaks the plan.
    Error,
}

impl Severity {
    /// As it is written in plans and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of a name (`info` and `style` count as `note`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "error" => Some(Self::Error),
            "warning" | "warn" => Some(Self::Warning),
            "note" | "info" | "style" => Some(Self::Note),
            _ => None,
        }
    }
}

/// Whether something is wrong, or cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Something is wrong.
    Finding,
    /// It cannot be told, and the message says why. SARIF: `kind: open`.
    Open,
}

/// What a rule says about one place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The canonical id of the rule.
    pub rule: &'static str,
    /// The rule's own severity; plans may change it in settle.
    pub severity: Severity,
    /// Wrong, or not to be told.
    pub kind: Kind,
    /// One sentence without a full stop: what is, and what the plan says. Values from input are in backticks.
    pub message: String,
    /// Where: the smallest span that shows it.
    pub place: Place,
    /// The planned service it concerns, by name.
    pub service: Option<SmolStr>,
    /// Stage, compose service, container, image or endpoint.
    pub subject: Option<SmolStr>,
    /// The line of the plan that forbids it, with a note (`planned here`).
    pub plan: Option<Step>,
    /// How the fact came here, nearest first; empty when it is said at `place` itself.
    pub origin: Vec<Step>,
    /// Other places worth showing.
    pub related: Vec<Step>,
    /// What to write instead, one sentence.
    pub help: Option<String>,
    /// An edit that mends it.
    pub fix: Option<Fix>,
}

/// Edits that mend a finding.
#[derive(Debug, Clone)]
pub struct Fix {
    /// Whether it cannot change what works today.
    pub safe: bool,
    /// Replacements, not overlapping.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Debug, Clone)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub place: Place,
    /// By what.
    pub text: String,
}

impl Finding {
    /// Names the value of the plan that forbids it.
    pub fn planned<T>(&mut self, value: &Spanned<T>) -> &mut Self {
        self.planned_at(&value.place, "planned here")
    }

    /// Names a line of the plan, with a note of its own.
    pub fn planned_at(&mut self, place: &Place, note: impl Into<SmolStr>) -> &mut Self {
        self.plan = Some(Step { place: place.clone(), what: note.into() });
        self
    }

    /// Says what to write instead.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Shows another place.
    pub fn related(&mut self, place: &Place, note: impl Into<SmolStr>) -> &mut Self {
        self.related.push(Step { place: place.clone(), what: note.into() });
        self
    }

    /// Names the stage or other subject.
    pub fn subject(&mut self, subject: impl Into<SmolStr>) -> &mut Self {
        self.subject = Some(subject.into());
        self
    }

    /// Names the planned service, for findings that no build of that service carries.
    pub fn service(&mut self, service: impl Into<SmolStr>) -> &mut Self {
        self.service = Some(service.into());
        self
    }

    /// Lowers or raises the severity for this one finding.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Attaches one safe edit.
    pub fn safe_fix(&mut self, place: Place, text: impl Into<String>) -> &mut Self {
        self.fix = Some(Fix { safe: true, edits: vec![Edit { place, text: text.into() }] });
        self
    }

    /// Attaches one edit that may change behaviour.
    pub fn unsafe_fix(&mut self, place: Place, text: impl Into<String>) -> &mut Self {
        self.fix = Some(Fix { safe: false, edits: vec![Edit { place, text: text.into() }] });
        self
    }
}

/// Where a finding is reported: a plain place, or the nearest step of an origin (whose further steps are kept).
#[derive(Debug)]
pub struct At(Place, Vec<Step>);

impl From<&Place> for At {
    fn from(place: &Place) -> Self {
        Self(place.clone(), Vec::new())
    }
}

impl From<&Origin> for At {
    fn from(origin: &Origin) -> Self {
        let place = origin.place().clone();
        // A value said in the file itself has nothing to add; an inherited one shows the whole way.
        let steps = if origin.steps.len() > 1 { origin.steps[1..].to_vec() } else { Vec::new() };
        Self(place, steps)
    }
}

/// What one rule adds to.
#[derive(Debug)]
pub struct Findings {
    rule: &'static str,
    severity: Severity,
    service: Option<SmolStr>,
    subject: Option<SmolStr>,
    list: Vec<Finding>,
}

impl Findings {
    /// An empty collection; [`Findings::speak_for`] says who speaks.
    #[must_use]
    pub fn new() -> Self {
        Self { rule: "", severity: Severity::Error, service: None, subject: None, list: Vec::new() }
    }

    /// From now on findings belong to this rule.
    pub fn speak_for(&mut self, rule: &'static str, severity: Severity) {
        self.rule = rule;
        self.severity = severity;
    }

    /// From now on findings concern this service and subject.
    pub fn concern(&mut self, service: Option<SmolStr>, subject: Option<SmolStr>) {
        self.service = service;
        self.subject = subject;
    }

    /// Adds a finding.
    pub fn add(&mut self, at: impl Into<At>, message: impl Into<String>) -> &mut Finding {
        self.push(Kind::Finding, at.into(), message.into())
    }

    /// Adds an open result: it cannot be told, because of what the message says.
    pub fn open(&mut self, at: impl Into<At>, message: impl Into<String>) -> &mut Finding {
        self.push(Kind::Open, at.into(), message.into())
    }

    fn push(&mut self, kind: Kind, At(place, origin): At, message: String) -> &mut Finding {
        let index = self.list.len();
        self.list.push(Finding {
            rule: self.rule,
            severity: self.severity,
            kind,
            message,
            place,
            service: self.service.clone(),
            subject: self.subject.clone(),
            plan: None,
            origin,
            related: Vec::new(),
            help: None,
            fix: None,
        });
        &mut self.list[index]
    }

    /// The one that was added last.
    pub fn last_mut(&mut self) -> Option<&mut Finding> {
        self.list.last_mut()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them.
    #[must_use]
    pub fn into_vec(self) -> Vec<Finding> {
        self.list
    }
}

impl Default for Findings {
    fn default() -> Self {
        Self::new()
    }
}
