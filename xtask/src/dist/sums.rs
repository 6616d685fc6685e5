//! The checksums of the files of a release.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

use crate::workspace::files;

/// The file that `sha256sum --check` reads.
const SUMS: &str = "SHA256SUMS";

/// Writes the checksum of every file in `folder` to `SHA256SUMS` in it.
///
/// # Errors
/// If a file cannot be read or written.
pub(super) fn write(folder: &Path) -> Result<()> {
    let mut sums = String::new();
    for file in files(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name != SUMS {
            let bytes = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            writeln!(sums, "{}  {name}", hex(&Sha256::digest(bytes)))?;
        }
    }
    fs::write(folder.join(SUMS), sums).with_context(|| format!("{SUMS} cannot be written"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::empty_folder;

    #[test]
    fn the_sums_are_those_of_sha256sum_in_the_order_of_the_names() {
        let folder = std::env::temp_dir().join(format!("xtask-sums-{}", std::process::id()));
        empty_folder(&folder).unwrap();
        fs::write(folder.join("b"), "abc").unwrap();
        fs::write(folder.join("a"), "").unwrap();
        // The second time the file with the sums exists, and has no sum itself.
        for _ in 0..2 {
            write(&folder).unwrap();
        }
        let sums = fs::read_to_string(folder.join(SUMS)).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            sums,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n\
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n"
        );
    }
}
