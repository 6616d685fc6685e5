//! Figures as a table that people read.

use crate::figure::{Figure, Processor, Target, Unit};

/// The heading of each column.
const HEADINGS: [&str; 6] = ["figure", "value", "compared with", "ratio", "target", "reached"];

/// The cells of one figure.
fn cells(figure: &Figure) -> [String; 6] {
    let compared = figure
        .baseline
        .as_ref()
        .map(|baseline| format!("{}: {}", baseline.name, quantity(baseline.value, figure.unit)));
    [
        figure.name.clone(),
        quantity(figure.value, figure.unit),
        compared.unwrap_or_default(),
        figure.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
        figure.target.map(|target| bound(target, figure.unit)).unwrap_or_default(),
        figure.reached.map_or("", |reached| if reached { "yes" } else { "no" }).to_owned(),
    ]
}

/// A value with its unit.
pub(crate) fn quantity(value: f64, unit: Unit) -> String {
    match unit {
        Unit::PerSecond => format!("{} /s", grouped(value)),
        Unit::Bytes => format!("{} bytes", grouped(value)),
        Unit::Microseconds if value >= 10_000.0 => format!("{:.1} ms", value / 1_000.0),
        Unit::Microseconds => format!("{value:.1} µs"),
        Unit::Milliseconds => format!("{value:.1} ms"),
        Unit::Megabytes => format!("{value:.1} MB"),
    }
}

fn bound(target: Target, unit: Unit) -> String {
    match target {
        Target::RatioAtLeast(bound) => format!("ratio ≥ {bound:.2}"),
        Target::RatioAtMost(bound) => format!("ratio ≤ {bound:.2}"),
        Target::ValueAtMost(bound) => format!("≤ {}", quantity(bound, unit)),
        Target::ValueAtLeast(bound) => format!("≥ {}", quantity(bound, unit)),
    }
}

/// A whole number with its thousands set apart.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// The figures in columns, for a terminal.
pub(crate) fn text(figures: &[Figure]) -> String {
    let rows: Vec<[String; 6]> =
        std::iter::once(HEADINGS.map(str::to_owned)).chain(figures.iter().map(cells)).collect();
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max())
        .map(Option::unwrap_or_default)
        .collect();
    let mut table = String::new();
    for row in &rows {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        table += padded.collect::<Vec<_>>().join("  ").trim_end();
        table.push('\n');
    }
    table
}

/// The processor time of a figure in one line, if it was taken. Other processes disturb it less than requests a second.
pub(crate) fn processor(figure: &Figure) -> Option<String> {
    let Processor { server_us, baseline_us, load_us } = figure.processor?;
    Some(format!(
        "{}: processor time a request: mock {server_us:.2} µs, baseline {baseline_us:.2} µs (ratio {:.2}), load on the \
         baseline {load_us:.2} µs",
        figure.name,
        baseline_us / server_us
    ))
}

/// The figures as a table in Markdown.
pub(crate) fn markdown(figures: &[Figure]) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut table = row(&HEADINGS.map(str::to_owned));
    table += &row(&HEADINGS.map(|_| "---".to_owned()));
    figures.iter().for_each(|figure| table += &row(&cells(figure)));
    table
}

/// The processor times as a table in Markdown; empty if none were taken.
pub(crate) fn processor_markdown(figures: &[Figure]) -> String {
    let row = |figure: &Figure| {
        let Processor { server_us, baseline_us, load_us } = figure.processor?;
        let ratio = baseline_us / server_us;
        Some(format!("| {} | {server_us:.1} µs | {baseline_us:.1} µs | {ratio:.2} | {load_us:.1} µs |\n", figure.name))
    };
    let rows: String = figures.iter().filter_map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    let headings = "| processor time a request | mock | compared with | ratio | load on the latter |\n";
    [headings, "| --- | --- | --- | --- | --- |\n", &rows].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> [Figure; 2] {
        let calls = Figure::alone("calls", "RefreshToken", Unit::PerSecond, vec![51_234.0])
            .against("bare hyper", vec![100_000.0])
            .target(Target::RatioAtLeast(0.45));
        [calls, Figure::alone("size", "binary", Unit::Megabytes, vec![9.04]).target(Target::ValueAtMost(8.0))]
    }

    #[test]
    fn the_columns_line_up_and_every_target_has_its_verdict() {
        assert_eq!(
            text(&figures()),
            "figure        value      compared with           ratio  target        reached\n\
             RefreshToken  51 234 /s  bare hyper: 100 000 /s  0.51   ratio ≥ 0.45  yes\n\
             binary        9.0 MB                                    ≤ 8.0 MB      no\n"
        );
    }

    #[test]
    fn the_table_in_markdown_has_a_row_for_each_figure() {
        let table = markdown(&figures());
        assert_eq!(table.lines().count(), 4);
        assert!(table.contains("| RefreshToken | 51 234 /s | bare hyper: 100 000 /s | 0.51 | ratio ≥ 0.45 | yes |"));
    }

    #[test]
    fn processor_times_have_a_table_of_their_own() {
        assert_eq!(processor_markdown(&figures()), "");
        let processor = Some(Processor { server_us: 20.0, baseline_us: 5.0, load_us: 4.0 });
        let [calls, _] = figures();
        let table = processor_markdown(&[Figure { processor, ..calls }]);
        assert_eq!(table.lines().last(), Some("| RefreshToken | 20.0 µs | 5.0 µs | 0.25 | 4.0 µs |"));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(999.4), "999");
        assert_eq!(grouped(1_000.0), "1 000");
        assert_eq!(grouped(1_234_567.0), "1 234 567");
    }

    #[test]
    fn long_times_are_shown_in_milliseconds() {
        assert_eq!(quantity(17.34, Unit::Microseconds), "17.3 µs");
        assert_eq!(quantity(48_200.0, Unit::Microseconds), "48.2 ms");
    }
}
