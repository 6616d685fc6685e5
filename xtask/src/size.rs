//! What the npm package weighs, as it is shipped.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::progress::say;

/// The most that the module and its JavaScript may weigh, in bytes after brotli: what a page has to load.
const BUDGET: usize = 50_000;

/// A file of the package and its weight in bytes.
#[derive(Debug, Default, PartialEq)]
struct Weight {
    path: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Says what each file of the package weighs, and holds the total against the budget.
///
/// # Errors
/// When the tarball cannot be read, or is too heavy.
pub(crate) fn report(tarball: &Path) -> Result<()> {
    let file = File::open(tarball).with_context(|| format!("{} cannot be opened", tarball.display()))?;
    let weights = weigh(file).with_context(|| format!("{} cannot be read", tarball.display()))?;
    let total = total(&weights);
    say(&table(&weights, &total));
    hold(&total)
}

fn hold(total: &Weight) -> Result<()> {
    if total.brotli > BUDGET {
        bail!(
            "the package weighs {} bytes after brotli, {} more than its budget of {}",
            grouped(total.brotli),
            grouped(total.brotli - BUDGET),
            grouped(BUDGET)
        );
    }
    Ok(())
}

/// Weighs what a page loads of an npm tarball, the heaviest first.
fn weigh(tarball: impl Read) -> Result<Vec<Weight>> {
    let mut weights = Vec::new();
    for entry in tar::Archive::new(GzDecoder::new(tarball)).entries()? {
        let mut entry = entry?;
        // npm puts everything below one folder.
        let path = entry.path()?.components().skip(1).collect::<std::path::PathBuf>().display().to_string();
        if !entry.header().entry_type().is_file() || !is_loaded(&path) {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        weights.push(Weight { path, raw: bytes.len(), gzip: gzip(&bytes)?, brotli: brotli(&bytes)? });
    }
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.brotli));
    Ok(weights)
}

/// Whether a page loads that file: not types, texts and the `testing` entry.
fn is_loaded(path: &str) -> bool {
    let is_for_tests = path.split(['/', '.']).next() == Some("testing");
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    !is_for_tests && matches!(extension, Some("js" | "mjs" | "cjs" | "wasm"))
}

fn total(weights: &[Weight]) -> Weight {
    weights.iter().fold(Weight { path: "total".to_owned(), ..Weight::default() }, |sum, weight| Weight {
        path: sum.path,
        raw: sum.raw + weight.raw,
        gzip: sum.gzip + weight.gzip,
        brotli: sum.brotli + weight.brotli,
    })
}

fn table(weights: &[Weight], total: &Weight) -> String {
    let mut table = format!("{:<28} {:>10} {:>10} {:>10}\n", "bytes", "raw", "gzip", "brotli");
    for Weight { path, raw, gzip, brotli } in weights.iter().chain([total]) {
        table += &format!("{path:<28} {:>10} {:>10} {:>10}\n", grouped(*raw), grouped(*gzip), grouped(*brotli));
    }
    table + &format!("{:<28} {:>10} {:>10} {:>10}", "budget", "", "", grouped(BUDGET))
}

/// What a server with gzip at its best sends.
fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// What a server with brotli at its best sends.
fn brotli(bytes: &[u8]) -> Result<usize> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed.len())
}

/// A number with its thousands set apart.
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
    fn weighs_the_module_and_the_javascript_but_not_the_testing_entry() {
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
        let weights = weigh(&*tarball(files)).unwrap();
        let mut paths: Vec<_> = weights.iter().map(|weight| weight.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["index.js", "wasm/client_bg.wasm"]);
        let module = weights.iter().find(|weight| weight.raw == zeros.len()).unwrap();
        assert!(module.brotli < module.gzip && module.gzip < 100, "{module:?}");
    }

    #[test]
    fn a_file_that_only_sounds_like_the_testing_entry_counts() {
        assert!(!is_loaded("testing.js"));
        assert!(is_loaded("testing-grounds.js"));
        assert!(is_loaded("wasm/testing.js"));
    }

    #[test]
    fn the_total_is_the_sum_of_all_columns() {
        let weight = |raw, gzip, brotli| Weight { path: String::new(), raw, gzip, brotli };
        let sum = total(&[weight(100, 10, 1), weight(200, 20, 2)]);
        assert_eq!((sum.raw, sum.gzip, sum.brotli), (300, 30, 3));
    }

    #[test]
    fn the_budget_may_be_used_up_but_not_exceeded() {
        assert!(hold(&Weight { brotli: BUDGET, ..Weight::default() }).is_ok());
        let error = hold(&Weight { brotli: BUDGET + 1_234, ..Weight::default() }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the package weighs 51 234 bytes after brotli, 1 234 more than its budget of 50 000"
        );
    }

    #[test]
    fn groups_digits_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1 000");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

    #[test]
    fn the_table_shows_files_total_and_budget_in_columns() {
        let weights = [Weight { path: "index.js".to_owned(), raw: 1_200, gzip: 600, brotli: 500 }];
        let table = table(&weights, &total(&weights));
        let rows: Vec<_> = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(rows, ["bytes raw gzip brotli", "index.js 1 200 600 500", "total 1 200 600 500", "budget 50 000"]);
    }
}
