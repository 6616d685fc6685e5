//! The state file: what there was when the server stopped is there again when it starts.
//!
//! A snapshot is written beside the file and renamed into its place, so that whoever reads finds a whole one, whenever the
//! writer is killed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info};

use crate::service::{Snapshot, UserService};

/// A file that holds the state of a server.
#[derive(Clone, Debug)]
pub struct StateFile {
    path: PathBuf,
}

/// Why a state file cannot be used: a sentence that names the file.
#[derive(Debug, thiserror::Error)]
#[error("--state-file {path}: {why}")]
pub struct StateFileError {
    path: String,
    why: String,
}

impl StateFile {
    /// The file of that path, which need not exist.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    fn error(&self, why: impl ToString) -> StateFileError {
        StateFileError { path: self.path.display().to_string(), why: why.to_string() }
    }

    /// Puts what the file holds into a service; `false` where there is no file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds no snapshot.
    pub fn load(&self, service: &UserService) -> Result<bool, StateFileError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.error(error)),
        };
        // The message of serde_json may quote what it met, and that may be a secret.
        let snapshot: Snapshot = serde_json::from_slice(&text)
            .map_err(|error| self.error(format!("no snapshot of this server, line {}", error.line())))?;
        service.restore(None, snapshot).map_err(|error| self.error(error))?;
        Ok(true)
    }

    /// Writes the state of a service.
    ///
    /// # Errors
    ///
    /// The file cannot be written; the one before is still there.
    pub fn save(&self, service: &UserService) -> Result<(), StateFileError> {
        let Some(snapshot) = service.snapshot(None) else { return Ok(()) };
        self.write(&snapshot).map_err(|error| self.error(error))
    }

    fn write(&self, snapshot: &Snapshot) -> io::Result<()> {
        let text = serde_json::to_vec(snapshot).map_err(io::Error::other)?;
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = self.path.with_file_name(name);
        // It holds every secret of the server, so nobody else may read it.
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        // The rename itself is on the disk only when the folder is.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    /// Writes the state every few seconds when something has changed, for as long as it is polled.
    pub async fn keep(self, service: Arc<UserService>, every: Duration) {
        let mut written = service.revision();
        loop {
            tokio::time::sleep(every).await;
            let revision = service.revision();
            if revision == written {
                continue;
            }
            let (file, of) = (self.clone(), Arc::clone(&service));
            match tokio::task::spawn_blocking(move || file.save(&of)).await {
                Ok(Ok(())) => written = revision,
                Ok(Err(error)) => error!(%error, "the state could not be written; the next try follows"),
                Err(error) => error!(%error, "writing the state ended early"),
            }
        }
    }

    /// Writes the state for the last time.
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
    use crate::service::clock::MachineTime;
    use crate::service::instances::{DEMO_INSTANCE, DEMO_KEY};
    use crate::service::random::Seed;
    use crate::service::{InstanceHeaders, Settings, Start};

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
            StateFile::at(self.0.join("state.json"))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn register(service: &UserService) -> String {
        let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()), request: 0 };
        service.register(&headers, RegisterRequest::default()).unwrap().device_token.unwrap()
    }

    #[test]
    fn a_restored_server_goes_on_as_the_original_would_have() {
        let folder = Folder::new("goes-on");
        let (original, restored) = (service(1), service(2));
        register(&original);
        folder.file().save(&original).unwrap();
        assert!(folder.file().load(&restored).unwrap());
        assert_eq!(register(&original), register(&restored));
    }

    #[test]
    fn without_a_file_there_is_nothing_to_load() {
        assert!(!Folder::new("nothing").file().load(&service(1)).unwrap());
    }

    #[test]
    fn a_file_that_holds_something_else_is_an_error_that_names_it_and_shows_nothing_of_it() {
        let folder = Folder::new("else");
        for text in ["{\"canary\":1}", "canary", "{\"version\":\"canary\"}", ""] {
            fs::write(folder.0.join("state.json"), text).unwrap();
            let error = folder.file().load(&service(1)).unwrap_err().to_string();
            assert!(error.contains("state.json") && !error.contains("canary"), "{error}");
        }
    }
}
