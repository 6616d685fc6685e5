//! `telematics-mock init`: writes files to start from.

use std::io;
use std::path::Path;

use crate::config::CONFIG_FILE;
use crate::files::{Existing, Files};

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
pub fn write(files: &dyn Files, folder: &Path, force: bool) -> Result<String, String> {
    let wrong = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    files.create_folder(folder).map_err(|error| wrong(folder, error))?;
    let paths = FILES.map(|(name, content)| (files.join(folder, name), content));
    if let Some((path, _)) = paths.iter().find(|(path, _)| !force && files.exists(path)) {
        return Err(format!("{} exists; no file was written (--force replaces files)", path.display()));
    }
    let mut lines = String::new();
    for (path, content) in paths {
        let existing = if force { Existing::Replaced } else { Existing::Kept };
        files.write(&path, content.as_bytes(), existing).map_err(|error| wrong(&path, error))?;
        lines += &format!("wrote {}\n", path.display());
    }
    Ok(lines + "`telematics-mock` in this folder reads telematics-mock.toml by itself.\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryFiles;

    #[test]
    fn the_content_of_every_file_ends_with_a_line_break() {
        assert!(FILES.iter().all(|(_, content)| content.ends_with('\n')));
    }

    #[test]
    fn files_that_exist_are_replaced_only_with_force() {
        let files = MemoryFiles::with("new/telematics-mock.toml", "port = 1");
        let refused = write(&files, Path::new("new"), false).unwrap_err();
        assert_eq!(refused, "new/telematics-mock.toml exists; no file was written (--force replaces files)");
        assert_eq!(files.paths().len(), 1);
        let lines = write(&files, Path::new("new"), true).unwrap();
        assert!(lines.starts_with("wrote new/telematics-mock.toml\n"), "{lines}");
        assert_eq!(files.paths().len(), FILES.len());
    }
}
