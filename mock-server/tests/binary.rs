//! The binary as a person or a script uses it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod process;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use nix::sys::signal::Signal;
use serde_json::Value;

use process::{Folder, Server, binary, run, text};

#[test]
fn the_ready_line_names_the_port_that_was_taken_and_the_server_answers_there() {
    let server = Server::start(&[]);
    assert!(!server.address().ends_with(":0"));
    assert!(server.ask("GET /__mock/health HTTP/1.1").ends_with(r#"{"status":"ok","version":"0.1.0"}"#));
}

#[test]
fn the_ready_line_is_all_there_is_on_standard_output() {
    let mut server = Server::start(&["--log", "trace"]);
    server.ask("GET /v1/Management/users HTTP/1.1");
    let mut stdout = server.child.stdout.take().unwrap();
    let (code, log) = server.stop(Signal::SIGTERM);
    assert_eq!(code, Some(0));
    assert!(log.contains("telematics_mock"), "the log goes to standard error: {log}");
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn sigint_and_sigterm_end_the_server_with_exit_code_0() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let server = Server::start(&[]);
        // A connection that is kept alive, but idle, does not hold the server up.
        let _idle = TcpStream::connect(server.address()).unwrap();
        server.ask("GET /__mock/health HTTP/1.1");
        assert_eq!(server.stop(signal).0, Some(0), "{signal}");
    }
}

#[test]
fn somebody_who_listens_to_events_does_not_hold_the_end_up() {
    let server = Server::start(&[]);
    let mut listener = TcpStream::connect(server.address()).unwrap();
    write!(listener, "GET /__mock/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut head = [0; 15];
    listener.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let (code, log) = server.stop(Signal::SIGTERM);
    assert_eq!(code, Some(0));
    assert!(!log.contains("did not finish"), "{log}");
}

#[test]
fn a_taken_port_is_one_clear_sentence_and_exit_code_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["--port", &port]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "");
    let sentence = format!(
        "telematics-mock: port {port} of 127.0.0.1 is in use; choose another port with --port, or a free one with --port 0\n"
    );
    assert_eq!(text(&output.stderr), sentence);
}

#[test]
fn the_ready_line_for_people_names_the_address_and_the_credentials() {
    let mut child = binary().args(["--port", "0"]).spawn().unwrap();
    let lines: Vec<String> =
        BufReader::new(child.stdout.as_mut().unwrap()).lines().take(4).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines[0].starts_with("telematics-mock 0.1.0 listening on http://127.0.0.1:"), "{lines:?}");
    assert!(lines[3].contains("11111111-1111-4111-8111-111111111111"), "{lines:?}");
}

#[test]
fn help_shows_an_option_with_its_default_and_its_environment_variable() {
    let help = text(&run(&["--help"]).stdout);
    assert!(help.contains("--port <PORT>"), "{help}");
    assert!(help.contains("Bounds:\n") && help.contains("10000 requests of each instance"), "{help}");
    assert!(help.contains("[default: 4600]") && help.contains("TELEMATICS_MOCK_PORT"), "{help}");
}

