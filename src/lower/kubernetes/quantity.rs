//! Quantities of resources: `500m`, `0.5`, `1Gi`, `512M`, `1e3`.
//!
//! Grammar and rounding (up) follow apimachinery `pkg/api/resource/quantity.go`.

use super::scalars::text;
use crate::model::{Quantity, Spanned};
use crate::syntax::yaml::Node;

/// Processors, in thousandths.
pub(super) fn cpu(node: &Node) -> Option<Spanned<Quantity>> {
    quantity(node, 1000.0)
}

/// Memory, in bytes.
pub(super) fn memory(node: &Node) -> Option<Spanned<Quantity>> {
    quantity(node, 1.0)
}

fn quantity(node: &Node, unit: f64) -> Option<Spanned<Quantity>> {
    let said = text(node).filter(|said| !said.value.is_empty())?;
    let amount = amount(&said.value).map(|amount| (amount * unit).ceil());
    let amount = amount.filter(|amount| (0.0..9e18).contains(amount)).map(|amount| amount as u64);
    Some(Spanned::new(Quantity { written: said.value, amount }, said.place))
}

/// The number; `None` when it is no quantity.
pub(super) fn amount(written: &str) -> Option<f64> {
    let digits = written
        .find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | '+' | '-'))
        .unwrap_or(written.len());
    let (number, suffix) = written.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        exponent => {
            let exponent = exponent.strip_prefix(['e', 'E'])?;
            10f64.powi(exponent.parse().ok()?)
        }
    };
    // Products of decimal fractions: 0.1 × 1000 must not round up to 101.
    Some((number * factor * 1e9).round() / 1e9)
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn quantities_are_numbers_with_suffixes() {
        let cases = [
            ("500m", Some(0.5)),
            ("0.5", Some(0.5)),
            ("1", Some(1.0)),
            ("1Gi", Some(1_073_741_824.0)),
            ("512M", Some(512e6)),
            ("1e3", Some(1000.0)),
            ("1E2", Some(100.0)),
            ("100n", Some(1e-7)),
            (".5", Some(0.5)),
            ("1.5Ki", Some(1536.0)),
            ("1GB", None),
            ("512MB", None),
            ("1g", None),
            ("", None),
            ("Mi", None),
            ("1 Gi", None),
            ("e3", None),
        ];
        for (written, want) in cases {
            assert_eq!(amount(written), want, "{written}");
        }
    }
}
