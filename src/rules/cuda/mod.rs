//! What GPU images are built for: the pinned packages, the CUDA release, the architectures.

mod arch;

rules! { "cuda":
    torch_pin "torch-pin" Error on,
    cuda_version "cuda-version" Error on,
    cuda_arch "cuda-arch" Error on,
}
