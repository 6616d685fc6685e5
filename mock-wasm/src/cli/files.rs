//! The files of the machine, by way of JavaScript.

use std::io;
use std::path::{Path, PathBuf};

use js_sys::{JsString, Reflect};
use telematics_mock_cli::files::{Existing, Files, NotTaken, TakenFile};
use wasm_bindgen::prelude::*;

use super::machine::{Machine, ask};

/// The files of the program in JavaScript.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineFiles;

impl Files for MachineFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        attempt(|machine| machine.read(&text(path))).map(|bytes| bytes.to_vec())
    }

    fn is_file(&self, path: &Path) -> bool {
        ask(|machine| machine.is_file(&text(path))).unwrap_or_default()
    }

    fn is_folder(&self, path: &Path) -> bool {
        ask(|machine| machine.is_folder(&text(path))).unwrap_or_default()
    }

    fn exists(&self, path: &Path) -> bool {
        ask(|machine| machine.exists(&text(path))).unwrap_or_default()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        attempt(|machine| machine.list(&text(folder))).map(|paths| paths.into_iter().map(PathBuf::from).collect())
    }

    fn join(&self, folder: &Path, name: &str) -> PathBuf {
        ask(|machine| machine.join(&text(folder), name)).unwrap_or_default().into()
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        attempt(|machine| machine.create_folder(&text(folder)))
    }

    fn write(&self, path: &Path, content: &[u8], existing: Existing) -> io::Result<()> {
        attempt(|machine| machine.write(&text(path), content, existing == Existing::Replaced))
    }

    fn take(&self, path: &Path) -> Result<Box<dyn TakenFile>, NotTaken> {
        let taken = ask(|machine| machine.take(&text(path))).unwrap_or(Err(JsValue::UNDEFINED));
        match taken {
            Ok(path) => Ok(Box::new(MachineFile(path.into()))),
            Err(thrown) => Err(not_taken(&thrown)),
        }
    }
}

/// A file that the program in JavaScript has taken.
struct MachineFile(PathBuf);

impl TakenFile for MachineFile {
    fn path(&self) -> &Path {
        &self.0
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        MachineFiles.read(&self.0)
    }

    fn replace(&self, content: &[u8]) -> io::Result<()> {
        attempt(|machine| machine.replace(&text(&self.0), content))
    }
}

impl Drop for MachineFile {
    fn drop(&mut self) {
        let _ = ask(|machine| machine.release(&text(&self.0)));
    }
}

/// A path as JavaScript has it.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn attempt<T>(question: impl FnOnce(&Machine) -> Result<T, JsValue>) -> io::Result<T> {
    ask(question).unwrap_or(Err(JsValue::UNDEFINED)).map_err(|thrown| io_error(&thrown))
}

fn not_taken(thrown: &JsValue) -> NotTaken {
    let path = || PathBuf::from(property(thrown, "path").unwrap_or_default());
    match property(thrown, "refused").as_deref() {
        Some("no-folder") => NotTaken::NoFolder(path()),
        Some("not-written") => NotTaken::NotWritten { path: path(), cause: io_error(thrown) },
        Some("in-use") => NotTaken::InUse,
        Some("not-locked") => NotTaken::NotLocked(io_error(thrown)),
        Some(_) | None => NotTaken::Other(io_error(thrown)),
    }
}

/// The error of a file that JavaScript has thrown.
fn io_error(thrown: &JsValue) -> io::Error {
    let kind = match property(thrown, "code").as_deref() {
        Some("ENOENT") => io::ErrorKind::NotFound,
        Some("EEXIST") => io::ErrorKind::AlreadyExists,
        Some("EACCES" | "EPERM") => io::ErrorKind::PermissionDenied,
        Some(_) | None => io::ErrorKind::Other,
    };
    io::Error::new(kind, ask(|machine| machine.describe(thrown)).unwrap_or_default())
}

fn property(thrown: &JsValue, name: &str) -> Option<String> {
    Reflect::get(thrown, &name.into()).ok()?.dyn_into::<JsString>().ok().map(String::from)
}
