//! Medians and percentiles.

use std::cmp::Ordering;

/// The middle value; of an even number of values the mean of the two in the middle; 0 of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(at(middle.saturating_sub(1)), at(middle)) } else { at(middle) }
}

/// The median of the ratios of each value to the baseline of the same round.
pub(crate) fn median_ratio(values: &[f64], baselines: &[f64]) -> f64 {
    let ratios: Vec<f64> = values.iter().zip(baselines).map(|(value, baseline)| value / baseline).collect();
    median(&ratios)
}

/// The smallest value that at least `percent` of all values do not exceed (nearest rank); zero of none.
pub(crate) fn percentile<T: Copy + Default + PartialOrd>(values: &[T], percent: f64) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal));
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_median_is_the_middle_value_in_any_order() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        // The second round met a busy machine in both halves: its ratio is as good as the others.
        assert_eq!(median_ratio(&[50.0, 10.0, 52.0], &[100.0, 20.0, 100.0]), 0.5);
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 50.0), Duration::from_millis(50));
        assert_eq!(percentile(&values, 99.0), Duration::from_millis(99));
        assert_eq!(percentile(&values, 100.0), Duration::from_millis(100));
        assert_eq!(percentile(&values[..3], 50.0), Duration::from_millis(99));
        assert_eq!(percentile(&values[..1], 99.0), Duration::from_millis(100));
        assert_eq!(percentile(&[3.0, 1.0, 2.0], 90.0), 3.0);
        assert_eq!(percentile::<Duration>(&[], 99.0), Duration::ZERO);
    }
}
