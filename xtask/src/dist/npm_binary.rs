//! The npm package with the binary of one platform: no code, no scripts, and nothing to download when it is installed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::platform::Platform;
use super::{Release, VERSION, trial};
use crate::setup;
use crate::workspace::{Workspace, copy, output};

const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Writes `telematics-mock-<platform>-<version>.tgz`, installs it into an empty folder, and tries the binary in it.
///
/// # Errors
/// If npm is missing or fails, or the binary does not work.
pub(super) fn make(workspace: &mut Workspace, release: &Release) -> Result<()> {
    setup::node(workspace)?;
    let binary = release.binary(workspace)?;
    let folder = release.trial_folder("npm-binary")?;
    let staged = folder.join("package");
    fs::create_dir_all(&staged)?;
    copy(&binary, &staged)?;
    for license in LICENSES {
        copy(&workspace.path(license), &staged)?;
    }
    fs::write(staged.join("README.md"), readme(release.platform))?;
    fs::write(staged.join("package.json"), format!("{:#}\n", manifest(release.platform)))?;

    let mut npm = workspace.npm();
    npm.arg("pack").arg("--pack-destination").arg(&release.folder).current_dir(&staged);
    workspace.quietly("packing the npm package with the binary", &mut npm)?;

    let app = folder.join("app");
    install(workspace, &app, &[tarball(release)])?;
    let wanted = format!("{}/{}", release.platform.npm_package(), release.platform.executable());
    let script = format!("process.stdout.write(require.resolve({wanted:?}))");
    let installed = output(workspace.command("node").args(["--eval", &script]).current_dir(&app))?;
    trial::answers(&workspace.command(installed))
}

/// The path of the tarball.
pub(super) fn tarball(release: &Release) -> PathBuf {
    release.file(&format!("{}-{VERSION}.tgz", release.platform.npm_package()))
}

/// Installs tarballs into the empty folder of an app, with no scripts and without a registry.
///
/// # Errors
/// If npm fails.
pub(super) fn install(workspace: &Workspace, app: &Path, tarballs: &[PathBuf]) -> Result<()> {
    fs::create_dir_all(app)?;
    // Without a manifest npm would take the folder above for the app.
    fs::write(app.join("package.json"), "{}")?;
    let mut npm = workspace.npm();
    npm.args(["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]).args(tarballs).current_dir(app);
    workspace.quietly("installing into an empty folder", &mut npm)
}

/// The manifest. There is one package for Linux, because a static binary needs neither glibc nor musl.
fn manifest(platform: &Platform) -> Value {
    let files: Vec<_> = std::iter::once(platform.executable()).chain(LICENSES).collect();
    json!({
        "name": platform.npm_package(),
        "version": VERSION,
        "description": format!("The binary of telematics-mock for {}", platform.name()),
        "license": env!("CARGO_PKG_LICENSE"),
        "repository": { "type": "git", "url": format!("git+{}.git", env!("CARGO_PKG_REPOSITORY")) },
        "os": [platform.os],
        "cpu": [platform.cpu],
        "files": files,
        // A program cannot run from inside an archive.
        "preferUnplugged": true,
    })
}

fn readme(platform: &Platform) -> String {
    format!(
        "# {}\n\nThe binary of [telematics-mock]({}) for {}. Install `telematics-mock`, which takes this package where it fits.\n",
        platform.npm_package(),
        env!("CARGO_PKG_REPOSITORY"),
        platform.name()
    )
}

#[cfg(test)]
mod tests {
    use super::super::platform::PLATFORMS;
    use super::*;

    #[test]
    fn a_package_is_for_its_platform_alone_and_runs_nothing_when_it_is_installed() {
        for platform in PLATFORMS {
            let manifest = manifest(platform);
            assert_eq!(manifest["os"], json!([platform.os]));
            assert_eq!(manifest["cpu"], json!([platform.cpu]));
            assert_eq!(manifest["files"][0], platform.executable());
            for absent in ["scripts", "bin", "libc", "dependencies"] {
                assert!(manifest.get(absent).is_none(), "{absent}");
            }
        }
    }
}
