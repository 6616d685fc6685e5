//! The sizes of the files in the npm package.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::progress::say;

/// The largest size of the module and its JavaScript together, in bytes after brotli: a page loads all of it.
const BUDGET: usize = 50_000;

/// A file of the package and its sizes in bytes.
#[derive(Debug, Default, PartialEq)]
struct Size {
    path: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the sizes of the files that a page loads, and compares their total with the budget.
///
/// # Errors
/// If the tarball cannot be read, or the total is over the budget.
pub(crate) fn report(tarball: &Path) -> Result<()> {
    let file = File::open(tarball).with_context(|| format!("{} cannot be opened", tarball.display()))?;
    let sizes = measure(file).with_context(|| format!("{} cannot be read", tarball.display()))?;
    let total = total(&sizes);
    say(&table(&sizes, &total));
    check_budget(&total)
}

fn check_budget(total: &Size) -> Result<()> {
    if total.brotli > BUDGET {
        bail!(
            "the package is {} bytes after brotli, {} over its budget of {}",
            grouped(total.brotli),
            grouped(total.brotli - BUDGET),
            grouped(BUDGET)
        );
    }
    Ok(())
}

/// The sizes of the files that a page loads of an npm tarball, the largest first.
fn measure(tarball: impl Read) -> Result<Vec<Size>> {
    let mut sizes = Vec::new();
    for entry in tar::Archive::new(GzDecoder::new(tarball)).entries()? {
        let mut entry = entry?;
        // npm puts all files below one folder.
        let path = entry.path()?.components().skip(1).collect::<std::path::PathBuf>().display().to_string();
        if !entry.header().entry_type().is_file() || !is_loaded(&path) {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        sizes.push(Size { path, raw: bytes.len(), gzip: gzip(&bytes)?, brotli: brotli(&bytes)? });
    }
    sizes.sort_by_key(|size| std::cmp::Reverse(size.brotli));
    Ok(sizes)
}

/// Whether a page loads the file at `path`: a page does not load types, texts and the `testing` entry.
fn is_loaded(path: &str) -> bool {
    let is_for_tests = path.split(['/', '.']).next() == Some("testing");
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    !is_for_tests && matches!(extension, Some("js" | "mjs" | "cjs" | "wasm"))
}

fn total(sizes: &[Size]) -> Size {
    sizes.iter().fold(Size { path: "total".to_owned(), ..Size::default() }, |sum, size| Size {
        path: sum.path,
        raw: sum.raw + size.raw,
        gzip: sum.gzip + size.gzip,
        brotli: sum.brotli + size.brotli,
    })
}

fn table(sizes: &[Size], total: &Size) -> String {
    let mut table = format!("{:<28} {:>10} {:>10} {:>10}\n", "bytes", "raw", "gzip", "brotli");
    for Size { path, raw, gzip, brotli } in sizes.iter().chain([total]) {
        table += &format!("{path:<28} {:>10} {:>10} {:>10}\n", grouped(*raw), grouped(*gzip), grouped(*brotli));
    }
    table + &format!("{:<28} {:>10} {:>10} {:>10}", "budget", "", "", grouped(BUDGET))
}

/// The size after gzip with its best compression.
fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// The size after brotli with its best compression.
fn brotli(bytes: &[u8]) -> Result<usize> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed.len())
}

/// A number with a space between groups of three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let (first, rest) = digits.split_at(head);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    [first.to_owned()].into_iter().filter(|first| !first.is_empty()).chain(groups).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tarball(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, format!("package/{path}"), *bytes).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn the_module_and_the_javascript_are_measured_and_the_testing_entry_is_not() {
        let zeros = vec![0; 30_000];
        let files: &[(&str, &[u8])] = &[
            ("index.js", b"export {}"),
            ("wasm/client_bg.wasm", &zeros),
            ("testing.js", &zeros),
            ("testing/x.js", b""),
            ("index.d.ts", b""),
            ("README.md", b""),
            ("LICENSE-MIT", b""),
        ];
        let sizes = measure(&*tarball(files)).unwrap();
        let mut paths: Vec<_> = sizes.iter().map(|size| size.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["index.js", "wasm/client_bg.wasm"]);
        let module = sizes.iter().find(|size| size.raw == zeros.len()).unwrap();
        assert!(module.brotli < module.gzip && module.gzip < 100, "{module:?}");
    }

    #[test]
    fn a_file_whose_name_only_resembles_the_testing_entry_is_measured() {
        assert!(!is_loaded("testing.js"));
        assert!(is_loaded("testing-grounds.js"));
        assert!(is_loaded("wasm/testing.js"));
    }

    #[test]
    fn the_total_is_the_sum_of_all_columns() {
        let size = |raw, gzip, brotli| Size { path: String::new(), raw, gzip, brotli };
        let sum = total(&[size(100, 10, 1), size(200, 20, 2)]);
        assert_eq!((sum.raw, sum.gzip, sum.brotli), (300, 30, 3));
    }

    #[test]
    fn the_budget_may_be_used_up_but_not_exceeded() {
        assert!(check_budget(&Size { brotli: BUDGET, ..Size::default() }).is_ok());
        let error = check_budget(&Size { brotli: BUDGET + 1_234, ..Size::default() }).unwrap_err();
        assert_eq!(error.to_string(), "the package is 51 234 bytes after brotli, 1 234 over its budget of 50 000");
    }

    #[test]
    fn digits_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1 000");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

    #[test]
    fn the_table_shows_files_total_and_budget_in_columns() {
        let sizes = [Size { path: "index.js".to_owned(), raw: 1_200, gzip: 600, brotli: 500 }];
        let table = table(&sizes, &total(&sizes));
        let rows: Vec<_> = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(rows, ["bytes raw gzip brotli", "index.js 1 200 600 500", "total 1 200 600 500", "budget 50 000"]);
    }
}
