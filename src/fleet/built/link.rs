//! Links the images of one platform.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;

use super::claims::{self, Claim, repository};
use super::history::{self, Moment, Relation};
use super::planned::{PlannedBase, is_ancestor, planned_base};
use super::prefix::Prefixes;
use crate::model::{BaseClaim, BaseProof, BaseVerdict, BuiltImage};
use crate::plan::{Plan, PlanIndex};
use crate::source::Place;
use crate::syntax::image_reference::ImageReference;

/// `diff_id`s of layers that hold nothing: archives of 1,024 and of 10,240 zero bytes. Any two images may share them.
const EMPTY_LAYERS: [&str; 2] = [
    "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    "sha256:84ff92691f909a05b224e1c56abb4864f01b4f8e3c854e4bb4c7baf1d3f6d652",
];

/// Images of one history that are looked at for one image, so that thousands of the same cost no square of their number.
const MAX_ALIKE: usize = 64;

/// The images of one platform, ready for questions. Images are indices into the call's.
pub(super) struct Linker<'a> {
    images: &'a [BuiltImage],
    group: &'a [usize],
    plan: &'a Plan,
    index: &'a PlanIndex,
    /// `diff_ids`
    layers: Prefixes<&'a str>,
    /// Histories with their moments.
    exact: Prefixes<(&'a str, Option<Moment>)>,
    /// Histories as commands alone.
    commands: Prefixes<&'a str>,
    by_repository: HashMap<String, Vec<usize>>,
    planned: HashMap<usize, PlannedBase<'a>>,
    proofs: HashMap<usize, (usize, BaseProof)>,
    /// Images that others are built on by proof.
    with_children: HashSet<usize>,
}

impl<'a> Linker<'a> {
    pub(super) fn new(
        images: &'a [BuiltImage],
        group: &'a [usize],
        plan: &'a Plan,
        index: &'a PlanIndex,
    ) -> Self {
        let mut linker = Self {
            images,
            group,
            plan,
            index,
            layers: Prefixes::new(),
            exact: Prefixes::new(),
            commands: Prefixes::new(),
            by_repository: HashMap::new(),
            planned: HashMap::new(),
            proofs: HashMap::new(),
            with_children: HashSet::new(),
        };
        for at in group.iter().copied() {
            let image = &images[at];
            linker.layers.add(at, image.diff_ids.iter().map(|id| id.value.as_str()));
            linker.exact.add(at, image.history.iter().map(history::exact));
            linker.commands.add(at, image.history.iter().map(|step| step.created_by.value.as_str()));
            if let Some(reference) = &image.reference {
                let repository = repository(&reference.value).into_owned();
                linker.by_repository.entry(repository).or_default().push(at);
            }
            linker.planned.extend(planned_base(image, plan).map(|planned| (at, planned)));
        }
        linker.proofs = group.iter().filter_map(|at| Some((*at, linker.prove(*at)?))).collect();
        linker.with_children = linker.proofs.values().map(|(on, _)| *on).collect();
        linker
    }

    /// What an image is built on.
    pub(super) fn verdict(&self, at: usize) -> BaseVerdict {
        let image = &self.images[at];
        if image.diff_ids.is_empty() {
            return BaseVerdict::Unknown("its config lists no layers".into());
        }
        let proof = self.proofs.get(&at).copied();
        let chain = self.chain(at);
        let below = proof.filter(|(on, _)| self.exact.begins(at, *on));
        let below = below.map_or(0, |(on, _)| self.exact.length(on));
        let claims = claims::of(image, proof.map(|(on, _)| &self.images[on]), below);
        // Where proof and plan, or proof and claim, say the same, hints say nothing more.
        let is_sure = proof.is_some_and(|(on, _)| {
            let claimed = claims.first().and_then(|claim| self.named(at, claim));
            self.is_planned(at, on) || claimed.is_some_and(|claimed| self.stands_in(&[on], claimed))
        });
        if !is_sure && let Some(outdated) = self.outdated(at, &claims, &chain) {
            return outdated;
        }
        match proof {
            Some((on, proof)) => {
                let contradicts = self.contradiction(at, claims, &chain);
                BaseVerdict::Built { on, proof, contradicts }
            }
            None => self.without_proof(at, claims, &chain),
        }
    }

