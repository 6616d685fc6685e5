//! The files of this machine.
//!
//! A file that is taken is written beside its place and then renamed over it, so that a reader finds a complete file even if the writer
//! is killed. A lock file beside it keeps a second server away.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use telematics_mock_cli::files::{Existing, Files, NotTaken, TakenFile};

/// The files of this machine, below the working directory of this process if a path is relative.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineFiles;

impl Files for MachineFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn exists(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    }

    fn join(&self, folder: &Path, name: &str) -> PathBuf {
        folder.join(name)
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn write(&self, path: &Path, content: &[u8], existing: Existing) -> io::Result<()> {
        let replaces = existing == Existing::Replaced;
        let mut options = OpenOptions::new();
        options.write(true).create(replaces).truncate(replaces).create_new(!replaces);
        options.open(path)?.write_all(content)
    }

    fn take(&self, path: &Path) -> Result<Box<dyn TakenFile>, NotTaken> {
        let path = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(cause) => return Err(NotTaken::Other(cause)),
        };
        let folder = folder(&path);
        if !folder.is_dir() {
            return Err(NotTaken::NoFolder(folder.to_owned()));
        }
        let lock_path = beside(&path, ".lock");
        let lock = match private_file(OpenOptions::new().write(true).create(true).truncate(false), &lock_path) {
            Ok(lock) => lock,
            Err(cause) => return Err(NotTaken::NotWritten { path: lock_path, cause }),
        };
        match lock.try_lock() {
            Ok(()) => Ok(Box::new(LockedFile { path, _lock: lock })),
            Err(TryLockError::WouldBlock) => Err(NotTaken::InUse),
            Err(TryLockError::Error(cause)) => Err(NotTaken::NotLocked(cause)),
        }
    }
}

/// A file whose lock file this process has locked.
struct LockedFile {
    path: PathBuf,
    _lock: File,
}

impl TakenFile for LockedFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }

    fn replace(&self, content: &[u8]) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        // What a killed server has left there; if it is a link, the file that it leads to stays as it is.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = private_file(OpenOptions::new().write(true).create_new(true), &new)?;
        let written = file.write_all(content).and_then(|()| file.sync_all());
        drop(file);
        if let Err(error) = written.and_then(|()| fs::rename(&new, &self.path)) {
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        sync_folder(folder(&self.path))
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

#[cfg(test)]
mod tests {
    use telematics_contract::registration::RegisterRequest;
    use telematics_mock::runtime::MachineTime;
    use telematics_mock_cli::state_file::StateFile;
    use telematics_mock_core::service::instances::{DEMO_INSTANCE, DEMO_KEY};
    use telematics_mock_core::service::random::Seed;
    use telematics_mock_core::service::{InstanceHeaders, Settings, Start, UserService};

    use super::*;

    fn service(seed: u64) -> UserService {
        UserService::new(Start {
            settings: Settings::default(),
            seed: Seed::from_number(seed),
            time: Box::new(MachineTime),
            clock: None,
        })
    }

    fn register(service: &UserService) -> String {
        let headers = InstanceHeaders { id: Some(DEMO_INSTANCE.to_string()), key: Some(DEMO_KEY.expose()) };
        service.register(&headers, RegisterRequest::default(), None).unwrap().device_token.unwrap()
    }

    fn open(path: &Path) -> Result<StateFile, String> {
        StateFile::open(&MachineFiles, path).map_err(|error| error.to_string())
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
            open(&self.path()).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
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
        let error = open(&folder.0.join("no").join("state.json")).unwrap_err();
        assert!(error.starts_with("--state-file ") && error.ends_with(" does not exist"), "{error}");
    }

    #[test]
    fn a_second_server_may_not_use_the_file_until_the_first_has_ended() {
        let folder = Folder::new("two");
        let first = folder.file();
        let error = open(&folder.path()).unwrap_err();
        assert!(error.ends_with("another server uses this file"), "{error}");
        drop(first);
        assert!(open(&folder.path()).is_ok());
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
        assert!(open(&target).unwrap().load(&restored).unwrap());
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
