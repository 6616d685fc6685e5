//! `cargo xtask dist`: everything that gives people the binary without a compiler, made for the platform of this machine. Each product
//! is installed and tried before the command succeeds. Nothing is published.

mod archive;
mod binary;
mod crates;
mod elf;
mod image;
mod npm_binary;
mod npm_packages;
pub(crate) mod platform;
mod sums;
mod trial;
mod wheel;

use std::cell::OnceCell;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::builder::PossibleValuesParser;

use self::platform::Platform;
use crate::progress::{say, time};
use crate::workspace::{Workspace, empty_folder, files};

/// The version of all crates and packages.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Something that people install.
struct Product {
    /// The name for `--only`.
    name: &'static str,
    title: &'static str,
    /// Whether it can be made only on Linux.
    linux: bool,
    /// Makes and tries it.
    make: fn(&mut Workspace, &Release) -> Result<()>,
}

const PRODUCTS: &[Product] = &[
    Product { name: "archive", title: "an archive with the binary", linux: false, make: archive::make },
    Product { name: "image", title: "an image for containers", linux: true, make: image::make },
    Product { name: "wheel", title: "a Python package with the binary", linux: false, make: wheel::make },
    Product { name: "npm-binary", title: "an npm package with the binary", linux: false, make: npm_binary::make },
    Product {
        name: "npm",
        title: "the npm packages, which find the one with the binary",
        linux: false,
        make: npm_packages::make,
    },
    Product { name: "crates", title: "the crates, for cargo install", linux: false, make: crates::make },
];

/// The names of the products, for the command line.
pub(crate) fn names() -> PossibleValuesParser {
    PRODUCTS.iter().map(|product| product.name).collect::<Vec<_>>().into()
}

/// What is released, and where it goes.
struct Release {
    platform: &'static Platform,
    /// The folder of the files for people.
    folder: PathBuf,
    /// The folder of what is made to try them.
    trials: PathBuf,
    binary: OnceCell<PathBuf>,
}

impl Release {
    /// The path of a file for people.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// An empty folder to try a product in.
    fn trial_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.trials.join(name);
        empty_folder(&folder)?;
        Ok(folder)
    }

    /// The binary, built when a product first needs it.
    fn binary(&self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(binary) = self.binary.get() {
            return Ok(binary.clone());
        }
        let binary = binary::build(workspace, self.platform)?;
        Ok(self.binary.get_or_init(|| binary).clone())
    }
}

/// Makes and tries all products of this machine's platform, or the named ones, in `target/dist`, with their checksums.
///
/// # Errors
/// At the first product that cannot be made or does not work.
pub(crate) fn run(workspace: &mut Workspace, only: &[String]) -> Result<()> {
    let began = Instant::now();
    let release = Release {
        platform: Platform::of_this_machine()?,
        // People and workflows expect the files here, even if cargo builds into another folder.
        folder: workspace.path("target/dist"),
        trials: workspace.built("dist-trials"),
        binary: OnceCell::new(),
    };
    if only.is_empty() {
        empty_folder(&release.folder)?;
    }
    fs::create_dir_all(&release.folder)?;

    let is_chosen = |product: &&Product| only.is_empty() || only.iter().any(|name| name == product.name);
    let (possible, impossible): (Vec<_>, Vec<_>) =
        PRODUCTS.iter().filter(is_chosen).partition(|product| !product.linux || release.platform.os == "linux");
    if let Some(product) = impossible.first().filter(|_| !only.is_empty()) {
        bail!("{} can be made only on Linux", product.name);
    }
    for (index, product) in possible.iter().enumerate() {
        let place = format!("[{}/{}] {}", index + 1, possible.len(), product.name);
        say(&format!("\n{place}: {}", product.title));
        let began = Instant::now();
        (product.make)(workspace, &release)
            .with_context(|| format!("{} failed (make it alone with `cargo xtask dist --only {0}`)", product.name))?;
        say(&format!("{place} made and tried in {}", time(began.elapsed())));
    }
    sums::write(&release.folder)?;
    let _ = fs::remove_dir_all(&release.trials);
    say(&format!("\n{}", summary(&release)?));
    for product in impossible {
        say(&format!("left out: {}, which can be made only on Linux", product.name));
    }
    say(&format!("made in {}", time(began.elapsed())));
    Ok(())
}

/// The files for people and their sizes.
fn summary(release: &Release) -> Result<String> {
    let mut table = format!("{}:\n", release.folder.display());
    for file in files(&release.folder)? {
        let bytes = fs::metadata(&file)?.len();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        table += &format!("  {:>6.2} MB  {name}\n", bytes as f64 / 1e6);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_products_have_the_same_name() {
        let mut names: Vec<_> = PRODUCTS.iter().map(|product| product.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PRODUCTS.len());
    }
}
