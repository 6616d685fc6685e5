//! The platforms that binaries are released for. Archives, wheels and npm packages take their names from this list.

use std::env::consts::{ARCH, OS};
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// An operating system with a processor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    /// The system, as Node calls it (`process.platform`).
    pub(crate) os: &'static str,
    /// The processor, as Node calls it (`process.arch`).
    pub(crate) cpu: &'static str,
    /// The target of the compiler. Those of Linux link the C library statically, so that the binary runs on every distribution.
    pub(crate) target: &'static str,
}

/// Every platform of a release. `.github/workflows/release.yml` has a machine for each.
pub(crate) const PLATFORMS: &[Platform] = &[
    Platform { os: "linux", cpu: "x64", target: "x86_64-unknown-linux-musl" },
    Platform { os: "linux", cpu: "arm64", target: "aarch64-unknown-linux-musl" },
    Platform { os: "darwin", cpu: "x64", target: "x86_64-apple-darwin" },
    Platform { os: "darwin", cpu: "arm64", target: "aarch64-apple-darwin" },
    Platform { os: "win32", cpu: "x64", target: "x86_64-pc-windows-msvc" },
    Platform { os: "win32", cpu: "arm64", target: "aarch64-pc-windows-msvc" },
];

impl Platform {
    /// The platform of this machine.
    ///
    /// # Errors
    /// If there is no release for it.
    pub(crate) fn of_this_machine() -> Result<&'static Self> {
        let (os, cpu) = (node_os(OS), node_cpu(ARCH));
        PLATFORMS
            .iter()
            .find(|platform| (platform.os, platform.cpu) == (os, cpu))
            .with_context(|| format!("there is no release for {os}-{cpu}: build with `cargo build --release` instead"))
    }

    /// The name in files and packages, such as `linux-x64`.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.os, self.cpu)
    }

    /// The name of the npm package with the binary.
    pub(crate) fn npm_package(&self) -> String {
        format!("telematics-mock-{}", self.name())
    }

    /// The processor, as the makers of container images call it.
    pub(crate) fn container_cpu(&self) -> &'static str {
        if self.cpu == "x64" { "amd64" } else { self.cpu }
    }

    /// The file name of the binary.
    pub(crate) fn executable(&self) -> &'static str {
        if self.os == "win32" { "telematics-mock.exe" } else { "telematics-mock" }
    }

    /// `cargo`, with what a build for this platform needs.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut cargo = workspace.cargo();
        self.set_flags(&mut cargo);
        cargo
    }

    /// Sets what a build needs that another program starts. Windows has no C runtime of Visual Studio unless another program has
    /// installed it, so it is linked statically.
    pub(crate) fn set_flags(&self, command: &mut Command) {
        if self.os == "win32" {
            let target = self.target.to_uppercase().replace('-', "_");
            command.env(format!("CARGO_TARGET_{target}_RUSTFLAGS"), "-C target-feature=+crt-static");
        }
    }
}

fn node_os(os: &str) -> &str {
    match os {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

fn node_cpu(arch: &str) -> &str {
    match arch {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_agrees_with_its_target() {
        for platform in PLATFORMS {
            let (arch, rest) = platform.target.split_once('-').unwrap();
            let os = ["linux", "darwin", "windows"].into_iter().find(|os| rest.contains(os)).unwrap();
            assert_eq!((platform.os, platform.cpu), (node_os(os), node_cpu(arch)), "{platform:?}");
        }
    }

    #[test]
    fn the_action_knows_every_platform_and_no_other() {
        let action = include_str!("../../../action.yml");
        let branches = action.lines().filter_map(|line| line.trim().split_once(") platform=")?.1.strip_suffix(" ;;"));
        assert_eq!(branches.collect::<Vec<_>>(), PLATFORMS.iter().map(Platform::name).collect::<Vec<_>>());
    }

    #[test]
    fn the_release_workflow_has_a_machine_for_every_platform_and_for_no_other() {
        let workflow = include_str!("../../../.github/workflows/release.yml");
        let jobs: Vec<_> = workflow.lines().filter_map(|line| line.trim().strip_prefix("- platform: ")).collect();
        assert_eq!(jobs, PLATFORMS.iter().map(Platform::name).collect::<Vec<_>>());
    }
}
