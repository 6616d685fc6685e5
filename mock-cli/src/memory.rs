//! Files in memory, for tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::files::{Existing, Files, NotTaken, TakenFile};

type Contents = Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>;

/// Files that are gone with the test. A folder exists while it has a file.
#[derive(Clone, Default)]
pub struct MemoryFiles {
    contents: Contents,
    taken: Contents,
}

impl MemoryFiles {
    /// One file.
    pub fn with(path: &str, text: &str) -> Self {
        Self::default().and(path, text)
    }

    /// A further file.
    pub fn and(self, path: &str, text: &str) -> Self {
        self.contents.lock().unwrap().insert(path.into(), text.into());
        self
    }

    /// The paths of all files.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.contents.lock().unwrap().keys().cloned().collect()
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.contents.lock().unwrap().get(path).cloned().ok_or(io::ErrorKind::NotFound.into())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.contents.lock().unwrap().contains_key(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.paths().iter().any(|file| file.parent() == Some(path))
    }

    fn exists(&self, path: &Path) -> bool {
        self.is_file(path) || self.is_folder(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let found: Vec<_> = self.paths().into_iter().filter(|file| file.parent() == Some(folder)).collect();
        if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) }
    }

    fn join(&self, folder: &Path, name: &str) -> PathBuf {
        folder.join(name)
    }

    fn create_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, path: &Path, content: &[u8], existing: Existing) -> io::Result<()> {
        if existing == Existing::Kept && self.is_file(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.contents.lock().unwrap().insert(path.to_owned(), content.to_owned());
        Ok(())
    }

    fn take(&self, path: &Path) -> Result<Box<dyn TakenFile>, NotTaken> {
        match self.taken.lock().unwrap().insert(path.to_owned(), Vec::new()) {
            Some(_) => Err(NotTaken::InUse),
            None => Ok(Box::new(TakenInMemory { files: self.clone(), path: path.to_owned() })),
        }
    }
}

struct TakenInMemory {
    files: MemoryFiles,
    path: PathBuf,
}

impl TakenFile for TakenInMemory {
    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        self.files.read(&self.path)
    }

    fn replace(&self, content: &[u8]) -> io::Result<()> {
        self.files.write(&self.path, content, Existing::Replaced)
    }
}

impl Drop for TakenInMemory {
    fn drop(&mut self) {
        self.files.taken.lock().unwrap().remove(&self.path);
    }
}
