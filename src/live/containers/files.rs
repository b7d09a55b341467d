//! Files of containers that rules ask for.

use serde_json::Value;
use smol_str::SmolStr;

use super::{Inspected, Reader, inside};
use crate::engine::ContainerFile;
use crate::model::LiveFile;
use crate::path;

/// What CUDA since 11 says of itself.
const CUDA: &str = "/usr/local/cuda/version.json";
/// What it said before.
const OLD_CUDA: &str = "/usr/local/cuda/version.txt";
/// Where a machine's profile is mounted.
const PROFILE: &str = "/etc/machine-profile.json";
/// What tells the same in images of developers; its output stands under this name.
const COMPILER: &str = "nvcc --version";
/// Links that are followed one after the other.
const MAX_LINKS: usize = 5;

impl Reader<'_> {
    /// What there is to know of a container's files.
    pub(super) fn files(&self, container: &Inspected) -> Vec<(SmolStr, LiveFile)> {
        let id = &container.id;
        let mut files = vec![(CUDA.into(), self.file(id, CUDA))];
        if !matches!(files[0].1, LiveFile::Text(_)) {
            files.push((OLD_CUDA.into(), self.file(id, OLD_CUDA)));
        }
        let is_told = files.iter().any(|(_, file)| matches!(file, LiveFile::Text(_)));
        if !is_told && self.allow_exec && container.pid().is_some() && has_accelerator(&container.value) {
            let printed = match inside::printed(self.engine, id, &["nvcc", "--version"]) {
                Ok(Some(text)) => LiveFile::Text(text.into()),
                Ok(None) => LiveFile::Absent,
                Err(why) => LiveFile::Unknown(why),
            };
            files.push((COMPILER.into(), printed));
        }
        files.push((PROFILE.into(), self.file(id, PROFILE)));
        files
    }

    /// A file, through links.
    fn file(&self, id: &str, path: &str) -> LiveFile {
        let mut at = path.to_owned();
        for _ in 0..=MAX_LINKS {
            match self.engine.file(id, &at) {
                Ok(ContainerFile::Text(text)) => return LiveFile::Text(text.into()),
                Ok(ContainerFile::Absent) => return LiveFile::Absent,
                Ok(ContainerFile::Link(target)) => {
                    at = path::linked(path::parent(&at).unwrap_or("/"), &target)
                }
                Ok(ContainerFile::Other(why)) => return LiveFile::Unknown(why.into()),
                Err(error) => return LiveFile::Unknown(error.message.into()),
            }
        }
        LiveFile::Unknown(format!("it is behind more than {MAX_LINKS} links").into())
    }
}

/// Whether a container is made for NVIDIA's accelerators, by the variables of their images or its devices.
fn has_accelerator(inspect: &Value) -> bool {
    let mut env = inspect["Config"]["Env"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let host = &inspect["HostConfig"];
    env.any(|pair| pair.starts_with("CUDA_VERSION=") || pair.starts_with("NVIDIA_"))
        || host["Runtime"] == "nvidia"
        || host["DeviceRequests"].as_array().is_some_and(|list| !list.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn accelerators_show() {
        for (inspect, expected) in [
            (json!({}), false),
            (
                json!({"Config": {"Env": ["PATH=/bin", "X_CUDA_VERSION=1"]}, "HostConfig": {"Runtime": "runc"}}),
                false,
            ),
            (json!({"Config": {"Env": ["CUDA_VERSION=12.1.1"]}}), true),
            (json!({"Config": {"Env": ["NVIDIA_VISIBLE_DEVICES=all"]}}), true),
            (json!({"HostConfig": {"Runtime": "nvidia"}}), true),
            (json!({"HostConfig": {"DeviceRequests": [{"Count": -1}]}}), true),
            (json!({"HostConfig": {"DeviceRequests": null}, "Config": 7}), false),
        ] {
            assert_eq!(has_accelerator(&inspect), expected, "{inspect}");
        }
    }
}