    /// The image whose layers this one begins with: the most layers, of those the longest part of its history.
    fn prove(&self, at: usize) -> Option<(usize, BaseProof)> {
        let length = self.layers.length(at);
        let changes_config = |on: usize| {
            let steps = self.exact.length(on);
            steps > 0 && steps < self.exact.length(at) && self.exact.begins(at, on)
        };
        let same = self.layers.with_prefix(at, length).iter().copied();
        let same = same.filter(|on| *on != at && self.has_content(*on) && changes_config(*on));
        if let Some(on) = self.best(at, same) {
            return Some((on, BaseProof::History));
        }
        let on = (1..length).rev().find_map(|shorter| {
            let bases = self.layers.with_prefix(at, shorter).iter().copied();
            self.best(at, bases.filter(|on| self.has_content(*on)))
        })?;
        Some((on, BaseProof::Layers))
    }

    /// Of images with the same layers the one that the history speaks for most, then the planned one, then the one in the
    /// same form, then the first of the call.
    fn best(&self, at: usize, bases: impl Iterator<Item = usize>) -> Option<usize> {
        bases.max_by_key(|on| {
            let steps = self.commands.length(*on);
            let history = match (self.exact.begins(at, *on), self.commands.begins(at, *on)) {
                (true, _) => (2, steps),
                (_, true) => (1, steps),
                _ => (0, 0),
            };
            let same_form = self.images[*on].form == self.images[at].form;
            (history, self.is_planned(at, *on), same_form, Reverse(*on))
        })
    }

    fn has_content(&self, at: usize) -> bool {
        self.images[at].diff_ids.iter().any(|id| !EMPTY_LAYERS.contains(&id.value.as_str()))
    }

    fn is_planned(&self, at: usize, on: usize) -> bool {
        self.planned.get(&at).is_some_and(|planned| planned.is(&self.images[on]))
    }

    fn same_layers(&self, one: usize, other: usize) -> bool {
        self.layers.length(one) == self.layers.length(other) && self.layers.begins(one, other)
    }

    /// What an image is built on by proof, nearest first. It ends, because each base has fewer layers, or as many and fewer
    /// steps.
    fn chain(&self, at: usize) -> Vec<usize> {
        let next = |at: &usize| self.proofs.get(at).map(|(on, _)| *on);
        std::iter::successors(next(&at), next).collect()
    }

    /// Whether an image of the chain goes by the same name as another one, or is the same image.
    fn stands_in(&self, chain: &[usize], other: usize) -> bool {
        let name = |at: usize| self.images[at].reference.as_ref().map(|said| repository(&said.value));
        chain.iter().any(|at| {
            let same_name = name(*at).is_some_and(|own| Some(own) == name(other));
            let same_image = self.images[*at].hierarchy.is_some()
                && self.images[*at].hierarchy == self.images[other].hierarchy;
            *at == other || same_name || same_image || self.same_layers(*at, other)
        })
    }

    /// Whether an older build of an image may stand above what an image is built on by proof: the image as it is now stands
    /// on the same, or the plan says that it does.
    fn may_hold(&self, chain: &[usize], on: usize) -> bool {
        let Some(nearest) = chain.first().copied() else { return true };
        let planned = match (self.images[nearest].hierarchy, self.images[on].hierarchy) {
            (Some(nearest), Some(on)) => is_ancestor(self.plan, nearest, on),
            _ => false,
        };
        planned || self.stands_in(&self.chain(on), nearest)
    }

