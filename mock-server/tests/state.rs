//! The state file, and how the server stops.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod process;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use process::{Folder, Server, run, text};

const REGISTER: &str = "POST /v1/Registration/Create HTTP/1.1\r\nInstanceId: 11111111-1111-4111-8111-111111111111\r\n\
    InstanceKey: 22222222-2222-4222-8222-222222222222\r\nContent-Type: application/json\r\nContent-Length: 2";

fn registered(server: &Server) -> Option<String> {
    let mut stream = TcpStream::connect(server.address()).ok()?;
    write!(stream, "{REGISTER}\r\nHost: localhost\r\nConnection: close\r\n\r\n{{}}").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, token) = answer.split_once(r#""Token":""#)?;
    token.split('"').next().map(str::to_owned)
}

#[test]
fn the_state_survives_a_restart() {
    let folder = Folder::new("restart");
    let file = folder.path("state.json");
    let arguments = ["--state-file", &file];
    let server = Server::start(&arguments);
    let token = registered(&server).unwrap();
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
    let server = Server::start(&arguments);
    let answer = server.ask(&format!("GET /v1/Management/users HTTP/1.1\r\nAuthorization: Bearer {token}"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_server_that_is_killed_while_it_writes_always_starts_again_from_a_whole_snapshot() {
    let folder = Folder::new("killed");
    let file = folder.path("state.json");
    let arguments = ["--state-file", &file, "--state-interval-ms", "1"];
    let mut kept = 0;
    for round in 0..50_u32 {
        let mut server = Server::start(&arguments);
        // Each change is written at once, so that each round is killed at a different point.
        for _ in 0..=round % 7 {
            registered(&server).unwrap();
        }
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        if let Ok(snapshot) = std::fs::read(&file) {
            let snapshot: Value = serde_json::from_slice(&snapshot).expect("a whole snapshot");
            let users = snapshot["instances"][0]["users"].as_array().unwrap().len();
            assert!(users >= kept, "a later snapshot never has fewer users");
            kept = users;
        }
    }
    assert!(kept > 0, "something was written in fifty rounds");
}

#[test]
fn options_that_are_given_and_new_instances_of_the_configuration_beat_the_state_file() {
    let folder = Folder::new("explicit");
    let file = folder.path("state.json");
    Server::start(&["--state-file", &file, "--clock-skew", "7s"]).stop(Signal::SIGTERM);

    let config = folder.with(
        "mock.toml",
        r#"
            [[instances]]
            id = "77777777-7777-4777-8777-777777777777"
            key = "88888888-8888-4888-8888-888888888888"
            invite-code = "MINE"

            [[admins]]
            email = "me@example.com"
            password = "mine"
        "#,
    );
    let arguments = ["--state-file", &file, "--rotation", "off", "--seed", "7", "--config", &config];
    for _ in 0..2 {
        let server = Server::start(&arguments);
        let settings = server.ask("GET /__mock/settings HTTP/1.1");
        assert!(settings.contains(r#""rotation":"off""#) && settings.contains(r#""clockSkewSeconds":7"#), "{settings}");
        let mine = server.ask("GET /__mock/settings?instance=77777777-7777-4777-8777-777777777777 HTTP/1.1");
        assert!(mine.starts_with("HTTP/1.1 200"), "{mine}");
        let login = r#"{"LoginFields":{"Email":"me@example.com"},"Password":"mine"}"#;
        let head = "POST /v1/Auth/Login HTTP/1.1\r\nContent-Type: application/json";
        let login = server.ask_with_body(head, login);
        assert!(login.starts_with("HTTP/1.1 200"), "{login}");
        let (_, log) = server.stop(Signal::SIGTERM);
        assert!(log.contains("--seed has no effect before a reset"), "{log}");
    }
}

#[test]
fn the_calls_of_the_init_folder_are_made_once_for_a_state_that_continues() {
    let folder = Folder::new("init-once");
    folder.with("user.json", r#"{ "method": "POST", "path": "/__mock/users", "body": {} }"#);
    let (init, file) = (folder.path(""), folder.path("state"));
    for _ in 0..2 {
        let server = Server::start(&["--state-file", &file, "--init", &init]);
        let users = server.ask("GET /__mock/users HTTP/1.1");
        assert!(users.contains(r#""total":1"#), "{users}");
        server.stop(Signal::SIGTERM);
    }
}

#[test]
fn a_call_of_the_init_folder_that_does_not_end_is_an_error() {
    let folder = Folder::new("init-events");
    folder.with("events.json", r#"{ "method": "GET", "path": "/__mock/Events/?instance=canary" }"#);
    let output = run(&["--port", "0", "--init", &folder.path("")]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("call 1 (GET /__mock/Events/): is not a control call that ends"), "{said}");
}

#[test]
fn a_state_file_that_cannot_be_written_is_an_error_at_the_start() {
    let folder = Folder::new("unusable");
    for (path, why) in [(folder.path("no/state.json"), "does not exist"), (folder.path(""), "--state-file")] {
        let output = run(&["--port", "0", "--state-file", &path]);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
}

#[test]
fn a_server_that_cannot_write_its_state_for_the_last_time_exits_with_code_1() {
    let folder = Folder::new("gone");
    let server = Server::start(&["--state-file", &folder.path("state.json")]);
    drop(folder);
    let (code, log) = server.stop(Signal::SIGTERM);
    assert_eq!(code, Some(1));
    assert!(log.contains("the last changes are lost"), "{log}");
}

#[test]
fn two_servers_do_not_share_a_state_file() {
    let folder = Folder::new("shared");
    let file = folder.path("state.json");
    let _first = Server::start(&["--state-file", &file]);
    let second = run(&["--port", "0", "--state-file", &file]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("another server uses this file"), "{}", text(&second.stderr));
}

#[test]
fn every_signal_that_stops_the_server_writes_the_state() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        let folder = Folder::new(signal.as_str());
        let file = folder.path("state.json");
        let server = Server::start(&["--state-file", &file, "--state-interval-ms", "3600000"]);
        registered(&server).unwrap();
        assert_eq!(server.stop(signal).0, Some(0), "{signal}");
        let snapshot: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(snapshot["instances"][0]["users"].as_array().unwrap().len(), 1, "{signal}");
    }
}

#[test]
fn a_server_whose_standard_error_is_closed_goes_on_and_writes_its_state() {
    let folder = Folder::new("stderr");
    let file = folder.path("state.json");
    let mut server = Server::start(&["--state-file", &file, "--log", "trace"]);
    drop(server.child.stderr.take());
    registered(&server).unwrap();
    kill(Pid::from_raw(server.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let snapshot: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(snapshot["instances"][0]["users"].as_array().unwrap().len(), 1);
}

#[test]
fn a_server_whose_standard_error_nobody_reads_goes_on() {
    let server = Server::start(&["--log", "trace"]);
    for _ in 0..300 {
        assert!(registered(&server).is_some());
    }
    kill(Pid::from_raw(server.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let mut server = Server::start(&[]);
    let fault = r#"{"match":{"path":"/v1/Management/users"},"then":{"dribbleMs":600000}}"#;
    server.ask_with_body("POST /__mock/faults HTTP/1.1\r\nContent-Type: application/json", fault);
    let mut slow = TcpStream::connect(server.address()).unwrap();
    write!(slow, "GET /v1/Management/users HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    slow.read_exact(&mut [0; 12]).unwrap();
    let process = Pid::from_raw(server.child.id().try_into().unwrap());
    // Signals that arrive at the same time count as one.
    while server.child.try_wait().unwrap().is_none() {
        kill(process, Signal::SIGINT).unwrap();
        std::thread::yield_now();
    }
    let (code, log) = server.ended();
    assert_eq!(code, Some(0));
    assert!(log.contains("stopped by a second SIGINT") && !log.contains("did not finish"), "{log}");
}
