//! Order: the first of a list that stands behind one that comes after it.

/// Positions of the first item that should stand earlier, and of the one that it should stand before.
pub(super) fn misplaced<T: Ord>(items: &[T]) -> Option<(usize, usize)> {
    let late = (1..items.len()).find(|at| items[*at] < items[*at - 1])?;
    let before = items[..late].iter().position(|item| *item > items[late])?;
    Some((late, before))
}

#[cfg(test)]
mod tests {
    use super::misplaced;

    #[test]
    fn the_first_late_item_is_found() {
        assert_eq!(misplaced(&[1, 3, 4, 2, 1]), Some((3, 1)));
        assert_eq!(misplaced(&[1, 1, 2]), None);
        assert_eq!(misplaced::<u8>(&[]), None);
    }
}
