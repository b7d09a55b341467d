#![allow(missing_docs, unused, clippy::all, reason = "temporary")]
use super::*;
use crate::model::*;
use crate::source::Place;
pub(crate) mod accounts {
    use super::*;
    pub(crate) fn accounts(_: &RunScope<'_>) -> Vec<Spanned<Account>> {
        vec![]
    }
}
pub(crate) mod pip {
    use super::*;
    pub(crate) fn installs(_: &RunScope<'_>) -> Vec<PipInstall> {
        vec![]
    }
}
pub(crate) mod system_packages {
    use super::*;
    pub(crate) fn installs(_: &RunScope<'_>) -> Vec<SystemInstall> {
        vec![]
    }
}
pub(crate) mod provides {
    use super::*;
    pub(crate) struct P {
        pub names: Vec<Spanned<smol_str::SmolStr>>,
        pub opaque: Option<Place>,
    }
    pub(crate) fn provides(_: &RunScope<'_>, _: &[SystemInstall], _: &[PipInstall]) -> P {
        P { names: vec![], opaque: None }
    }
}
