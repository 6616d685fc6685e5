//! Measured figures, their baselines and their targets.

use serde::Serialize;

use crate::statistics::{median, median_ratio};

/// One measured figure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    /// The name of the measure, as `--only` takes it.
    pub(crate) measure: &'static str,
    /// The call or property.
    pub(crate) name: String,
    /// The unit of the value and of the baseline.
    pub(crate) unit: Unit,
    /// The median of the rounds.
    pub(crate) value: f64,
    /// The value of each round.
    pub(crate) rounds: Vec<f64>,
    /// The figure of the same run that this one is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<Baseline>,
    /// The median of value over baseline, round by round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
    /// The bound that the ratio or the value should keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Target>,
    /// Whether it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reached: Option<bool>,
    /// Processor time of the server and of the load, if it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) processor: Option<Processor>,
}

/// The other side of a comparison.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Baseline {
    /// The server or the number of users.
    pub(crate) name: String,
    /// The median of the rounds.
    pub(crate) value: f64,
    /// The value of each round.
    pub(crate) rounds: Vec<f64>,
}

/// Microseconds of processor time for each request: medians of the rounds.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Processor {
    /// The measured server.
    pub(crate) server_us: f64,
    /// The baseline's server.
    pub(crate) baseline_us: f64,
    /// The load, while it asked the baseline.
    pub(crate) load_us: f64,
}

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Unit {
    /// Requests a second.
    #[serde(rename = "requests/s")]
    PerSecond,
    /// Microseconds.
    #[serde(rename = "µs")]
    Microseconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
    /// Millions of bytes.
    #[serde(rename = "MB")]
    Megabytes,
}

/// A bound.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Target {
    /// The ratio is at least this.
    RatioAtLeast(f64),
    /// The ratio is at most this.
    RatioAtMost(f64),
    /// The value is at most this.
    ValueAtMost(f64),
    /// The value is at least this.
    ValueAtLeast(f64),
}

impl Figure {
    /// A figure without a baseline.
    pub(crate) fn alone(measure: &'static str, name: impl Into<String>, unit: Unit, rounds: Vec<f64>) -> Self {
        Self {
            measure,
            name: name.into(),
            unit,
            value: median(&rounds),
            rounds,
            baseline: None,
            ratio: None,
            target: None,
            reached: None,
            processor: None,
        }
    }

    /// Adds the figure of the same rounds that this one is compared with.
    pub(crate) fn against(self, name: impl Into<String>, rounds: Vec<f64>) -> Self {
        let ratio = median_ratio(&self.rounds, &rounds);
        let baseline = Baseline { name: name.into(), value: median(&rounds), rounds };
        Self { baseline: Some(baseline), ratio: Some(ratio), ..self }
    }

    /// Adds a bound, and whether the figure keeps it.
    pub(crate) fn target(self, target: Target) -> Self {
        let reached = match target {
            Target::RatioAtLeast(bound) => self.ratio.map(|ratio| ratio >= bound),
            Target::RatioAtMost(bound) => self.ratio.map(|ratio| ratio <= bound),
            Target::ValueAtMost(bound) => Some(self.value <= bound),
            Target::ValueAtLeast(bound) => Some(self.value >= bound),
        };
        Self { target: Some(target), reached, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_held_against_its_bound() {
        let figure =
            || Figure::alone("calls", "x", Unit::PerSecond, vec![45.0, 46.0, 44.0]).against("bare", vec![100.0; 3]);
        assert_eq!(figure().ratio, Some(0.45));
        assert_eq!(figure().target(Target::RatioAtLeast(0.45)).reached, Some(true));
        assert_eq!(figure().target(Target::RatioAtLeast(0.46)).reached, Some(false));
        assert_eq!(figure().target(Target::RatioAtMost(0.44)).reached, Some(false));
    }

    #[test]
    fn a_value_is_held_against_its_bound_without_a_baseline() {
        let figure = Figure::alone("size", "x", Unit::Megabytes, vec![8.0]);
        assert_eq!(figure.clone().target(Target::ValueAtMost(8.0)).reached, Some(true));
        assert_eq!(figure.clone().target(Target::ValueAtMost(7.9)).reached, Some(false));
        assert_eq!(figure.target(Target::RatioAtMost(1.0)).reached, None);
    }
}
