//! The state file: the state at the last stop of the server is its state at the next start.
//!
//! A snapshot is written beside the file and then renamed over it, so that a reader finds a complete file even if the writer
//! is killed. A lock file beside it keeps a second server away.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use telematics_mock_core::mock::Mock;
use telematics_mock_core::service::{Scope, Snapshot, UserService};
use tracing::{error, info};

/// A file that keeps the state of a server.
#[derive(Clone, Debug)]
pub struct StateFile {
    path: PathBuf,
    /// Held while a snapshot is taken and written, by every clone: two writers would use the same file beside it, and an older
    /// snapshot could replace a newer one.
    save: Arc<Mutex<()>>,
    /// Locked for as long as this server runs.
    _lock: Arc<File>,
}

/// A state file that cannot be used: a sentence that names the file.
#[derive(Debug, thiserror::Error)]
#[error("--state-file {path}: {why}")]
pub struct StateFileError {
    path: String,
    why: String,
}

impl StateFile {
    /// Takes the file at this path for this server. The file need not exist. A link leads to the file that is read and replaced.
    ///
    /// # Errors
    ///
    /// The folder of the file does not exist, cannot be written, or another server uses the file.
    pub fn open(path: &Path) -> Result<Self, StateFileError> {
        let error = |why: String| StateFileError { path: path.display().to_string(), why };
        let path = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(cause) => return Err(error(cause.to_string())),
        };
        let folder = folder(&path);
        if !folder.is_dir() {
            return Err(error(format!("the folder {} does not exist", folder.display())));
        }
        let lock_path = beside(&path, ".lock");
        let lock = private_file(OpenOptions::new().write(true).create(true).truncate(false), &lock_path)
            .map_err(|cause| error(format!("{} cannot be written: {cause}", lock_path.display())))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, save: Arc::default(), _lock: Arc::new(lock) }),
            Err(TryLockError::WouldBlock) => Err(error("another server uses this file".to_owned())),
            Err(TryLockError::Error(cause)) => Err(error(format!("the file cannot be locked: {cause}"))),
        }
    }

    fn error(&self, why: impl ToString) -> StateFileError {
        StateFileError { path: self.path.display().to_string(), why: why.to_string() }
    }

    /// Restores the state of the file into a service; returns `false` if the file does not exist.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not contain a snapshot of this version.
    pub fn load(&self, service: &UserService) -> Result<bool, StateFileError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.error(error)),
        };
        // A message of serde_json may quote a value, and the value may be a secret.
        let snapshot: Snapshot = serde_json::from_slice(&text).map_err(|error| match other_version(&text) {
            Some(version) => self.error(format!("version {version} of the snapshot cannot be read by this server")),
            None => self.error(format!("line {} is not part of a snapshot of this server", error.line())),
        })?;
        service.restore(Scope::Server, snapshot).map_err(|error| self.error(error))?;
        Ok(true)
    }

    /// Writes the state of a service, after any save that is in progress.
    ///
    /// # Errors
    ///
    /// The file cannot be written; the previous file is kept.
    pub fn save(&self, service: &UserService) -> Result<(), StateFileError> {
        let _one_at_a_time = self.save.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = service.snapshot(Scope::Server).map_err(|error| self.error(error))?;
        self.write(&snapshot).map_err(|error| self.error(error))
    }

    fn write(&self, snapshot: &Snapshot) -> io::Result<()> {
        let text = serde_json::to_vec(snapshot).map_err(io::Error::other)?;
        let new = beside(&self.path, ".new");
        // What a killed server has left there; if it is a link, the file that it leads to stays as it is.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        // It contains every secret of the server.
        let mut file = private_file(OpenOptions::new().write(true).create_new(true), &new)?;
        let written = file.write_all(&text).and_then(|()| file.sync_all());
        drop(file);
        if let Err(error) = written.and_then(|()| fs::rename(&new, &self.path)) {
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        sync_folder(folder(&self.path))
    }

    /// Writes the state after each interval in which it has changed, until the future is dropped.
    pub async fn keep(self, mock: Arc<Mock>, interval: Duration) {
        let mut written = mock.service.revision();
        loop {
            tokio::time::sleep(interval).await;
            let revision = mock.service.revision();
            if revision == written {
                continue;
            }
            let (file, mock) = (self.clone(), Arc::clone(&mock));
            match tokio::task::spawn_blocking(move || file.save(&mock.service)).await {
                Ok(Ok(())) => written = revision,
                Ok(Err(error)) => error!(%error, "the state could not be written; the server will try again"),
                Err(error) => error!(%error, "writing the state ended early"),
            }
        }
    }

    /// Writes the state for the last time. Waits for a save that [`StateFile::keep`] has started, even if that future is dropped.
    ///
    /// # Errors
    ///
    /// The file cannot be written; what has changed since the last save is lost.
    pub fn finish(&self, service: &UserService) -> Result<(), StateFileError> {
        self.save(service)?;
        info!(file = %self.path.display(), "the state is written");
        Ok(())
    }
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path of a file beside another one: the same name with an ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Opens a file that only its owner may read.
#[cfg(unix)]
fn private_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600).open(path)
}

/// Opens a file. On Windows it has the access rights of its folder.
#[cfg(not(unix))]
fn private_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

