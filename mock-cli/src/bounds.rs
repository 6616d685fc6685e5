//! The bounds of the server, for `--help`.

use telematics_mock_core::control::barriers::{MAX_PARTIES, MAX_TIMEOUT};
use telematics_mock_core::control::faults::MAX_MILLISECONDS;
use telematics_mock_core::control::journal::{DEFAULT_SIZE, MAX_BODY_BYTES};
use telematics_mock_core::control::{MAX_ITEMS, MAX_WAITING};
use telematics_mock_core::http::{DRAIN, MAX_CALL_BYTES, MAX_UPLOAD_BYTES, TimeLimits};
use telematics_mock_core::service::applications::MAX_APPLICATIONS;
use telematics_mock_core::service::family::REMEMBERED_GENERATIONS;
use telematics_mock_core::service::instances::MAX_INSTANCES;
use telematics_mock_core::service::lockout::MAX_ORIGINS;
use telematics_mock_core::service::outbox::KEPT_MESSAGES;
use telematics_mock_core::service::pictures::MAX_PICTURE_BYTES;

/// The bounds, as a chapter of the help.
pub fn chapter() -> String {
    let TimeLimits { head, body_pause, body, idle } = TimeLimits::default();
    let mebibytes = |bytes: usize| bytes >> 20;
    let rows = [
        (
            "body of a call",
            format!("{} MiB, of an upload {} MiB", mebibytes(MAX_CALL_BYTES), mebibytes(MAX_UPLOAD_BYTES)),
        ),
        ("journal", format!("{DEFAULT_SIZE} requests of each instance, bodies up to {} KiB", MAX_BODY_BYTES >> 10)),
        ("outbox", format!("{KEPT_MESSAGES} messages of each instance")),
        ("refresh tokens", format!("{REMEMBERED_GENERATIONS} earlier generations of each user are remembered")),
        ("instances", format!("{MAX_INSTANCES}, in {MAX_APPLICATIONS} applications")),
        ("pictures", format!("{} MiB in all", mebibytes(MAX_PICTURE_BYTES))),
        ("lockout", format!("{MAX_ORIGINS} addresses are remembered")),
        ("faults", format!("{MAX_ITEMS}, with delays of up to {} s", MAX_MILLISECONDS / 1000)),
        ("barriers", format!("{MAX_ITEMS}, each for {MAX_PARTIES} requests and {} s", MAX_TIMEOUT.as_secs())),
        ("waiting calls", format!("{MAX_WAITING} calls of the control API that wait for requests")),
        ("head of a request", format!("{} s, then 408", head.as_secs())),
        ("slow body", format!("{} s without a byte or {} s in all, then 408", body_pause.as_secs(), body.as_secs())),
        ("idle connection", format!("{} s, then it is closed", idle.as_secs())),
        ("stop", format!("{} s for open connections; a second signal ends the server at once", DRAIN.as_secs())),
    ];
    let lines = rows.map(|(name, bound)| format!("  {name:<18} {bound}\n"));
    format!("Bounds:\n{}", lines.concat())
}
