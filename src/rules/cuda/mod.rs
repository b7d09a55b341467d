//! What GPU images are built for: the pinned packages, the CUDA release, the architectures.

mod arch;

pub(in crate::rules) use cuda_version::{
    fits as fits_cuda, is_version as is_cuda_version, planned as cuda_planned, required as required_cuda,
};

rules! { "cuda":
    torch_pin "torch-pin" Error on,
    cuda_version "cuda-version" Error on,
    cuda_arch "cuda-arch" Error on,
}
