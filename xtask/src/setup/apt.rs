//! Packages of Debian and its relatives.

use crate::workspace::Workspace;

/// Installs packages with apt, if apt is present and needs no password. The caller looks for the result.
pub(crate) fn install(workspace: &Workspace, what: &str, packages: &[&str]) {
    if workspace.find(&["apt-get"]).is_none() {
        return;
    }
    let apt = |arguments: &[&str]| {
        let mut command = if is_root() {
            workspace.command("apt-get")
        } else {
            let mut sudo = workspace.command("sudo");
            sudo.args(["--non-interactive", "apt-get"]);
            sudo
        };
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    // A single unreachable source makes the update fail, and the installation may still succeed.
    let _ = workspace.quietly("updating apt's lists", &mut apt(&["update"]));
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    let _ = workspace.quietly(&format!("installing {what}"), &mut apt(&install));
}

/// Whether this process may install packages by itself.
#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Windows has no apt.
#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
