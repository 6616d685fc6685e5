//! The storage that all tabs share.

use telematics_user_client::engine::ports::Storage;
use telematics_user_client::engine::shared::Shared;
use telematics_user_client::error::{Error, ErrorCode};

use super::World;

impl World {
    pub fn stored(&self) -> Option<String> {
        self.run();
        self.0.shared.stored.borrow().clone()
    }

    pub fn store(&self, text: &str) {
        *self.0.shared.stored.borrow_mut() = Some(text.to_owned());
    }

    pub fn set_storage_fails(&self, fails: bool) {
        self.0.shared.storage_fails.set(fails);
    }

    /// Saving fails; reading and removing still work.
    pub fn set_storage_full(&self, full: bool) {
        self.0.shared.storage_full.set(full);
    }

    /// From now on the storage waits for the gate. It answers with the value that it has when it is asked.
    pub fn set_storage_gate(&self, gate: Option<&Shared<()>>) {
        *self.0.shared.storage_gate.borrow_mut() = gate.cloned();
    }

    async fn storage(&self) -> Result<(), Error> {
        let gate = self.0.shared.storage_gate.borrow().clone();
        if let Some(gate) = gate {
            gate.wait().await;
        }
        if self.0.shared.storage_fails.get() { Err(Error::new(ErrorCode::Storage, "full")) } else { Ok(()) }
    }
}

impl Storage for World {
    async fn load(&self, _key: &str) -> Result<Option<String>, Error> {
        let stored = self.0.shared.stored.borrow().clone();
        self.storage().await?;
        Ok(stored)
    }

    async fn save(&self, _key: &str, value: &str) -> Result<(), Error> {
        self.storage().await?;
        if self.0.shared.storage_full.get() {
            return Err(Error::new(ErrorCode::Storage, "full"));
        }
        self.store(value);
        Ok(())
    }

    async fn remove(&self, _key: &str) -> Result<(), Error> {
        self.storage().await?;
        *self.0.shared.stored.borrow_mut() = None;
        Ok(())
    }
}