#[test]
fn a_wrong_option_says_what_is_wrong() {
    let output = run(&["--access-token-ttl", "soon"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'soon' is not a valid duration; write it like 2s, 15m, 5d or P1DT2H"));
    let output = run(&["--port", "0", "--page", "/nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "telematics-mock: --page '/nowhere' is not a folder\n");
}

#[test]
fn beyond_loopback_the_server_refuses_to_start_without_a_control_token() {
    let output = run(&["--host", "0.0.0.0", "--port", "0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("add --control-token, or --allow-host"));
}

#[test]
fn instances_admins_and_users_may_stand_in_the_configuration_file() {
    let path = std::env::temp_dir().join(format!("telematics-mock-binary-{}.toml", std::process::id()));
    let file = r#"
        [[instances]]
        id = "77777777-7777-4777-8777-777777777777"
        key = "88888888-8888-4888-8888-888888888888"
        invite-code = "MINE"
        products = ["UBI"]

        [[admins]]
        email = "me@example.com"
        password = "mine"
        instances = ["77777777-7777-4777-8777-777777777777"]

        [[users]]
        invite-code = "MINE"
        device-token = "99999999-9999-4999-8999-999999999999"
        email = "ada@example.com"
        password = "pass"
    "#;
    std::fs::write(&path, file).unwrap();
    let server = Server::start(&["--config", path.to_str().unwrap()]);
    let exists = server.ask(
        "GET /v1/Check/UserExists?Email=ADA@example.com HTTP/1.1\r\nInstanceId: 77777777-7777-4777-8777-777777777777\r\n\
         InstanceKey: 88888888-8888-4888-8888-888888888888",
    );
    assert!(exists.contains(r#""UserExists":true"#), "{exists}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn users_in_chosen_states_come_from_the_configuration_file_and_from_a_file_of_their_own() {
    let folder = std::env::temp_dir();
    let config = folder.join(format!("telematics-mock-states-{}.toml", std::process::id()));
    let users = folder.join(format!("telematics-mock-states-{}.csv", std::process::id()));
    let file = r#"
        [[users]]
        invite-code = "DEMO01"
        first-name = "Ada"
        state = "deactivated"
        access-token = { expires-in = "15m" }
        refresh-token = "revoked"
    "#;
    std::fs::write(&config, file).unwrap();
    std::fs::write(&users, "email,refreshToken,inviteCode\nbob@example.com,used,UBI001\neve@example.com,,\n").unwrap();
    let (config_path, users_path) = (config.to_str().unwrap(), users.to_str().unwrap());
    let server = Server::start(&["--config", config_path, "--users", users_path]);
    let listed = server.ask("GET /__mock/users HTTP/1.1");
    let (_, body) = listed.split_once("\r\n\r\n").unwrap();
    let page: Value = serde_json::from_str(body).unwrap();
    let user = |text: &str| {
        let found = page["users"].as_array().unwrap().iter().find(|user| user.to_string().contains(text));
        let user = found.unwrap_or_else(|| panic!("{text}: {page}"));
        (user["state"].clone(), user["refreshToken"].clone(), user["instanceId"].clone())
    };
    assert_eq!(user("Ada"), ("deactivated".into(), "revoked".into(), server.ready["instance"]["instanceId"].clone()));
    assert_eq!(user("bob"), ("active".into(), "live".into(), server.ready["ubiInstance"]["instanceId"].clone()));
    assert_eq!(user("eve"), ("active".into(), Value::Null, server.ready["instance"]["instanceId"].clone()));

    std::fs::write(
        &users,
        "deviceToken\n\n99999999-9999-4999-8999-999999999999\n99999999-9999-4999-8999-999999999999\n",
    )
    .unwrap();
    let refused = text(&run(&["--port", "0", "--users", users_path]).stderr);
    assert!(refused.contains("line 4: deviceToken is already in use"), "{refused}");
    std::fs::remove_file(&config).unwrap();
    std::fs::remove_file(&users).unwrap();
}

#[test]
fn an_option_may_come_from_the_environment_and_a_flag_beats_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let from_environment = binary().env("TELEMATICS_MOCK_PORT", &port).output().unwrap();
    assert!(text(&from_environment.stderr).contains(&port));
    let other = binary().env("TELEMATICS_MOCK_PORT", "0").args(["--port", &port]).output().unwrap();
    assert!(text(&other.stderr).contains(&port));
}

#[test]
fn healthcheck_exits_0_while_the_server_is_ready_and_1_when_it_is_not() {
    let server = Server::start(&[]);
    let url = server.ready["url"].as_str().unwrap().to_owned();
    assert_eq!(run(&["healthcheck", "--url", &url]).status.code(), Some(0));
    let port = url.rsplit(':').next().unwrap();
    assert_eq!(run(&["--port", port, "healthcheck"]).status.code(), Some(0));
    let by_environment = binary().env("TELEMATICS_MOCK_PORT", port).arg("healthcheck").output().unwrap();
    assert_eq!(by_environment.status.code(), Some(0));
    server.stop(Signal::SIGTERM);
    let output = run(&["healthcheck", "--url", &url]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("does not answer"), "{}", text(&output.stderr));
}

#[test]
fn completions_are_printed_for_a_shell() {
    let script = text(&run(&["completions", "bash"]).stdout);
    assert!(script.contains("--access-token-ttl") && script.contains("healthcheck"), "{script}");
}

#[test]
fn an_empty_variable_counts_as_not_set_and_an_unknown_one_is_named_as_a_warning() {
    let mut command = binary();
    command.args(["--json", "--port", "0"]).env("TELEMATICS_MOCK_SEED", "").env("TELEMATICS_MOCK_ROTATION", "");
    let server = Server::spawn(command.env("TELEMATICS_MOCK_SEDE", "7").env("TELEMATICS_MOCK_BIN", "none"));
    let (code, log) = server.stop(Signal::SIGTERM);
    assert_eq!(code, Some(0));
    assert!(log.contains("TELEMATICS_MOCK_SEDE is not an option") && !log.contains("TELEMATICS_MOCK_BIN"), "{log}");
}

#[test]
fn an_error_in_a_variable_names_the_variable_unless_a_flag_beats_it() {
    let output = binary().env("TELEMATICS_MOCK_ROTATION", "sometimes").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = text(&output.stderr);
    assert!(log.starts_with("telematics-mock: TELEMATICS_MOCK_ROTATION: invalid value 'sometimes'"), "{log}");
    let mut command = binary();
    command.args(["--json", "--port", "0", "--rotation", "off"]).env("TELEMATICS_MOCK_ROTATION", "sometimes");
    assert_eq!(Server::spawn(&mut command).stop(Signal::SIGTERM).0, Some(0));
    let output = binary().env("TELEMATICS_MOCK_JSON", "perhaps").output().unwrap();
    assert!(text(&output.stderr).contains("TELEMATICS_MOCK_JSON: "), "{}", text(&output.stderr));
}

#[test]
fn booleans_and_an_earlier_name_of_a_variable_come_from_the_environment() {
    let mut command = binary();
    command.args(["--port", "0"]).env("TELEMATICS_MOCK_JSON", "1").env("TELEMATICS_MOCK_TRUST_FORWARDED_FOR", "yes");
    let server = Server::spawn(&mut command);
    let answer = server.ask("GET /__mock/settings HTTP/1.1");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_, log) = server.stop(Signal::SIGTERM);
    assert!(!log.contains("is not an option"), "{log}");
}

#[test]
fn a_log_filter_that_means_nothing_is_an_error() {
    let output = run(&["--port", "0", "--log", "silly"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("--log 'silly' is not a valid filter"), "{}", text(&output.stderr));
}

#[test]
fn healthcheck_knows_the_configuration_the_host_and_every_spelling_of_the_scheme() {
    let server = Server::start(&["--host", "127.0.0.2"]);
    let (_, port) = server.address().rsplit_once(':').unwrap();
    let folder = Folder::new("healthcheck");
    let config = folder.with("mock.toml", &format!("host = \"127.0.0.2\"\nport = {port}"));
    for arguments in [
        vec!["--config", &config, "healthcheck"],
        vec!["--host", "127.0.0.2", "--port", port, "healthcheck"],
        vec!["healthcheck", "--url", &format!("HTTP://{}", server.address())],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
    assert_eq!(run(&["--port", port, "healthcheck"]).status.code(), Some(1), "another host");
}

#[test]
fn health_may_be_asked_with_head() {
    let answer = Server::start(&[]).ask("HEAD /__mock/health HTTP/1.1");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn the_configuration_file_in_the_working_directory_is_found_and_its_instances_are_printed() {
    let folder = Folder::new("found");
    let mine = r#"
        [[instances]]
        id = "77777777-7777-4777-8777-777777777777"
        key = "88888888-8888-4888-8888-888888888888"
        invite-code = "MINE"
        name = "Mine"
    "#;
    folder.with("telematics-mock.toml", mine);
    let mut command = binary();
    command.args(["--port", "0", "--json"]).current_dir(folder.path(""));
    let server = Server::spawn(&mut command);
    assert_eq!(server.ready["config"], "telematics-mock.toml");
    assert_eq!(server.ready["configuredInstances"][0]["inviteCode"], "MINE");
    let (_, log) = server.stop(Signal::SIGTERM);
    assert!(log.contains("the configuration is that of telematics-mock.toml"), "{log}");
    let server = Server::spawn(command.args(["--config", "none"]));
    assert_eq!(server.ready["configuredInstances"], serde_json::json!([]));
}

#[test]
fn init_writes_files_that_the_server_reads_and_replaces_none_without_force() {
    let folder = Folder::new("init");
    let output = run(&["init", &folder.path("new")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let config = folder.path("new/telematics-mock.toml");
    assert!(text(&output.stdout).contains(&format!("wrote {config}\n")), "{}", text(&output.stdout));

    std::fs::write(&config, "port = 1").unwrap();
    let output = run(&["init", &folder.path("new")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("exists; no file was written"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(&config).unwrap(), "port = 1");

    assert_eq!(run(&["init", &folder.path("new"), "--force"]).status.code(), Some(0));
    let server = Server::start(&["--config", &config]);
    assert_eq!(server.ready["configuredInstances"][0]["name"], "Mine");
}

#[test]
fn the_written_configuration_names_only_options_that_exist() {
    let folder = Folder::new("init-options");
    run(&["init", &folder.path("")]);
    let text = std::fs::read_to_string(folder.path("telematics-mock.toml")).unwrap();
    let (options, instances) = text.split_at(text.find("[[instances]]").unwrap());
    let uncommented: String = options
        .lines()
        .filter_map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')))
        .filter(|line| !["port =", "init =", "state-file ="].iter().any(|option| line.starts_with(option)))
        .map(|line| format!("{line}\n"))
        .collect();
    let config = folder.with("all.toml", &(uncommented + instances));
    Server::start(&["--config", &config]);
}

#[test]
fn control_calls_in_a_folder_are_made_in_the_order_of_the_names_before_the_server_is_ready() {
    let folder = Folder::new("init-calls");
    folder.with("2.json", r#"{ "method": "PATCH", "path": "/__mock/settings", "body": { "clockSkewSeconds": 2 } }"#);
    folder.with(
        "1.json",
        r#"[{ "method": "PATCH", "path": "/__mock/settings", "body": { "clockSkewSeconds": 1, "rotation": "off" } },
            { "method": "POST", "path": "/__mock/reset" },
            { "method": "PATCH", "path": "/__mock/settings", "body": { "rotation": "reuse" } }]"#,
    );
    folder.with("notes.txt", "not a call");
    for token in [&[][..], &["--control-token", "t0ken"]] {
        let server = Server::start(&[&["--init", &folder.path("")], token].concat());
        let settings = server.ask("GET /__mock/settings HTTP/1.1\r\nAuthorization: Bearer t0ken");
        assert!(
            settings.contains(r#""clockSkewSeconds":2"#) && settings.contains(r#""rotation":"reuse""#),
            "{settings}"
        );
    }
}

#[test]
fn a_call_in_the_folder_that_fails_stops_the_start_with_the_file_the_call_and_the_reason() {
    for (file, expected) in [
        (
            r#"[{"method":"POST","path":"/__mock/reset"},{"method":"POST","path":"/__mock/faults","body":{}}]"#,
            "a.json: call 2 (POST /__mock/faults): 400 match ",
        ),
        (r#"{"method":"GET","path":"/v1/Management/users"}"#, "is not a control call"),
        (r#"{"method":"GET","path":"/__mock/nothing"}"#, "404 The control API has no such call"),
        (r#"{"method":"GET"}"#, "a.json: expected { \"method\", \"path\", \"body\" }"),
        ("nonsense", "a.json: line 1: expected"),
    ] {
        let folder = Folder::new("init-wrong");
        folder.with("a.json", file);
        let output = run(&["--port", "0", "--init", &folder.path("")]);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{file}");
        assert!(text(&output.stderr).contains(expected), "{file}: {}", text(&output.stderr));
    }
}
