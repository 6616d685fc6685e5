//! The sizes of the files in the npm package, and what the bytes of the WebAssembly module go into.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::module::{self, Module, sections};
use crate::pack::{self, Package};
use crate::progress::say;
use crate::workspace::Workspace;

/// How large the files of a package may be, in bytes after brotli.
struct Limits {
    /// What the main files are together.
    what: &'static str,
    /// The files that everybody loads. Their budget is for all of them together.
    main: &'static [&'static str],
    budget: usize,
    /// The entries that have a budget of their own each.
    adapters: &'static [&'static str],
    adapter_budget: usize,
}

/// Those of the client. Apps load the main files; the adapters are the entries for frameworks.
const CLIENT: Limits = Limits {
    what: "main entry",
    main: &["wasm/client_bg.wasm", "index.js"],
    budget: 40_000,
    adapters: &["react.js", "vue.js", "svelte.js", "angular.js"],
    adapter_budget: 1_000,
};

/// Those of the mock. A page loads its module.
const MOCK: Limits =
    Limits { what: "module", main: &["wasm/mock_bg.wasm"], budget: 400_000, adapters: &[], adapter_budget: 0 };

/// A file of the package and its sizes in bytes.
#[derive(Debug, Default, PartialEq)]
struct Size {
    path: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Packs the packages, prints the sizes of the files that people load and what the bytes of the modules go into, and compares the sizes
/// with the budgets.
///
/// # Errors
/// If a package cannot be built, or if a size is over its budget.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    report(workspace, &pack::CLIENT, &module::CLIENT, &CLIENT)?;
    report(workspace, &pack::MOCK, &module::MOCK, &MOCK)
}

fn report(workspace: &Workspace, package: &Package, module: &Module, limits: &Limits) -> Result<()> {
    let tarball = pack::package(workspace, package)?;
    let file = File::open(&tarball).with_context(|| format!("{} cannot be opened", tarball.display()))?;
    let sizes = measure(file).with_context(|| format!("{} cannot be read", tarball.display()))?;
    // The shipped module has no names.
    let named = module::named(workspace, module);
    let named = fs::read(&named).with_context(|| format!("{} cannot be read", named.display()))?;
    say(&format!("{}\n\n{}\n", contents(&sections::sizes(&named, module)?), table(limits, &sizes)));
    check_budgets(limits, &sizes)
}

fn check_budgets(limits: &Limits, sizes: &[Size]) -> Result<()> {
    for path in limits.main {
        if !sizes.iter().any(|size| size.path == *path) {
            bail!("the package does not contain {path}");
        }
    }
    let main = (format!("the {}", limits.what), total(limits, sizes).brotli, limits.budget);
    let adapters = sizes.iter().filter(|size| limits.adapters.contains(&size.path.as_str()));
    let adapters = adapters.map(|size| (size.path.clone(), size.brotli, limits.adapter_budget));
    let over = std::iter::once(main).chain(adapters).filter(|(_, size, budget)| size > budget);
    let over: Vec<String> = over
        .map(|(what, size, budget)| {
            let [size, excess, budget] = [size, size - budget, budget].map(grouped);
            format!("{what} is {size} bytes after brotli, {excess} over its budget of {budget}")
        })
        .collect();
    if over.is_empty() { Ok(()) } else { bail!("{}", over.join("; ")) }
}

/// The sizes of the files in an npm tarball that an app loads, the largest first.
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

/// Whether an app loads the file at `path`: it does not load types and texts.
fn is_loaded(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("js" | "mjs" | "cjs" | "wasm"))
}

/// The sum of the main files.
fn total(limits: &Limits, sizes: &[Size]) -> Size {
    let main = sizes.iter().filter(|size| limits.main.contains(&size.path.as_str()));
    main.fold(Size { path: limits.what.to_owned(), ..Size::default() }, |sum, size| Size {
        path: sum.path,
        raw: sum.raw + size.raw,
        gzip: sum.gzip + size.gzip,
        brotli: sum.brotli + size.brotli,
    })
}

fn table(limits: &Limits, sizes: &[Size]) -> String {
    let (main, others): (Vec<&Size>, Vec<&Size>) =
        sizes.iter().partition(|size| limits.main.contains(&size.path.as_str()));
    let row = |size: &Size| {
        let [raw, gzip, brotli] = [size.raw, size.gzip, size.brotli].map(grouped);
        format!("{:<28} {raw:>10} {gzip:>10} {brotli:>10}\n", size.path)
    };
    let mut table = format!("{:<28} {:>10} {:>10} {:>10}\n", "bytes", "raw", "gzip", "brotli");
    table.extend(main.into_iter().map(row));
    table += &row(&total(limits, sizes));
    table += &format!("{:<28} {:>10} {:>10} {:>10}\n\n", "budget", "", "", grouped(limits.budget));
    table += "other files";
    if !limits.adapters.is_empty() {
        table += &format!(" (the budget of an adapter is {})", grouped(limits.adapter_budget));
    }
    table += "\n";
    table.extend(others.into_iter().map(row));
    table.trim_end().to_owned()
}