/// Makes a rename durable: it is once the folder is written.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows has no way to write a folder.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The version of a document that is a snapshot of another version.
fn other_version(text: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version } = serde_json::from_slice(text).ok()?;
    (version != Snapshot::VERSION).then_some(version)
}

#[cfg(test)]
mod tests {
    use telematics_contract::registration::RegisterRequest;

    use super::*;
    use telematics_mock::runtime::MachineTime;
    use telematics_mock_core::service::instances::{DEMO_INSTANCE, DEMO_KEY};
    use telematics_mock_core::service::random::Seed;
    use telematics_mock_core::service::{InstanceHeaders, Settings, Start};

    fn service(seed: u64) -> UserService {
        UserService::new(Start {
            settings: Settings::default(),
            seed: Seed::from_number(seed),
            time: Box::new(MachineTime),
            clock: None,
        })
    }

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("telematics-state-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn path(&self) -> PathBuf {
            self.0.join("state.json")
        }

        fn file(&self) -> StateFile {
            StateFile::open(&self.path()).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn register(service: &UserService) -> String {
        let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()) };
        service.register(&headers, RegisterRequest::default(), None).unwrap().device_token.unwrap()
    }

    #[test]
    fn a_restored_server_continues_like_the_original() {
        let folder = Folder::new("goes-on");
        let (original, restored) = (service(1), service(2));
        register(&original);
        let file = folder.file();
        file.save(&original).unwrap();
        assert!(file.load(&restored).unwrap());
        assert_eq!(register(&original), register(&restored));
    }

    #[test]
    fn simultaneous_saves_leave_a_complete_file_that_a_reader_can_load_at_any_time() {
        let folder = Folder::new("simultaneous");
        let (file, original) = (folder.file(), service(1));
        file.save(&original).unwrap();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..20 {
                        register(&original);
                        file.clone().save(&original).unwrap();
                    }
                });
            }
            threads.spawn(|| {
                let restored = service(2);
                for _ in 0..20 {
                    assert!(file.load(&restored).unwrap());
                }
            });
        });
        let restored = service(2);
        assert!(file.load(&restored).unwrap());
        assert_eq!(register(&original), register(&restored), "the last save has the newest state");
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error_at_the_start() {
        let folder = Folder::new("missing");
        let error = StateFile::open(&folder.0.join("no").join("state.json")).unwrap_err().to_string();
        assert!(error.starts_with("--state-file ") && error.ends_with(" does not exist"), "{error}");
    }

    #[test]
    fn without_a_file_nothing_is_loaded() {
        assert!(!Folder::new("nothing").file().load(&service(1)).unwrap());
    }

    #[test]
    fn a_file_that_is_not_a_snapshot_is_an_error_that_names_it_and_quotes_nothing() {
        let folder = Folder::new("else");
        for text in ["{\"canary\":1}", "canary", "{\"version\":\"canary\"}", ""] {
            fs::write(folder.0.join("state.json"), text).unwrap();
            let error = folder.file().load(&service(1)).unwrap_err().to_string();
            assert!(error.contains("state.json") && !error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn the_snapshot_of_another_version_is_an_error_that_names_the_version() {
        let folder = Folder::new("version");
        fs::write(folder.path(), r#"{"version":1,"users":["canary"]}"#).unwrap();
        let error = folder.file().load(&service(1)).unwrap_err().to_string();
        assert!(error.ends_with("version 1 of the snapshot cannot be read by this server"), "{error}");
    }

    #[test]
    fn a_second_server_may_not_use_the_file_until_the_first_has_ended() {
        let folder = Folder::new("two");
        let first = folder.file();
        let error = StateFile::open(&folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("another server uses this file"), "{error}");
        drop(first);
        assert!(StateFile::open(&folder.path()).is_ok());
    }

    #[test]
    fn a_failed_save_keeps_the_file_and_leaves_nothing_beside_it() {
        let folder = Folder::new("failed");
        // A folder cannot be replaced by a file.
        fs::create_dir(folder.path()).unwrap();
        let file = folder.file();
        assert!(file.save(&service(1)).is_err());
        assert!(folder.path().is_dir() && !folder.0.join("state.json.new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_the_file_that_it_leads_to_is_written() {
        let folder = Folder::new("link");
        let target = folder.0.join("target.json");
        folder.file().save(&service(1)).unwrap();
        fs::rename(folder.path(), &target).unwrap();
        std::os::unix::fs::symlink(&target, folder.path()).unwrap();
        let original = service(1);
        register(&original);
        folder.file().save(&original).unwrap();
        assert!(fs::symlink_metadata(folder.path()).unwrap().is_symlink());
        let restored = service(2);
        assert!(StateFile::open(&target).unwrap().load(&restored).unwrap());
        assert_eq!(register(&original), register(&restored));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_beside_the_file_is_not_followed() {
        let folder = Folder::new("victim");
        let victim = folder.0.join("victim");
        fs::write(&victim, "unchanged").unwrap();
        std::os::unix::fs::symlink(&victim, folder.0.join("state.json.new")).unwrap();
        folder.file().save(&service(1)).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "unchanged");
        assert!(!fs::symlink_metadata(folder.path()).unwrap().is_symlink());
    }
}
