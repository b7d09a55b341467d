//! CUDA, its architectures and Python: one version, said in several places.

use smol_str::SmolStr;

use super::short;
use crate::finding::Findings;
use crate::model::Spanned;
use crate::plan::{HierarchyImage, Plan, torch_arch};

pub(super) fn check(plan: &Plan, out: &mut Findings) {
    for arch in &plan.cuda.arch {
        spelling(arch, out);
    }
    machine_architectures(plan, out);
    pins(plan, out);
    for image in &plan.images.hierarchy {
        cuda_of_image(plan, image, out);
        python_of_image(plan, image, out);
    }
    legacy_rows(plan, out);
}

/// An architecture without its `+PTX`, in PyTorch's spelling where the meaning is clear.
pub(super) fn meant(text: &str) -> String {
    let spelled = match torch_arch(text) {
        Err(Some(meant)) => meant,
        _ => text.to_owned(),
    };
    spelled.trim_end_matches("+PTX").to_owned()
}

/// The items of a list as PyTorch splits it, at `;` and white space; commas too, so that they can be judged.
pub(super) fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ' ', ',']).filter(|item| !item.is_empty())
}

fn spelling(arch: &Spanned<SmolStr>, out: &mut Findings) {
    let text = &arch.value;
    let Err(wants) = torch_arch(text) else { return };
    if items(text).count() > 1 {
        let all: Vec<_> = items(text).map(|item| format!("\"{}\"", short(&spelled(item)))).collect();
        out.add(&arch.place, format!("`{}` is more than one architecture", short(text)))
            .help(format!("PyTorch wants each by itself: {}", all.join(", ")));
        return;
    }
    let finding = out.add(&arch.place, format!("`{}` is no architecture that PyTorch reads", short(text)));
    finding.help(wants.map_or_else(
        || "PyTorch wants major and minor number: `8.9`".to_owned(),
        |wants| format!("PyTorch wants `{wants}`"),
    ));
}

/// PyTorch's spelling of an item, or the item.
pub(super) fn spelled(item: &str) -> String {
    torch_arch(item).err().flatten().unwrap_or_else(|| item.to_owned())
}

fn machine_architectures(plan: &Plan, out: &mut Findings) {
    for machine in &plan.machines {
        for arch in &machine.cuda_arch {
            spelling(arch, out);
            let built = |built: &Spanned<SmolStr>| meant(&built.value) == meant(&arch.value);
            let several = items(&arch.value).count() > 1;
            if let Some(first) = plan.cuda.arch.first().filter(|_| !several && !plan.cuda.arch.iter().any(built)) {
                let message = format!(
                    "`{}` has architecture `{}`, which `cuda.arch` does not build",
                    short(&machine.name.value),
                    short(&arch.value)
                );
                out.add(&arch.place, message).planned(first);
            }
        }
    }
}

/// `cu121` → `12.1`, from the end of a name or a local version.
fn cuda_tag(text: &str) -> Option<String> {
    let digits = &text[text.rfind("cu")? + 2..];
    let real = (2..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    real.then(|| format!("{}.{}", &digits[..digits.len() - 1], &digits[digits.len() - 1..]))
}

/// Major and minor number of a version: `12.1` of `12.1.1-runtime`; `None` when there is no minor number.
fn minor_version(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let mut numbers = text[..end].split('.').filter(|number| !number.is_empty());
    Some(format!("{}.{}", numbers.next()?, numbers.next()?))
}

/// The plan's CUDA version, or the first that a pin names.
fn cuda_version(plan: &Plan) -> Option<(String, &Spanned<SmolStr>)> {
    match &plan.cuda.version {
        Some(version) => Some((minor_version(&version.value)?, version)),
        None => plan.pins.iter().find_map(|(_, pin)| Some((local_cuda(&pin.value)?, pin))),
    }
}

fn local_cuda(version: &str) -> Option<String> {
    let (_, local) = version.split_once('+')?;
    local.starts_with("cu").then(|| cuda_tag(local))?
}

fn pins(plan: &Plan, out: &mut Findings) {
    let Some((want, said)) = cuda_version(plan) else { return };
    for (name, pin) in &plan.pins {
        if let Some(built) = local_cuda(&pin.value).filter(|built| *built != want) {
            let message = format!("`{}` is pinned to a build for CUDA {built}, the plan's CUDA is {want}", short(name));
            out.add(&pin.place, message).planned(said);
        }
    }
}

/// A CUDA version in the image's own name, or in the tag of the CUDA image it comes from.
fn cuda_of_image(plan: &Plan, image: &HierarchyImage, out: &mut Findings) {
    let Some((want, said)) = cuda_version(plan) else { return };
    let named = image.name.value.split(['-', '_', ':']).filter(|part| part.starts_with("cu")).find_map(cuda_tag);
    if let Some(named) = named.filter(|named| *named != want) {
        let message = format!("`{}` is named for CUDA {named}, the plan's CUDA is {want}", short(&image.name.value));
        out.add(&image.name.place, message).planned(said);
    }
    let based = tag_version(&image.from.value, "cuda");
    if let Some(based) = based.filter(|based| *based != want) {
        let message =
            format!("`{}` comes from an image with CUDA {based}, the plan's CUDA is {want}", short(&image.name.value));
        out.add(&image.from.place, message).planned(said);
    }
}

/// The version in the tag of an external image of this name: `12.1` of `nvidia/cuda:12.1.1-base`.
fn tag_version(reference: &str, name: &str) -> Option<String> {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    let (found, tag) = last.split_once(':')?;
    (found == name).then(|| minor_version(tag))?
}

fn python_of_image(plan: &Plan, image: &HierarchyImage, out: &mut Findings) {
    let Some(want) = &plan.python.version else { return };
    let Some(based) = tag_version(&image.from.value, "python") else { return };
    let legacy = plan.python.legacy_version.as_ref();
    let same = |version: &Spanned<SmolStr>| minor_version(&version.value).is_none_or(|version| version == based);
    if same(want) || legacy.is_some_and(same) {
        return;
    }
    let message = format!(
        "`{}` comes from an image with Python {based}, the plan's Python is {}",
        short(&image.name.value),
        short(&want.value)
    );
    out.add(&image.from.place, message).planned(want);
}

/// A row that runs the legacy Python on another base than the legacy one.
fn legacy_rows(plan: &Plan, out: &mut Findings) {
    let (Some(version), Some(legacy)) = (&plan.python.legacy_version, &plan.python.legacy_base) else { return };
    for row in &plan.services {
        let (Some(python), Some(base)) = (&row.python, &row.base) else { continue };
        if python.value == version.value && base.value != legacy.value {
            let message = format!(
                "`{}` runs Python {} on `{}`, but only `{}` may have it",
                short(&row.name.value),
                short(&python.value),
                short(&base.value),
                short(&legacy.value)
            );
            out.add(&python.place, message).service(row.name.value.clone()).planned(legacy);
        }
    }
}