/// What the bytes of the module go into, the largest part first.
fn contents(parts: &BTreeMap<String, usize>) -> String {
    let total: usize = parts.values().sum();
    let mut parts: Vec<(&String, &usize)> = parts.iter().collect();
    parts.sort_by_key(|(_, size)| std::cmp::Reverse(**size));
    let mut table = format!("{:<28} {:>10} {:>10}\n", "the module goes into", "raw", "share");
    for (name, size) in parts {
        table += &format!("{name:<28} {:>10} {:>9.1}%\n", grouped(*size), 100.0 * *size as f64 / total as f64);
    }
    table.trim_end().to_owned()
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
    fn the_module_and_the_javascript_are_measured_and_types_and_texts_are_not() {
        let zeros = vec![0; 30_000];
        let files: &[(&str, &[u8])] = &[
            ("index.js", b"export {}"),
            ("wasm/client_bg.wasm", &zeros),
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

    fn size(path: &str, raw: usize, gzip: usize, brotli: usize) -> Size {
        Size { path: path.to_owned(), raw, gzip, brotli }
    }

    fn module() -> Size {
        size("wasm/client_bg.wasm", 0, 0, 0)
    }

    #[test]
    fn a_package_without_a_main_file_is_an_error() {
        let error = check_budgets(&CLIENT, &[size("index.js", 0, 0, 1)]).unwrap_err();
        assert_eq!(error.to_string(), "the package does not contain wasm/client_bg.wasm");
    }

    #[test]
    fn the_total_is_the_sum_of_the_main_files() {
        let sum = total(
            &CLIENT,
            &[size("index.js", 100, 10, 1), size("wasm/client_bg.wasm", 200, 20, 2), size("react.js", 7, 7, 7)],
        );
        assert_eq!((sum.raw, sum.gzip, sum.brotli), (300, 30, 3));
    }

    #[test]
    fn a_budget_may_be_used_up_but_not_exceeded() {
        assert!(
            check_budgets(
                &CLIENT,
                &[size("index.js", 0, 0, CLIENT.budget), module(), size("vue.js", 0, 0, CLIENT.adapter_budget)]
            )
            .is_ok()
        );
        let over =
            [size("index.js", 0, 0, CLIENT.budget + 1_234), module(), size("vue.js", 0, 0, CLIENT.adapter_budget + 1)];
        assert_eq!(
            check_budgets(&CLIENT, &over).unwrap_err().to_string(),
            "the main entry is 41 234 bytes after brotli, 1 234 over its budget of 40 000; vue.js is 1 001 bytes after brotli, \
             1 over its budget of 1 000"
        );
    }

    #[test]
    fn the_module_of_the_mock_may_have_400_000_bytes() {
        let module = |brotli| [size("wasm/mock_bg.wasm", 0, 0, brotli), size("server.js", 0, 0, 9_000)];
        assert!(check_budgets(&MOCK, &module(400_000)).is_ok());
        let error = check_budgets(&MOCK, &module(400_001)).unwrap_err();
        assert_eq!(error.to_string(), "the module is 400 001 bytes after brotli, 1 over its budget of 400 000");
    }

    #[test]
    fn an_entry_without_a_budget_may_have_any_size() {
        assert!(
            check_budgets(&CLIENT, &[size("index.js", 0, 0, 1), module(), size("inline.js", 0, 0, 100_000)]).is_ok()
        );
    }

    #[test]
    fn the_largest_part_of_the_module_comes_first() {
        let parts = BTreeMap::from([("data".to_owned(), 1_000), ("engine".to_owned(), 3_000)]);
        let rows: Vec<_> =
            contents(&parts).lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(rows, ["the module goes into raw share", "engine 3 000 75.0%", "data 1 000 25.0%"]);
    }

    #[test]
    fn digits_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1 000");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

    #[test]
    fn the_table_shows_the_main_entry_with_its_budget_and_the_other_files() {
        let table = table(&CLIENT, &[size("index.js", 1_200, 600, 500), size("vue.js", 900, 500, 400)]);
        let rows: Vec<_> = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            rows,
            [
                "bytes raw gzip brotli",
                "index.js 1 200 600 500",
                "main entry 1 200 600 500",
                "budget 40 000",
                "",
                "other files (the budget of an adapter is 1 000)",
                "vue.js 900 500 400",
            ]
        );
    }
}
