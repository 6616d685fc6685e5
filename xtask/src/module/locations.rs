//! The places in the source where panics happen, in the data of a module. Nothing reads them once the code of panics is removed, and they are
//! a tenth of the data.

use std::collections::HashMap;
use std::ops::Range;

use anyhow::Result;
use wasmparser::{Data, DataKind, Operator, Parser, Payload};

/// What the paths of other crates begin with.
pub(super) const SOURCES: &str = "@src/";
/// What a path of a source file begins with: each panic has one.
const PATHS: &[&str] =
    &[SOURCES, "/rustc/", "/rust/deps/", "client-wasm/src/", "contract/src/", "mock-core/src/", "mock-wasm/src/"];
/// What a path of a source file ends with.
const EXTENSION: &str = ".rs";
/// The size of a `core::panic::Location` in bytes: the address and the length of the path, the line and the column.
const LOCATION: usize = 16;

/// The paths of source files in a module.
#[derive(Default)]
pub(super) struct Locations {
    /// The length of each path, by its address.
    paths: HashMap<u32, usize>,
}

impl Locations {
    /// Finds the paths.
    ///
    /// # Errors
    /// If the module cannot be read.
    pub(super) fn read(module: &[u8]) -> Result<Self> {
        let mut locations = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            let Payload::DataSection(section) = payload? else { continue };
            for data in section {
                let data = data?;
                locations.add(address(&data), data.data);
            }
        }
        Ok(locations)
    }

    fn add(&mut self, address: Option<u32>, data: &[u8]) {
        for path in paths(data) {
            let start = u32::try_from(path.start).ok().and_then(|start| address?.checked_add(start));
            self.paths.extend(start.map(|start| (start, path.len())));
        }
    }

    /// The data with zeros, which compress to nothing, in place of the paths, and of the locations that point to them.
    pub(super) fn without(&self, data: &Data<'_>) -> Vec<u8> {
        self.blank(address(data), data.data)
    }

    fn blank(&self, address: Option<u32>, data: &[u8]) -> Vec<u8> {
        let mut blank = data.to_vec();
        for path in paths(data) {
            blank.get_mut(path).unwrap_or_default().fill(0);
        }
        // A location lies at a multiple of four bytes.
        let misaligned = address.map_or(0, |address| address.wrapping_neg() as usize % 4);
        let mut rest = blank.get_mut(misaligned..).unwrap_or_default();
        while rest.len() >= LOCATION {
            let is_location = self.is_location(rest);
            let (location, _) = rest.split_at_mut(LOCATION);
            if is_location {
                location.fill(0);
            }
            rest = rest.split_at_mut(if is_location { LOCATION } else { 4 }).1;
        }
        blank
    }

    /// Whether data begins with the address and the length of a path. The length may count a zero behind the path.
    fn is_location(&self, data: &[u8]) -> bool {
        let (&[address, length], _) = data.as_chunks::<4>().0.split_first_chunk::<2>().unwrap_or((&[[0; 4]; 2], &[]));
        let length = u32::from_le_bytes(length) as usize;
        let path = self.paths.get(&u32::from_le_bytes(address));
        path.is_some_and(|path| length == *path || length == path + 1)
    }
}

/// Where the data is in the memory; `None` if the module decides it later.
fn address(data: &Data<'_>) -> Option<u32> {
    let DataKind::Active { offset_expr, .. } = &data.kind else { return None };
    match offset_expr.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => Some(value.cast_unsigned()),
        _ => None,
    }
}

/// Where the paths of source files are in the data.
fn paths(data: &[u8]) -> Vec<Range<usize>> {
    let (mut paths, mut from) = (Vec::new(), 0);
    while let Some(rest) = data.get(from..)
        && let Some(start) = PATHS.iter().filter_map(|path| position(rest, path)).min()
    {
        let rest = rest.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_part_of_a_path(*byte)).unwrap_or(rest.len());
        let end = position(rest, EXTENSION).map(|end| end + EXTENSION.len()).filter(|end| *end <= length);
        let start = from + start;
        // What looks like the beginning of a path and is none stays.
        paths.extend(end.map(|end| start..start + end));
        from = start + end.unwrap_or(1);
    }
    paths
}

fn is_part_of_a_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/._-+@~".contains(&byte)
}

fn position(data: &[u8], text: &str) -> Option<usize> {
    data.windows(text.len()).position(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data without its zeros, after the paths in it were blanked.
    fn left(data: &[u8]) -> String {
        let blank = Locations::default().blank(None, data);
        assert_eq!(blank.len(), data.len());
        String::from_utf8(blank.into_iter().filter(|byte| *byte != 0).collect()).unwrap()
    }

    #[test]
    fn the_paths_of_source_files_become_zeros_and_the_rest_stays() {
        let data = b"baseUrl@src/client/a.rs/rustc/0/library/core/b.rs: failed/rustc";
        assert_eq!(left(data), "baseUrl: failed/rustc");
    }

    #[test]
    fn the_beginning_of_a_path_without_its_end_stays() {
        assert_eq!(left(b"see /rustc/ and more, contract/src/a.rs"), "see /rustc/ and more, ");
    }

    #[test]
    fn a_location_becomes_zeros_and_other_numbers_stay() {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let path = b"@src/ab.rs\0\0";
        let mut locations = Locations::default();
        locations.add(Some(1_048_576), path);
        let other_length = [1_048_576, 9, 4, 5];
        let data =
            words(&[&[7, 1_048_576, 10, 300, 25, 1_048_576, 11, 301, 26], other_length.as_slice(), &[8]].concat());
        let expected = words(&[&[7, 0, 0, 0, 0, 0, 0, 0, 0], other_length.as_slice(), &[8]].concat());
        assert_eq!(locations.blank(Some(2_000_000), &data), expected);
    }
}
