//! The state file: the state at the last stop of the server is its state at the next start.
//!
//! A snapshot is written beside the file and then renamed over it, so that a reader finds a complete file even if the writer
//! is killed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
}

/// A state file that cannot be used: a sentence that names the file.
#[derive(Debug, thiserror::Error)]
#[error("--state-file {path}: {why}")]
pub struct StateFileError {
    path: String,
    why: String,
}

impl StateFile {
    /// A state file at this path. It need not exist.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, save: Arc::default() }
    }

    fn error(&self, why: impl ToString) -> StateFileError {
        StateFileError { path: self.path.display().to_string(), why: why.to_string() }
    }

    /// The folder of the file.
    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Checks that the folder of the file exists, so that a wrong path is an error at the start and not at the first save.
    fn check_folder(&self) -> Result<(), StateFileError> {
        let folder = self.folder();
        if folder.is_dir() {
            Ok(())
        } else {
            Err(self.error(format!("the folder {} does not exist", folder.display())))
        }
    }

    /// Restores the state of the file into a service; returns `false` if the file does not exist.
    ///
    /// # Errors
    ///
    /// The file cannot be read, does not contain a snapshot, or its folder does not exist.
    pub fn load(&self, service: &UserService) -> Result<bool, StateFileError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return self.check_folder().map(|()| false),
            Err(error) => return Err(self.error(error)),
        };
        // A message of serde_json may quote a value, and the value may be a secret.
        let snapshot: Snapshot = serde_json::from_slice(&text)
            .map_err(|error| self.error(format!("line {} is not part of a snapshot of this server", error.line())))?;
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
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = self.path.with_file_name(name);
        // It contains every secret of the server, so that only its owner may read it.
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        // The rename is durable once the folder is written.
        File::open(self.folder())?.sync_all()
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
    pub fn finish(&self, service: &UserService) {
        match self.save(service) {
            Ok(()) => info!(file = %self.path.display(), "the state is written"),
            Err(error) => error!(%error, "the state could not be written"),
        }
    }
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

        fn file(&self) -> StateFile {
            StateFile::new(self.0.join("state.json"))
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
        folder.file().save(&original).unwrap();
        assert!(folder.file().load(&restored).unwrap());
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
        let file = StateFile::new(folder.0.join("no").join("state.json"));
        let error = file.load(&service(1)).unwrap_err().to_string();
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
}
