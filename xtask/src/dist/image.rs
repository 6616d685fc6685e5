//! The image for containers, made from `Containerfile` without a daemon, and tried as its own user.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::trial::{HEALTH, Server};
use super::{Release, VERSION};
use crate::progress::say;
use crate::setup::buildah;
use crate::workspace::{Workspace, copy, output};

/// The folders of the image that its user can write to; `Containerfile` says what they are for.
const FOLDERS: [&str; 2] = ["state", "work"];
/// The container that tries the image.
const TRIAL: &str = "trial";
/// A call that the guard of the control API protects.
const GUARDED: &str = "/__mock/clock";

/// Writes `telematics-mock-<version>-image-<platform>.tar`, which `docker load` and `podman load` read, and starts a server in it.
///
/// # Errors
/// If buildah is missing or fails, or the server or its health check does not work.
pub(super) fn make(workspace: &mut Workspace, release: &Release) -> Result<()> {
    buildah::provide(workspace)?;
    let folder = release.trial_folder("image")?;
    let buildah = Buildah { workspace, storage: folder.join("storage") };
    let context = folder.join("context");
    let cpu = release.platform.container_cpu();
    fill(&context, &release.binary(workspace)?, cpu)?;

    let tag = format!("telematics-mock:{VERSION}");
    let mut build = buildah.command("build", &["--format", "docker", "--identity-label=false", "--tag", &tag]);
    build.arg("--file").arg(workspace.path("Containerfile"));
    for (name, value) in [("TARGETARCH", cpu), ("VERSION", VERSION)] {
        build.arg("--build-arg").arg(format!("{name}={value}"));
    }
    // Outside of a clone the image has no revision, and the time of its files is that of the build.
    if let Some((revision, time)) = last_commit(workspace) {
        build.arg("--build-arg").arg(format!("REVISION={revision}")).arg("--timestamp").arg(time);
    }
    workspace.quietly("building the image", build.arg(&context))?;

    let archive = release.file(&format!("telematics-mock-{VERSION}-image-{}.tar", release.platform.name()));
    let _ = fs::remove_file(&archive);
    // An archive in the format of OCI would lose the health check.
    let target = format!("docker-archive:{}:{tag}", archive.display());
    workspace.quietly("saving the image", &mut buildah.command("push", &[&tag, &target]))?;
    attempt(&buildah, &archive)
}

/// Fills the context of the build: the binary of each processor, and the empty folders of the image.
fn fill(context: &Path, binary: &Path, cpu: &str) -> Result<()> {
    for folder in FOLDERS {
        fs::create_dir_all(context.join("folders").join(folder))?;
    }
    let folder = context.join(cpu);
    fs::create_dir_all(&folder)?;
    copy(binary, &folder)
}

/// The hash of the last commit, and its time in seconds since 1970.
fn last_commit(workspace: &Workspace) -> Option<(String, String)> {
    let printed = output(workspace.command("git").args(["log", "-1", "--format=%H %ct"])).ok()?;
    let (revision, time) = printed.trim().split_once(' ')?;
    Some((revision.to_owned(), time.to_owned()))
}

/// Starts a server in a container of the saved image, in the way the image says, and checks who it answers to.
fn attempt(buildah: &Buildah, archive: &Path) -> Result<()> {
    let saved = format!("docker-archive:{}", archive.display());
    output(&mut buildah.command("from", &["--name", TRIAL, &saved]))?;
    let config = Config::of(&output(&mut buildah.command("inspect", &[TRIAL]))?)?;

    let [server, state] = ["TELEMATICS_MOCK_PORT=0", "TELEMATICS_MOCK_STATE_FILE=/state/state.json"];
    let start: Vec<_> = config.entrypoint.iter().map(String::as_str).chain(["--json"]).collect();
    let server = Server::start(&mut buildah.run(&[server, state], &start))?;
    server.answers(HEALTH, None, 200)?;
    let port = format!("TELEMATICS_MOCK_PORT={}", server.port()?);
    // As the image calls it, and as compose files do.
    for check in [config.healthcheck, vec!["telematics-mock".to_owned(), "healthcheck".to_owned()]] {
        let check: Vec<_> = check.iter().map(String::as_str).collect();
        output(&mut buildah.run(&[&port], &check)).context("the health check fails in the container")?;
    }
    for (host, status) in
        [("localhost", 200), ("user-service:4600", 200), ("telematics-mock", 200), ("example.com", 403)]
    {
        server.answers(GUARDED, Some(host), status)?;
    }
    let image = fs::metadata(archive)?.len();
    say(&format!("  the image takes {:.1} MB, and runs as user {}", image as f64 / 1e6, config.user));
    Ok(())
}

