//! Amounts of memory and processors, as Compose and Kubernetes write them.

use smol_str::SmolStr;

/// A quantity as written and as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// As written: `512M`, `500m`.
    pub written: SmolStr,
    /// Bytes, or thousandths of a processor; `None`: it cannot be told.
    pub amount: Option<u64>,
}

impl Quantity {
    /// Memory as Compose reads it (`docker/go-units` `RAMInBytes`): every unit is a power of 1024, with or without `b`
    /// or `ib` behind it, in either case.
    #[must_use]
    pub fn memory(text: &str) -> Self {
        let lower = text.trim().to_ascii_lowercase();
        let (number, unit) = split(&lower);
        let factor = match unit {
            "" | "b" => Some(1),
            "k" | "kb" | "kib" => Some(1 << 10),
            "m" | "mb" | "mib" => Some(1 << 20),
            "g" | "gb" | "gib" => Some(1 << 30),
            "t" | "tb" | "tib" => Some(1_u64 << 40),
            "p" | "pb" | "pib" => Some(1 << 50),
            _ => None,
        };
        Self { written: text.into(), amount: factor.and_then(|factor| times(number, factor as f64)) }
    }

    /// Processors in thousandths: `1`, `0.5`, and Kubernetes' `500m`.
    #[must_use]
    pub fn cpus(text: &str) -> Self {
        let (number, unit) = split(text.trim());
        let factor = match unit {
            "" => Some(1000.0),
            "m" => Some(1.0),
            "k" => Some(1_000_000.0),
            _ => None,
        };
        Self { written: text.into(), amount: factor.and_then(|factor| times(number, factor)) }
    }

    /// Memory as Kubernetes reads it (`resource.Quantity`): `Ki`, `Mi` are powers of 1024, `k`, `M` of 1000, `m` is a
    /// thousandth.
    #[must_use]
    pub fn kubernetes_memory(text: &str) -> Self {
        let (number, unit) = split(text.trim());
        let factor = match unit {
            "" => Some(1.0),
            "m" => Some(0.001),
            "k" => Some(1e3),
            "M" => Some(1e6),
            "G" => Some(1e9),
            "T" => Some(1e12),
            "P" => Some(1e15),
            "E" => Some(1e18),
            "Ki" => Some(1024.0),
            "Mi" => Some(1_048_576.0),
            "Gi" => Some(1_073_741_824.0),
            "Ti" => Some(1_099_511_627_776.0),
            "Pi" => Some(1_125_899_906_842_624.0),
            "Ei" => Some(1_152_921_504_606_846_976.0),
            _ => exponent(unit),
        };
        Self { written: text.into(), amount: factor.and_then(|factor| times(number, factor)) }
    }
}

/// Number and unit.
fn split(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.').unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// `e3`, `E-2`.
fn exponent(unit: &str) -> Option<f64> {
    let digits = unit.strip_prefix(['e', 'E'])?;
    let power: i32 = digits.parse().ok()?;
    (-18..=18).contains(&power).then(|| 10_f64.powi(power))
}

/// The product as a whole number; `None` without a number, or beyond 2^63.
fn times(number: &str, factor: f64) -> Option<u64> {
    let number: f64 = number.parse().ok()?;
    let product = number * factor;
    (product.is_finite() && (0.0..9.2e18).contains(&product)).then_some(product.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let table: [(Quantity, Option<u64>); 14] = [
            (Quantity::memory("512M"), Some(512 << 20)),
            (Quantity::memory("1GB"), Some(1 << 30)),
            (Quantity::memory("1024m"), Some(1 << 30)),
            (Quantity::memory("1.5g"), Some(3 << 29)),
            (Quantity::memory("64 kib"), Some(64 << 10)),
            (Quantity::memory("lots"), None),
            (Quantity::memory(""), None),
            (Quantity::cpus("0.5"), Some(500)),
            (Quantity::cpus("250m"), Some(250)),
            (Quantity::cpus("1 core"), None),
            (Quantity::kubernetes_memory("128Mi"), Some(128 << 20)),
            (Quantity::kubernetes_memory("128M"), Some(128_000_000)),
            (Quantity::kubernetes_memory("1e3"), Some(1000)),
            (Quantity::kubernetes_memory("1GB"), None),
        ];
        for (found, wanted) in table {
            assert_eq!(found.amount, wanted, "{}", found.written);
        }
    }
}
