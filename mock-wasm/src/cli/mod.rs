//! The command line of the mock server for a program in JavaScript, and the server that it serves.
//!
//! Every option, sentence and exit code is that of the native binary, because `telematics-mock-cli` has them. The program in JavaScript
//! has the sockets, the files, the signals and the processes.
//!
//! | Module | Contents |
//! |---|---|
//! | [`task`] | what the command line asks for |
//! | [`server`] | a server up to its ready line, and its end |
//! | [`page`] | the answers of the static page |
//! | [`machine`] | what the program in JavaScript does for this module |
//! | [`files`] | its files |
//! | [`log`] | its log |
//! | [`signals`] | what a signal means |
//! | [`limits`] | the limits that a server keeps |
//! | [`printed`] | what a run prints at its end |

pub mod files;
pub mod limits;
pub mod log;
pub mod machine;
pub mod page;
pub mod printed;
pub mod server;
pub mod signals;
pub mod task;
