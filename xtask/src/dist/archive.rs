//! The archive: the binary with its licences and its documentation, to unpack anywhere.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::HeaderMode;

use super::{Release, VERSION, trial};
use crate::workspace::{Workspace, empty_folder};

/// Writes `telematics-mock-<version>-<platform>.tar.gz`, unpacks it, and tries the binary that was in it.
///
/// # Errors
/// If a file cannot be read or written, or the binary does not work.
pub(super) fn make(workspace: &mut Workspace, release: &Release) -> Result<()> {
    let executable = release.platform.executable();
    let binary = release.binary(workspace)?;
    let mut files = vec![(executable, binary)];
    files.extend(["LICENSE-APACHE", "LICENSE-MIT"].map(|file| (file, workspace.path(file))));
    files.push(("README.md", workspace.path("mock-server/README.md")));

    let folder = format!("telematics-mock-{VERSION}-{}", release.platform.name());
    let archive = release.file(&format!("{folder}.tar.gz"));
    let files: Vec<_> = files.iter().map(|(name, path)| (*name, path.as_path())).collect();
    write(&archive, &folder, &files).with_context(|| format!("{} cannot be written", archive.display()))?;

    let unpacked = release.trial_folder("archive")?;
    unpack(&archive, &unpacked).with_context(|| format!("{} cannot be unpacked", archive.display()))?;
    trial::answers(&Command::new(unpacked.join(folder).join(executable)))
}

/// Writes the files below one folder. Times and owners are left out, so that the same files give the same archive.
fn write(archive: &Path, folder: &str, files: &[(&str, &Path)]) -> Result<()> {
    let mut builder = tar::Builder::new(GzEncoder::new(File::create(archive)?, Compression::best()));
    builder.mode(HeaderMode::Deterministic);
    for (name, path) in files {
        builder
            .append_file(format!("{folder}/{name}"), &mut File::open(path)?)
            .with_context(|| format!("{} cannot be added", path.display()))?;
    }
    builder.into_inner()?.finish()?.sync_all()?;
    Ok(())
}

fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    empty_folder(folder)?;
    tar::Archive::new(GzDecoder::new(File::open(archive)?)).unpack(folder)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_unpacked_is_what_was_packed_and_the_same_files_give_the_same_archive() {
        let folder = std::env::temp_dir().join(format!("xtask-archive-{}", std::process::id()));
        empty_folder(&folder).unwrap();
        let [source, first, second] = ["source", "first.tar.gz", "second.tar.gz"].map(|name| folder.join(name));
        fs::write(&source, "licence").unwrap();
        write(&first, "telematics-mock-1.0.0", &[("LICENSE-MIT", &source)]).unwrap();
        fs::write(&source, "licence").unwrap();
        write(&second, "telematics-mock-1.0.0", &[("LICENSE-MIT", &source)]).unwrap();
        let [first, second] = [first, second].map(|archive| (fs::read(&archive).unwrap(), archive));
        assert_eq!(first.0, second.0);

        let unpacked = folder.join("unpacked");
        unpack(&first.1, &unpacked).unwrap();
        let text = fs::read_to_string(unpacked.join("telematics-mock-1.0.0/LICENSE-MIT")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(text, "licence");
    }
}
