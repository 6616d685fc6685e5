//! The npm packages of this repository as they are published: as `cargo xtask pack` writes them, and `telematics-mock` with the packages of
//! the binaries as optional dependencies. Npm then installs the one that fits the machine; where none fits, the package works without it.
//! The manifest in the repository does not list them, because until a release they are in no registry.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::platform::PLATFORMS;
use super::{Release, VERSION, npm_binary, trial};
use crate::workspace::{Workspace, copy};
use crate::{pack, setup};

/// The member of a manifest with the packages that need not be there.
const OPTIONAL: &str = "optionalDependencies";
/// The path of the manifest in a tarball.
const MANIFEST: &str = "package/package.json";

/// Packs the packages, adds the optional dependencies, and tries `telematics-mock` beside the binary of this machine.
///
/// # Errors
/// If a tool is missing or fails, a package has another version than the binary, or the command does not work.
pub(super) fn make(workspace: &mut Workspace, release: &Release) -> Result<()> {
    setup::for_packing(workspace)?;
    for tarball in pack::packages(workspace)? {
        let name = tarball.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.ends_with(&format!("-{VERSION}.tgz")) {
            bail!("{name} is not of version {VERSION}: the packages and the crates are released together");
        }
        if name.starts_with("telematics-mock-") {
            let released = release.file(&name);
            add_binaries(&tarball, &released).with_context(|| format!("{name} cannot be changed"))?;
            attempt(workspace, release, &released)?;
        } else {
            copy(&tarball, &release.folder)?;
        }
    }
    Ok(())
}

/// Installs the package beside that with the binary, if this was made, and tries its command.
fn attempt(workspace: &Workspace, release: &Release, tarball: &Path) -> Result<()> {
    let app = release.trial_folder("npm")?;
    let mut tarballs = vec![tarball.to_path_buf()];
    tarballs.extend(Some(npm_binary::tarball(release)).filter(|binary| binary.is_file()));
    npm_binary::install(workspace, &app, &tarballs)?;
    let command = if cfg!(windows) { "telematics-mock.cmd" } else { "telematics-mock" };
    trial::answers(&workspace.command(app.join("node_modules/.bin").join(command)))
}

/// Copies a tarball, and adds the packages of the binaries to the manifest in it.
fn add_binaries(tarball: &Path, released: &Path) -> Result<()> {
    let _ = fs::remove_file(released);
    let mut builder = tar::Builder::new(GzEncoder::new(File::create(released)?, Compression::best()));
    let mut has_manifest = false;
    for entry in tar::Archive::new(GzDecoder::new(File::open(tarball)?)).entries()? {
        let mut entry = entry?;
        let (path, mut header) = (entry.path()?.into_owned(), entry.header().clone());
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        if path == Path::new(MANIFEST) {
            has_manifest = true;
            bytes = with_binaries(&String::from_utf8(bytes)?)?.into_bytes();
            header.set_size(bytes.len().try_into()?);
        }
        builder.append_data(&mut header, path, bytes.as_slice())?;
    }
    if !has_manifest {
        bail!("the tarball does not contain {MANIFEST}");
    }
    builder.into_inner()?.finish()?.sync_all()?;
    Ok(())
}

/// Adds the packages of the binaries, each with exactly this version, to a manifest. The order of the other members stays, because that of
/// `exports` has a meaning.
///
/// # Errors
/// If the text is not a manifest, or lists optional dependencies already.
fn with_binaries(manifest: &str) -> Result<String> {
    let parsed: Value = serde_json::from_str(manifest).context("the manifest is not valid JSON")?;
    if parsed.get(OPTIONAL).is_some() {
        bail!("the manifest has {OPTIONAL}, which the release adds");
    }
    let members = manifest.trim_end().strip_suffix('}').filter(|_| parsed.get("name").is_some());
    let members = members.context("the manifest has no name")?.trim_end();
    let binaries: Value = PLATFORMS.iter().map(|platform| (platform.npm_package(), json!(VERSION))).collect();
    Ok(format!("{members},\n  {OPTIONAL:?}: {binaries}\n}}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::empty_folder;

    const PLAIN: &str =
        "{\n  \"name\": \"telematics-mock\",\n  \"exports\": { \"types\": \"./a.d.ts\", \"default\": \"./a.js\" }\n}\n";

    #[test]
    fn the_released_manifest_lists_the_binary_of_each_platform_with_its_exact_version() {
        let released = with_binaries(PLAIN).unwrap();
        assert!(released.starts_with(PLAIN.trim_end_matches("\n}\n")), "{released}");
        let released: Value = serde_json::from_str(&released).unwrap();
        let binaries = released[OPTIONAL].as_object().unwrap();
        assert_eq!(binaries.len(), PLATFORMS.len());
        assert!(PLATFORMS.iter().all(|platform| binaries[&platform.npm_package()] == VERSION));
    }

    #[test]
    fn a_manifest_that_lists_optional_dependencies_and_another_text_are_refused() {
        for text in [r#"{ "name": "a", "optionalDependencies": {} }"#, "{}", "[]", "", "{ \"name\": }"] {
            assert!(with_binaries(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_manifest_of_a_tarball_is_changed() {
        let folder = std::env::temp_dir().join(format!("xtask-npm-{}", std::process::id()));
        empty_folder(&folder).unwrap();
        let [packed, released] = ["packed.tgz", "released.tgz"].map(|name| folder.join(name));
        let mut builder = tar::Builder::new(GzEncoder::new(File::create(&packed).unwrap(), Compression::fast()));
        for (path, text) in [("package/index.js", "export {};"), (MANIFEST, PLAIN)] {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len().try_into().unwrap());
            header.set_mode(0o755);
            builder.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap();

        add_binaries(&packed, &released).unwrap();
        let mut archive = tar::Archive::new(GzDecoder::new(File::open(&released).unwrap()));
        let entries: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                (entry.path().unwrap().display().to_string(), entry.header().mode().unwrap(), text)
            })
            .collect();
        fs::remove_dir_all(&folder).unwrap();
        let expected = [("package/index.js", "export {};".to_owned()), (MANIFEST, with_binaries(PLAIN).unwrap())];
        assert_eq!(entries, expected.map(|(path, text)| (path.to_owned(), 0o755, text)));
    }
}
