//! The figures that are requests a second as bars, in an SVG that is readable on light and on dark pages.

use std::fmt::Write as _;

use crate::figure::{Figure, Unit};
use crate::table::grouped;

const WIDTH: usize = 760;
/// Where bars begin: left of it are the names.
const LEFT: usize = 190;
/// The length of the longest bar.
const LONGEST: f64 = 400.0;
const BAR: usize = 16;
const GAP: usize = 14;
const HEADING: usize = 34;

const STYLE: &str = "\
text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.note { fill: #59636e }
.mock { fill: #2f6fde }
.other { fill: #aab4c0 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .note { fill: #9aa4b0 }
  .mock { fill: #6ea0ff }
  .other { fill: #5a6572 }
}
";

/// Bars with a common scale.
struct Panel<'a> {
    title: &'static str,
    figures: Vec<&'a Figure>,
}

/// The chart; `None` if no figure is a number of requests a second.
pub(crate) fn chart(figures: &[Figure]) -> Option<String> {
    let panel = |title, measure| {
        let of_measure = |figure: &&Figure| figure.measure == measure && figure.unit == Unit::PerSecond;
        Panel { title, figures: figures.iter().filter(of_measure).collect() }
    };
    let panels = [
        panel("Requests a second, one core for the server", "calls"),
        panel("RefreshToken with more users", "users"),
        panel("RefreshToken beside other mock servers", "peers"),
    ];
    let mut body = String::new();
    let mut y = 0;
    for panel in panels.iter().filter(|panel| !panel.figures.is_empty()) {
        y = panel.draw(&mut body, y);
    }
    let height = y + GAP;
    (y > 0).then(|| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\" aria-label=\"Requests a second of the mock server and of what it is \
             compared with\">\n<style>\n{STYLE}</style>\n{body}</svg>\n"
        )
    })
}

impl Panel<'_> {
    /// Draws below `y`; where the next panel begins.
    fn draw(&self, body: &mut String, y: usize) -> usize {
        let values = |figure: &&Figure| [Some(figure.value), figure.baseline.as_ref().map(|baseline| baseline.value)];
        let longest = self.figures.iter().flat_map(values).flatten().fold(1.0, f64::max);
        let mut y = y + HEADING;
        text(body, 4, y - 10, "title", self.title);
        for figure in &self.figures {
            let (name, _) = figure.name.split_once(" (").unwrap_or((&figure.name, ""));
            text(body, 4, y + BAR - 3, "", name.trim_start_matches("RefreshToken ").trim_start_matches("against "));
            let ratio = figure.ratio.map(|ratio| format!(", {}", times(ratio))).unwrap_or_default();
            bar(body, y, "mock", figure.value / longest, &format!("{}  mock{ratio}", grouped(figure.value)));
            y += BAR + 2;
            if let Some(baseline) = &figure.baseline {
                let label = format!("{}  {}", grouped(baseline.value), baseline.name);
                bar(body, y, "other", baseline.value / longest, &label);
                y += BAR + 2;
            }
            y += GAP;
        }
        y
    }
}

/// A ratio as a person would write it: `0.52 ×`, `15 ×`.
fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2} ×") } else { format!("{ratio:.0} ×") }
}

fn bar(body: &mut String, y: usize, class: &str, share: f64, label: &str) {
    let length = (share * LONGEST).max(1.0);
    let _ = writeln!(
        body,
        "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\"/>"
    );
    text(body, LEFT + length as usize + 8, y + BAR - 3, "note", label);
}

fn text(body: &mut String, x: usize, y: usize, class: &str, content: &str) {
    let content = content.replace('&', "&amp;").replace('<', "&lt;");
    // Writing into a string never fails.
    let _ = writeln!(body, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" xml:space=\"preserve\">{content}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(measure: &'static str, name: &str, value: f64, baseline: f64) -> Figure {
        Figure::alone(measure, name, Unit::PerSecond, vec![value]).against("bare hyper", vec![baseline])
    }

    #[test]
    fn the_longest_bar_has_the_full_length_and_the_others_their_share() {
        let svg = chart(&[figure("calls", "Create", 50_000.0, 100_000.0)]).unwrap();
        assert!(svg.contains("class=\"mock\" x=\"190\" y=\"34\" width=\"200.0\""), "{svg}");
        assert!(svg.contains("class=\"other\" x=\"190\" y=\"52\" width=\"400.0\""), "{svg}");
        assert!(svg.contains(">50 000  mock, 0.50 ×<") && svg.contains(">100 000  bare hyper<"), "{svg}");
    }

    #[test]
    fn each_measure_has_a_scale_of_its_own() {
        let svg = chart(&[figure("calls", "a", 100.0, 100.0), figure("users", "b", 10.0, 10.0)]).unwrap();
        assert_eq!(svg.matches("width=\"400.0\"").count(), 4);
    }

    #[test]
    fn the_picture_is_as_high_as_its_bars() {
        let height = |figures: &[Figure]| {
            let svg = chart(figures).unwrap();
            svg.split_once("height=\"").unwrap().1.split('"').next().unwrap().parse::<usize>().unwrap()
        };
        let figures = [figure("calls", "a", 1.0, 1.0), figure("calls", "b", 1.0, 1.0)];
        assert_eq!(height(&figures) - height(&figures[..1]), 2 * (BAR + 2) + GAP);
    }

    #[test]
    fn names_cannot_break_the_markup() {
        let svg = chart(&[figure("calls", "a<b&c", 1.0, 1.0)]).unwrap();
        assert!(svg.contains(">a&lt;b&amp;c<"));
    }

    #[test]
    fn without_requests_a_second_there_is_no_chart() {
        assert_eq!(chart(&[Figure::alone("footprint", "size", Unit::Megabytes, vec![1.0])]), None);
    }
}
