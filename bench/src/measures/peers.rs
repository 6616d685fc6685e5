//! Other mock servers that people use, each with one static answer to RefreshToken.

use std::ffi::OsStr;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::calls::{Prepared, refresh};
use super::comparison::{Side, compare};
use crate::calls::REFRESH;
use crate::figure::{Figure, Unit};
use crate::folders::below_target;
use crate::load::Load;
use crate::plan::Plan;
use crate::progress::say;
use crate::server::Server;

/// A server from npm.
struct Peer {
    name: &'static str,
    package: &'static str,
    version: &'static str,
    program: &'static str,
    /// Writes the server's document and adds the arguments that make it serve `body` at the address.
    configure: fn(&mut Command, folder: &Path, address: SocketAddr, body: &str) -> Result<()>,
}

const PEERS: [Peer; 2] = [
    Peer {
        name: "Prism",
        package: "@stoplight/prism-cli",
        version: "5.14.2",
        program: "prism",
        configure: configure_prism,
    },
    Peer {
        name: "Mockoon",
        package: "@mockoon/cli",
        version: "9.9.0",
        program: "mockoon-cli",
        configure: configure_mockoon,
    },
];

/// RefreshToken of the mock server over that of each peer; start and memory of each peer over the mock server's.
///
/// # Errors
/// If npm is missing or fails, or a server does not start or gives a wrong answer.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Figure>> {
    let folder = install()?;
    let mut figures = Vec::new();
    for peer in PEERS {
        let started = Instant::now();
        let mock = Server::mock(&plan.binary, &[], plan.cores)?;
        let mock_start = started.elapsed();
        let Prepared { callers, bare_callers, answer, .. } = refresh(plan, &mock)?;

        // Another process may take the port in between; then the peer does not start and the measure fails.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let mut command = Command::new(folder.join("node_modules/.bin").join(peer.program));
        (peer.configure)(&mut command, &folder, address, &answer.body)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let server = Server::foreign(command, address, plan.cores).context(peer.name)?;
        let start = started.elapsed();

        let load = Load::connect(mock.address, callers)?;
        let mut subject = Side { name: "mock", server: &mock, load, reset: false };
        let load = Load::connect(server.address, bare_callers)?;
        let mut baseline = Side { name: peer.name, server: &server, load, reset: false };
        let comparison = compare(plan, "RefreshToken", &mut subject, &mut baseline)?;

        let name = format!("{} {}", peer.name, peer.version);
        let alone =
            |property: &str, unit, value| Figure::alone("peers", format!("{property} of {name}"), unit, vec![value]);
        let megabytes = |server: &Server| Ok::<_, anyhow::Error>(server.resident_bytes()? as f64 / 1e6);
        figures.push(
            Figure::alone(
                "peers",
                format!("RefreshToken against {name} (static answer)"),
                Unit::PerSecond,
                comparison.subject,
            )
            .against(name.clone(), comparison.baseline),
        );
        figures.push(
            alone("start until connections are taken", Unit::Milliseconds, start.as_secs_f64() * 1e3)
                .against("mock", vec![mock_start.as_secs_f64() * 1e3]),
        );
        figures.push(
            alone("memory after the load", Unit::Megabytes, megabytes(&server)?)
                .against("mock", vec![megabytes(&mock)?]),
        );
    }
    Ok(figures)
}

/// Installs the peers below cargo's target folder, unless they are there.
fn install() -> Result<PathBuf> {
    let folder = below_target("peers")?;
    let wanted: Vec<String> = PEERS.iter().map(|peer| format!("{}@{}", peer.package, peer.version)).collect();
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted.join("\n")) {
        return Ok(folder);
    }
    say(&format!("  installing {} with npm, once", wanted.join(" and ")));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), "{\"private\":true}\n")?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).args(&wanted).current_dir(&folder);
    if !npm.stdin(Stdio::null()).stdout(Stdio::null()).status().context("npm could not be started")?.success() {
        bail!("npm could not install {}", wanted.join(" and "));
    }
    fs::write(stamp, wanted.join("\n"))?;
    Ok(folder)
}

fn configure_prism(command: &mut Command, folder: &Path, address: SocketAddr, body: &str) -> Result<()> {
    let example: serde_json::Value = serde_json::from_str(body)?;
    let content = |value| json!({ "application/json": value });
    let object = json!({ "schema": { "type": "object" } });
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "RefreshToken", "version": "1" },
        "paths": { REFRESH: { "post": {
            "requestBody": { "content": content(object) },
            "responses": { "200": {
                "description": "a pair",
                "content": content(json!({ "schema": { "type": "object" }, "example": example })),
            } },
        } } },
    });
    let path = folder.join("refresh.openapi.json");
    fs::write(&path, document.to_string())?;
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let words = ["mock", "--host", &host, "--port", &port, "--verboseLevel", "error"];
    command.args(words).arg(path);
    Ok(())
}

fn configure_mockoon(command: &mut Command, folder: &Path, address: SocketAddr, body: &str) -> Result<()> {
    let route = "22222222-2222-4222-8222-222222222222";
    let document = json!({
        "uuid": "11111111-1111-4111-8111-111111111111",
        "lastMigration": 33,
        "name": "RefreshToken",
        "port": address.port(),
        "hostname": address.ip().to_string(),
        "routes": [{
            "uuid": route,
            "type": "http",
            "method": "post",
            "endpoint": REFRESH.trim_start_matches('/'),
            "responses": [{
                "uuid": "33333333-3333-4333-8333-333333333333",
                "body": body,
                "statusCode": 200,
                "headers": [{ "key": "Content-Type", "value": "application/json" }],
                "bodyType": "INLINE",
                "disableTemplating": true,
                "default": true,
            }],
        }],
        "rootChildren": [{ "type": "route", "uuid": route }],
    });
    let path = folder.join("refresh.mockoon.json");
    fs::write(&path, document.to_string())?;
    command
        .args(["start", "--repair", "--disable-log-to-file", "--disable-admin-api", "--data"].map(OsStr::new))
        .arg(path);
    Ok(())
}
