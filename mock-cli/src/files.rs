//! The files of the machine, as the command line needs them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The files of the machine that the program runs on.
///
/// An error is shown to the person who started the program. Its kind is [`io::ErrorKind::NotFound`] if there is no such file.
pub trait Files: Send + Sync + 'static {
    /// The content of a file.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Whether a path, or what it links to, is a file.
    fn is_file(&self, path: &Path) -> bool;

    /// Whether a path, or what it links to, is a folder.
    fn is_folder(&self, path: &Path) -> bool;

    /// Whether there is anything at a path: a link counts too, wherever it leads.
    fn exists(&self, path: &Path) -> bool;

    /// The paths of what is in a folder, in any order.
    ///
    /// # Errors
    ///
    /// It is not a folder, or cannot be read.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// The path of a name in a folder.
    fn join(&self, folder: &Path, name: &str) -> PathBuf;

    /// Creates a folder with those above it. One that exists stays as it is.
    ///
    /// # Errors
    ///
    /// It cannot be created.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Writes a file.
    ///
    /// # Errors
    ///
    /// It cannot be written, or it exists and is not to be replaced.
    fn write(&self, path: &Path, content: &[u8], existing: Existing) -> io::Result<()>;

    /// Takes a file for this program alone until the result is dropped. The file need not exist. A link leads to the file that is
    /// read and replaced.
    ///
    /// # Errors
    ///
    /// The folder does not exist or cannot be written, or another program has taken the file.
    fn take(&self, path: &Path) -> Result<Box<dyn TakenFile>, NotTaken>;
}

impl fmt::Debug for dyn Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Files(…)")
    }
}

/// What happens to a file that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and writing fails.
    Kept,
    /// It is replaced.
    Replaced,
}

/// A file that this program alone uses.
pub trait TakenFile: Send + Sync + 'static {
    /// The path, for people.
    fn path(&self) -> &Path;

    /// The content.
    ///
    /// # Errors
    ///
    /// It cannot be read. The kind is [`io::ErrorKind::NotFound`] if the file does not exist.
    fn read(&self) -> io::Result<Vec<u8>>;

    /// Replaces the content so that a reader finds the old one or the new one, whole, even if this program is killed meanwhile. Only
    /// the owner may read the file.
    ///
    /// # Errors
    ///
    /// It cannot be written; the old content is kept.
    fn replace(&self, content: &[u8]) -> io::Result<()>;
}

impl fmt::Debug for dyn TakenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TakenFile({})", self.path().display())
    }
}

/// The reason why a file cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The folder of the file does not exist.
    #[error("the folder {} does not exist", .0.display())]
    NoFolder(PathBuf),
    /// The file beside it, which is locked, cannot be written.
    #[error("{} cannot be written: {cause}", .path.display())]
    NotWritten {
        /// The path of the file beside it.
        path: PathBuf,
        /// The reason.
        cause: io::Error,
    },
    /// Another server has taken it.
    #[error("another server uses this file")]
    InUse,
    /// The machine cannot lock files there.
    #[error("the file cannot be locked: {0}")]
    NotLocked(io::Error),
    /// The path leads nowhere.
    #[error("{0}")]
    Other(io::Error),
}
