//! `telematics-mock init`: writes files to start from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::config::CONFIG_FILE;

/// The files: the path below the folder, and the content.
const FILES: [(&str, &str); 3] = [
    (CONFIG_FILE, include_str!("init_files/telematics-mock.toml")),
    ("compose.telematics-mock.yml", include_str!("init_files/compose.yml")),
    ("telematics-mock.workflow.yml", include_str!("init_files/workflow.yml")),
];

/// Writes the files into a folder, which is created if it does not exist, and returns what was done as lines of text.
///
/// # Errors
///
/// A file cannot be written, or exists while `force` is not set; then no file is written. A sentence that names the file.
pub fn write(folder: &Path, force: bool) -> Result<String, String> {
    let wrong = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(folder).map_err(|error| wrong(folder, error))?;
    let paths = FILES.map(|(name, content)| (folder.join(name), content));
    if let Some((path, _)) = paths.iter().find(|(path, _)| !force && path.symlink_metadata().is_ok()) {
        return Err(format!("{} exists; no file was written (--force replaces files)", path.display()));
    }
    let mut lines = String::new();
    for (path, content) in paths {
        let mut options = OpenOptions::new();
        options.write(true).create(force).truncate(force).create_new(!force);
        let mut file = options.open(&path).map_err(|error| wrong(&path, error))?;
        file.write_all(content.as_bytes()).map_err(|error| wrong(&path, error))?;
        lines += &format!("wrote {}\n", path.display());
    }
    Ok(lines + "`telematics-mock` in this folder reads telematics-mock.toml by itself.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_of_every_file_ends_with_a_line_break() {
        assert!(FILES.iter().all(|(_, content)| content.ends_with('\n')));
    }
}
