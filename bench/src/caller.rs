//! The interface between the load and the requests that it sends.

use anyhow::Result;

/// A sequence of requests on one connection.
pub(crate) trait Caller {
    /// Appends the next request to `out`; `false` if there is nothing left to send.
    fn request(&mut self, out: &mut Vec<u8>) -> bool;

    /// Takes the body of an answer with status 200 or 201.
    ///
    /// # Errors
    /// If the answer is not the expected one.
    fn answer(&mut self, body: &str) -> Result<()>;
}

/// A caller of any kind.
pub(crate) type AnyCaller = Box<dyn Caller>;

impl<C: Caller + ?Sized> Caller for Box<C> {
    fn request(&mut self, out: &mut Vec<u8>) -> bool {
        (**self).request(out)
    }

    fn answer(&mut self, body: &str) -> Result<()> {
        (**self).answer(body)
    }
}