/// buildah with a storage of its own, so that nothing is left on the machine.
struct Buildah<'a> {
    workspace: &'a Workspace,
    storage: PathBuf,
}

impl Buildah<'_> {
    /// A command that needs no rights besides those of the user, and no file system besides an ordinary one.
    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.workspace.command("buildah");
        command.arg("--root").arg(self.storage.join("root")).arg("--runroot").arg(self.storage.join("run"));
        command.args(["--storage-driver", "vfs", name]);
        if matches!(name, "build" | "from" | "run") {
            command.args(["--isolation", "chroot"]);
        }
        command.args(arguments);
        command
    }

    /// A program in the container, as the image's user, in its folder and with its variables.
    fn run(&self, variables: &[&str], program: &[&str]) -> Command {
        let mut command = self.command("run", &[]);
        command.args(variables.iter().flat_map(|variable| ["--env", variable]));
        command.args(["--", TRIAL]).args(program);
        command
    }
}

impl Drop for Buildah<'_> {
    fn drop(&mut self) {
        // A user who is not root has no right to remove the files of the image's user; buildah has it.
        let _ = output(&mut self.command("rm", &["--all"]));
        let _ = output(&mut self.command("rmi", &["--all", "--force"]));
    }
}

/// What an image says about its containers.
struct Config {
    user: String,
    entrypoint: Vec<String>,
    /// The program and the arguments of the health check.
    healthcheck: Vec<String>,
}

impl Config {
    /// Reads it from what `buildah inspect` prints.
    fn of(inspected: &str) -> Result<Self> {
        let inspected: Value = serde_json::from_str(inspected)?;
        let member = |name: &str| inspected.pointer(&format!("/Docker/config/{name}"));
        let words = |name: &str| -> Vec<String> {
            member(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|word| Some(word.as_str()?.to_owned()))
                .collect()
        };
        let user = member("User").and_then(Value::as_str).unwrap_or_default().to_owned();
        if user.is_empty() || user.starts_with("0") || user.starts_with("root") {
            bail!("the image runs as root");
        }
        // `CMD-SHELL` would need a shell.
        let test = words("Healthcheck/Test");
        let Some((_, healthcheck)) = test.split_first().filter(|(kind, _)| *kind == "CMD") else {
            bail!("the image has no health check that works without a shell");
        };
        Ok(Self { user, entrypoint: words("Entrypoint"), healthcheck: healthcheck.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_health_check_or_with_the_user_root_is_refused() {
        let inspected = |user: &str, test: &str| {
            Config::of(&format!(
                r#"{{ "Docker": {{ "config": {{ "User": "{user}", "Entrypoint": ["/a"], "Healthcheck": {{ "Test": {test} }} }} }} }}"#
            ))
        };
        let config = inspected("65532:65532", r#"["CMD", "/a", "b"]"#).unwrap();
        assert_eq!(
            (config.entrypoint, config.healthcheck),
            (vec!["/a".to_owned()], vec!["/a".to_owned(), "b".to_owned()])
        );
        for (user, test) in
            [("", r#"["CMD", "/a"]"#), ("0:0", r#"["CMD", "/a"]"#), ("1", "null"), ("1", r#"["CMD-SHELL", "/a"]"#)]
        {
            assert!(inspected(user, test).is_err(), "{user} {test}");
        }
    }
}