    /// The image of the call that a claim names, other than the image itself: one of the same tag, else of the same form,
    /// else the first.
    fn named(&self, at: usize, claim: &Claim) -> Option<usize> {
        let own = |on: &usize| *on != at && !self.same_layers(at, *on);
        if claim.said.name.is_empty() {
            let digest = claim.digest.as_ref().map(|(digest, _)| digest);
            return self
                .group
                .iter()
                .copied()
                .filter(own)
                .find(|on| self.images[*on].digest.as_ref() == digest);
        }
        let name = &claim.said.name;
        let same_name = self.by_repository.get(&*repository(name)).into_iter().flatten().copied();
        let tag = ImageReference::parse(name).tag;
        let better =
            |on: &usize| (self.tag(*on) == tag, self.images[*on].form == self.images[at].form, Reverse(*on));
        same_name.filter(own).max_by_key(better).or_else(|| {
            // The same image of the plan by another name: `localhost/family-web` is pushed as `ghcr.io/example/family-web`.
            let planned = self.index.image_of_reference(name)?;
            let same = self.group.iter().copied().filter(|on| self.images[*on].hierarchy == Some(planned));
            same.filter(own).max_by_key(better)
        })
    }

    fn tag(&self, at: usize) -> Option<&str> {
        self.images[at].reference.as_ref().and_then(|said| ImageReference::parse(&said.value).tag)
    }

    /// Evidence that an image is built on an older build of an image of the call.
    fn outdated(&self, at: usize, claims: &[Claim], chain: &[usize]) -> Option<BaseVerdict> {
        let by_claim = claims.iter().find_map(|claim| {
            let on = self
                .named(at, claim)
                .filter(|on| !self.stands_in(chain, *on) && self.may_hold(chain, *on))?;
            let (evidence, place) = self.names_another(at, claim, on)?;
            Some(BaseVerdict::Outdated { on, evidence, place })
        });
        by_claim.or_else(|| match self.alike(at, chain) {
            Some((on, Relation::Rebuilt)) if self.may_hold(chain, on) => {
                let steps = self.commands.length(on);
                let evidence = match steps {
                    1 => "its history begins with the one step of an older build".to_owned(),
                    _ => format!("its history begins with the {steps} steps of an older build"),
                };
                let place = self.images[at].history[steps - 1].created_by.place.clone();
                Some(BaseVerdict::Outdated { on, evidence: evidence.into(), place })
            }
            _ => None,
        })
    }

    /// How a claim names another build of an image whose layers are not those of this one.
    fn names_another(&self, at: usize, claim: &Claim, on: usize) -> Option<(SmolStr, Place)> {
        // Squashed layers disprove nothing, and what buildah notes as digest is that of its local manifest. With a base by
        // proof nothing was squashed.
        if !self.proofs.contains_key(&at) && self.is_squashed_on(at, on) {
            return None;
        }
        let other = &self.images[on];
        if let Some((digest, place)) = &claim.digest {
            let pinned = other.reference.as_ref().and_then(|said| ImageReference::parse(&said.value).digest);
            let own = [other.digest.as_deref(), Some(other.config_digest.as_str()), pinned];
            let evidence = format!("its {} names the digest `{}`", claim.source, short(digest));
            return (!own.contains(&Some(digest.as_str()))).then(|| (evidence.into(), place.clone()));
        }
        let (said, has) = (ImageReference::parse(&claim.said.name).tag?, self.tag(on)?);
        let evidence = format!("its {} names the tag `{said}`, not `{has}`", claim.source);
        (said != has).then(|| (evidence.into(), claim.said.place.clone()))
    }

