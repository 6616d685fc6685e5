//! The state file: the state at the last stop of the server is its state at the next start.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use telematics_mock_core::mock::Mock;
use telematics_mock_core::service::{Scope, Snapshot, UserService};
use tracing::{error, info};

use crate::files::{Files, TakenFile};

/// A file that keeps the state of a server.
#[derive(Clone, Debug)]
pub struct StateFile {
    file: Arc<dyn TakenFile>,
    /// Held while a snapshot is taken and written, by every clone: an older snapshot could replace a newer one.
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
    /// Takes the file at this path for this server. The file need not exist.
    ///
    /// # Errors
    ///
    /// The folder of the file does not exist, cannot be written, or another server uses the file.
    pub fn open(files: &dyn Files, path: &Path) -> Result<Self, StateFileError> {
        let error = |why: String| StateFileError { path: path.display().to_string(), why };
        let file = files.take(path).map_err(|not_taken| error(not_taken.to_string()))?;
        Ok(Self { file: file.into(), save: Arc::default() })
    }

    fn error(&self, why: impl ToString) -> StateFileError {
        StateFileError { path: self.file.path().display().to_string(), why: why.to_string() }
    }

    /// Restores the state of the file into a service; returns `false` if the file does not exist.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not contain a snapshot of this version.
    pub fn load(&self, service: &UserService) -> Result<bool, StateFileError> {
        let text = match self.file.read() {
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
        // It contains every secret of the server.
        let text = serde_json::to_vec(&snapshot).map_err(|error| self.error(error))?;
        self.file.replace(&text).map_err(|error| self.error(error))
    }

    /// Writes the state after each interval in which it has changed, until the future is dropped. The file has the state of the revision
    /// `written`.
    pub async fn keep(self, mock: Arc<Mock>, mut written: u64, interval: Duration) {
        loop {
            mock.runtime.sleep(interval).await;
            let revision = mock.service.revision();
            if revision == written {
                continue;
            }
            let (file, saved) = (self.clone(), Arc::clone(&mock));
            match mock.runtime.run(move || file.save(&saved.service)).await {
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
        info!(file = %self.file.path().display(), "the state is written");
        Ok(())
    }
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
    use telematics_mock_core::service::clock::FixedTime;
    use telematics_mock_core::service::instances::{DEMO_INSTANCE, DEMO_KEY};
    use telematics_mock_core::service::random::Seed;
    use telematics_mock_core::service::time::Timestamp;
    use telematics_mock_core::service::{InstanceHeaders, Settings, Start};

    use super::*;
    use crate::memory::MemoryFiles;

    const FILE: &str = "state.json";

    fn service(seed: u64) -> UserService {
        UserService::new(Start {
            settings: Settings::default(),
            seed: Seed::from_number(seed),
            time: Box::new(FixedTime(Timestamp::EPOCH)),
            clock: None,
        })
    }

    fn open(files: &MemoryFiles) -> StateFile {
        StateFile::open(files, Path::new(FILE)).unwrap()
    }

    fn register(service: &UserService) -> String {
        let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()) };
        service.register(&headers, RegisterRequest::default(), None).unwrap().device_token.unwrap()
    }

    #[test]
    fn a_restored_server_continues_like_the_original() {
        let (original, restored) = (service(1), service(2));
        register(&original);
        let file = open(&MemoryFiles::default());
        file.save(&original).unwrap();
        assert!(file.load(&restored).unwrap());
        assert_eq!(register(&original), register(&restored));
    }

    #[test]
    fn without_a_file_nothing_is_loaded() {
        assert!(!open(&MemoryFiles::default()).load(&service(1)).unwrap());
    }

    #[test]
    fn a_file_that_is_not_a_snapshot_is_an_error_that_names_it_and_quotes_nothing() {
        for text in ["{\"canary\":1}", "canary", "{\"version\":\"canary\"}", ""] {
            let error = open(&MemoryFiles::with(FILE, text)).load(&service(1)).unwrap_err().to_string();
            assert!(error.contains(FILE) && !error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn the_snapshot_of_another_version_is_an_error_that_names_the_version() {
        let files = MemoryFiles::with(FILE, r#"{"version":1,"users":["canary"]}"#);
        let error = open(&files).load(&service(1)).unwrap_err().to_string();
        assert!(error.ends_with("version 1 of the snapshot cannot be read by this server"), "{error}");
    }

    #[test]
    fn a_second_server_may_not_use_the_file_until_the_first_has_ended() {
        let files = MemoryFiles::default();
        let first = open(&files);
        let error = StateFile::open(&files, Path::new(FILE)).unwrap_err().to_string();
        assert_eq!(error, "--state-file state.json: another server uses this file");
        drop(first);
        assert!(StateFile::open(&files, Path::new(FILE)).is_ok());
    }
}
