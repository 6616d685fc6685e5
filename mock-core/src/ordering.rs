//! Sorting by a number. Every list is sorted by the same code, whatever it holds: a sort of its own for each type would be a twentieth of
//! the WebAssembly.

/// Sorts `items` by a number of each; equal ones keep their order. The number is computed once for each item.
pub(crate) fn sort_by_number<T>(items: &mut [T], number: impl FnMut(&T) -> u128) {
    items.sort_by_cached_key(number);
}

/// A number that is ordered as the pair is.
pub(crate) const fn pair(first: u64, second: u64) -> u128 {
    (first as u128) << 64 | second as u128
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_sort_is_stable(mut items in proptest::collection::vec((0..9_u8, 0..u8::MAX), 0..300)) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_number(&mut items, |(key, _)| (*key).into());
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn a_pair_is_ordered_by_its_first_number_and_then_by_its_second(a: (u64, u64), b: (u64, u64)) {
            prop_assert_eq!(pair(a.0, a.1).cmp(&pair(b.0, b.1)), a.cmp(&b));
        }
    }
}