    /// The image whose commands this one's history begins with, though its layers do not: the most commands first. Only of
    /// images that are bases, because services of one template have histories alike.
    fn alike(&self, at: usize, chain: &[usize]) -> Option<(usize, Relation)> {
        let is_base = |on: &usize| {
            let other = &self.images[*on];
            other.hierarchy.is_some() || other.is_candidate || self.with_children.contains(on)
        };
        let image = &self.images[at];
        let own_name = image.reference.as_ref().map(|said| repository(&said.value));
        let another = |on: &usize| {
            let name = self.images[*on].reference.as_ref().map(|said| repository(&said.value));
            *on != at && (name.is_none() || name != own_name) && !self.stands_in(chain, *on)
        };
        let says_something =
            |on: &usize| self.images[*on].history.iter().any(|step| !step.created_by.value.is_empty());
        let known = chain.first().filter(|on| self.commands.begins(at, **on));
        let known = known.map_or(0, |on| self.commands.length(*on));
        (known + 1..self.commands.length(at)).rev().find_map(|steps| {
            let alike = self.commands.with_prefix(at, steps).iter().copied().take(MAX_ALIKE);
            let mut alike = alike.filter(is_base).filter(another).filter(says_something);
            let on = alike.find(|on| self.has_content(*on) && !self.layers.begins(at, *on))?;
            Some((on, history::relate(image, &self.images[on])))
        })
    }

    /// Whether an image that is said to be built on another may be so, although it has none of its layers.
    fn is_squashed_on(&self, at: usize, on: usize) -> bool {
        let (image, other) = (&self.images[at], &self.images[on]);
        let keeps_history = || {
            self.commands.length(on) > 0
                && self.commands.begins(at, on)
                && history::relate(image, other) != Relation::Squashed
        };
        image.diff_ids.len() < other.diff_ids.len()
            || history::has_too_few_layers(image)
            || (image.diff_ids.len() == 1 && !keeps_history())
    }

    /// The verdict on an image that no layers link to another one.
    fn without_proof(&self, at: usize, claims: Vec<Claim>, chain: &[usize]) -> BaseVerdict {
        let image = &self.images[at];
        let alike = self.alike(at, chain);
        let named = claims.iter().find_map(|claim| self.named(at, claim));
        let planned = || self.group.iter().copied().find(|on| self.is_planned(at, *on));
        let squashed = matches!(alike, Some((_, Relation::Squashed)))
            || (image.history.len() > 1 && history::has_too_few_layers(image))
            || named.or_else(planned).is_some_and(|on| self.is_squashed_on(at, on));
        if squashed {
            let into = if image.diff_ids.len() == 1 { "into one" } else { "into fewer" };
            return BaseVerdict::Unknown(format!("its layers are squashed {into}").into());
        }
        if let Some(claim) = claims.into_iter().next() {
            let on = self.named(at, &claim);
            return BaseVerdict::Claimed { claim: said(claim), on };
        }
        if let Some((on, Relation::Older)) = alike {
            let older = &self.images[on].subject;
            return BaseVerdict::Unknown(
                format!("its history begins with that of a newer build than `{older}`").into(),
            );
        }
        BaseVerdict::Unknown(BaseVerdict::NO_BASE.into())
    }

    /// What the strongest claim says that the proof contradicts.
    fn contradiction(&self, at: usize, claims: Vec<Claim>, chain: &[usize]) -> Option<BaseClaim> {
        let claim = claims.into_iter().next()?;
        let is_wrong = match self.named(at, &claim) {
            Some(on) => !self.stands_in(chain, on),
            None => self.index.image_of_reference(&claim.said.name).is_some_and(|claimed| {
                let mut planned = chain.iter().filter_map(|at| self.images[*at].hierarchy);
                let is_there = planned.clone().any(|image| image == claimed);
                // An image that is not in the call may stand between this one and its nearest base in the call.
                !is_there && planned.next().is_some_and(|nearest| !is_ancestor(self.plan, nearest, claimed))
            }),
        };
        is_wrong.then(|| said(claim))
    }
}

/// The claim for others; a digest stands for a name that is not said.
fn said(claim: Claim) -> BaseClaim {
    let mut said = claim.said;
    if let (true, Some((digest, _))) = (said.name.is_empty(), claim.digest) {
        said.name = digest;
    }
    said
}

/// A digest as sentences name it: twelve digits tell builds apart.
fn short(digest: &str) -> &str {
    let end = digest.find(':').map_or(12, |colon| colon + 13);
    digest.get(..end).unwrap_or(digest)
}
