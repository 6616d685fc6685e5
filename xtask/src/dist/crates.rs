//! The crates, for `cargo install` and for Rust tests: checks that each compiles from what would be published, and that the binary can be
//! installed. `cargo publish` makes the packages itself, so that no file is left.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use serde_json::Value;

use super::{Release, VERSION, trial};
use crate::workspace::{Workspace, output};

/// The files that every package contains, because both licences require their text and the registry shows the documentation.
const REQUIRED: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Packs and compiles the crates that are published, and installs the binary into an empty folder.
///
/// # Errors
/// If a package lacks a file or does not compile, or the installed binary does not work.
pub(super) fn make(workspace: &mut Workspace, release: &Release) -> Result<()> {
    let metadata = output(workspace.cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let crates = published(&metadata)?;
    let mut cargo = workspace.cargo();
    cargo.args(["package", "--allow-dirty"]).args(crates.iter().flat_map(|name| ["--package", name]));
    workspace.quietly("compiling the crates from their packages", &mut cargo)?;
    for name in crates {
        let package = workspace.built(&format!("package/{name}-{VERSION}.crate"));
        check_files(&package).with_context(|| format!("{} cannot be published", package.display()))?;
    }

    // For the target of the release, whose compiled files are used again.
    release.binary(workspace)?;
    let root = release.trial_folder("crates")?;
    let mut cargo = release.platform.cargo(workspace);
    cargo.args(["install", "--path", "mock-server", "--locked", "--no-track", "--target", release.platform.target]);
    workspace.quietly("installing the binary with cargo", cargo.arg("--root").arg(&root))?;
    trial::answers(&workspace.command(root.join("bin").join(release.platform.executable())))
}

/// The names of the crates of the workspace that are published.
fn published(metadata: &str) -> Result<Vec<String>> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("cargo describes no packages")?;
    // `publish = false` is an empty list of registries.
    let is_published = |package: &&Value| package.get("publish").is_some_and(Value::is_null);
    let names = packages.iter().filter(is_published).filter_map(|package| package.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

/// Checks that a package contains the required files, and no links in their place.
fn check_files(package: &Path) -> Result<()> {
    let mut missing = REQUIRED.to_vec();
    for entry in tar::Archive::new(GzDecoder::new(File::open(package)?)).entries()? {
        let entry = entry?;
        let path = entry.path()?.into_owned();
        if entry.header().entry_type().is_file() && entry.size() > 0 && path.components().count() == 2 {
            missing.retain(|name| !path.ends_with(name));
        }
    }
    if !missing.is_empty() {
        bail!("it lacks {}", missing.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn a_crate_that_is_not_to_be_published_is_left_out() {
        let metadata = r#"{ "packages": [
            { "name": "telematics-mock", "publish": null }, { "name": "xtask", "publish": [] }, { "name": "other", "publish": ["own"] }
        ] }"#;
        assert_eq!(published(metadata).unwrap(), ["telematics-mock"]);
        assert!(published("{}").is_err());
    }

    #[test]
    fn a_package_without_a_licence_or_with_an_empty_one_is_refused() {
        let package = std::env::temp_dir().join(format!("xtask-crate-{}.crate", std::process::id()));
        let check = |files: &[(&str, &str)]| {
            let mut builder = tar::Builder::new(GzEncoder::new(File::create(&package).unwrap(), Compression::fast()));
            for (path, text) in files {
                let mut header = tar::Header::new_gnu();
                header.set_size(text.len().try_into().unwrap());
                builder.append_data(&mut header, format!("a-1.0.0/{path}"), text.as_bytes()).unwrap();
            }
            builder.into_inner().unwrap().finish().unwrap();
            let result = check_files(&package).map_err(|error| error.to_string());
            fs::remove_file(&package).unwrap();
            result
        };
        let all = REQUIRED.map(|name| (name, "text"));
        assert_eq!(check(&all), Ok(()));
        assert_eq!(check(&all[..1]), Err("it lacks LICENSE-MIT, README.md".to_owned()));
        let nested = [all[0], all[2], ("LICENSE-MIT", ""), ("docs/LICENSE-MIT", "text")];
        assert_eq!(check(&nested), Err("it lacks LICENSE-MIT".to_owned()));
    }
}
