//! `telematics-mock exec`: a server for the time that a command runs.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod process;

use std::fs::{File, Permissions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Output, Stdio};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};

use process::{Folder, binary, run, text};

/// Runs a script of the shell with a server.
fn exec(options: &[&str], script: &str) -> Output {
    run(&[&["exec"], options, &["--", "sh", "-c", script]].concat())
}

/// A script that runs with a server, and has written its process and the URL of the server.
struct Running {
    child: Child,
    script: Pid,
    url: String,
}

impl Running {
    fn start(script: &str) -> Self {
        Self::start_with(&[], script)
    }

    fn start_with(options: &[&str], script: &str) -> Self {
        let mut command = binary();
        command.arg("exec").args(options);
        command.args(["--", "sh", "-c", &format!("echo $$ $TELEMATICS_URL; {script}")]);
        // A terminal that the tests run in sends its signals to other processes, as far as this one knows.
        command.stdin(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::with_capacity(1, child.stdout.as_mut().unwrap());
        output.read_line(&mut line).unwrap();
        let (script, url) = line.trim().split_once(' ').expect("the process and the URL");
        let (script, url) = (Pid::from_raw(script.parse().unwrap()), url.to_owned());
        Self { child, script, url }
    }

    fn process(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.url.strip_prefix("http://").unwrap())
    }

    fn is_served(&self) -> bool {
        self.connect().is_ok()
    }

    /// Waits for the end: the exit code, and what the script has written. Then nothing is left.
    fn end(mut self) -> (Option<i32>, String) {
        // Waiting would close it.
        let _input = self.child.stdin.take();
        let code = self.child.wait().unwrap().code();
        let mut written = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut written).unwrap();
        assert!(!self.is_served(), "the port is closed");
        assert_eq!(kill(self.script, None), Err(Errno::ESRCH), "the command has ended");
        (code, written)
    }
}

#[test]
fn a_command_finds_the_server_in_its_environment() {
    let script = r#"
        "$0" healthcheck --url "$TELEMATICS_URL" && echo "ready"
        echo "$TELEMATICS_INSTANCE_ID $TELEMATICS_INSTANCE_KEY $TELEMATICS_INVITE_CODE"
        echo "$TELEMATICS_UBI_INSTANCE_ID $TELEMATICS_UBI_INSTANCE_KEY $TELEMATICS_UBI_INVITE_CODE"
        echo "$TELEMATICS_ADMIN_EMAIL $TELEMATICS_ADMIN_PASSWORD"
        echo "${TELEMATICS_CONTROL_TOKEN-none}"
    "#;
    let client = env!("CARGO_BIN_EXE_telematics-mock");
    let output = run(&["exec", "--", "sh", "-c", script, client]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let expected = "ready\n\
        11111111-1111-4111-8111-111111111111 22222222-2222-4222-8222-222222222222 DEMO01\n\
        33333333-3333-4333-8333-333333333333 44444444-4444-4444-8444-444444444444 UBI001\n\
        admin@example.com admin-password\n\
        none\n";
    assert_eq!(text(&output.stdout), expected);
    let token = exec(&["--control-token", "t0ken"], "echo $TELEMATICS_CONTROL_TOKEN");
    assert_eq!(text(&token.stdout), "t0ken\n");
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)] {
        assert_eq!(exec(&[], script).status.code(), Some(code), "{script}");
    }
}

#[test]
fn the_output_and_the_input_are_the_commands_own() {
    let output = exec(&[], "echo out; echo err >&2");
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("out\n".to_owned(), "err\n".to_owned()));

    let mut child = binary().args(["exec", "--", "cat"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"in").unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), "in");
}

#[test]
fn a_missing_command_is_one_sentence_and_127_and_one_that_cannot_be_run_126() {
    let output = run(&["exec", "--", "no-such-command-anywhere"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(127), String::new()));
    let sentence =
        "telematics-mock: the command 'no-such-command-anywhere' was not found; check its name, or give its path\n";
    assert_eq!(text(&output.stderr), sentence);

    let folder = Folder::new("exec-folder");
    let output = run(&["exec", "--", &folder.path("")]);
    assert_eq!(output.status.code(), Some(126));
    assert!(text(&output.stderr).contains("cannot be run: "), "{}", text(&output.stderr));
}

#[test]
fn a_script_whose_interpreter_is_missing_is_not_called_missing_itself() {
    let folder = Folder::new("exec-script");
    let script = folder.with("script", "#!/nowhere/interpreter\n");
    std::fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let output = run(&["exec", "--", &script]);
    assert_eq!(output.status.code(), Some(126));
    assert!(text(&output.stderr).contains("the interpreter that it needs is missing"));
}

#[test]
fn the_command_stands_after_two_dashes() {
    for arguments in [&["exec"][..], &["exec", "true"], &["exec", "--"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(" -- <COMMAND>..."), "{}", text(&output.stderr));
    }
}

#[test]
fn a_signal_reaches_the_command_whose_code_counts_and_nothing_stays_behind() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        let name = signal.as_str().strip_prefix("SIG").unwrap();
        // The end of the input would end the script too, with another code.
        let mut running = Running::start(&format!("trap 'echo got {name}; exit 3' {name}; echo; read line; exit 4"));
        assert!(running.is_served());
        until_line(&mut running);
        kill(running.process(), signal).unwrap();
        assert_eq!(running.end(), (Some(3), format!("got {name}\n")));
    }
}

#[test]
fn a_command_that_does_not_catch_a_signal_ends_with_128_and_its_number() {
    let running = Running::start("read line");
    kill(running.process(), Signal::SIGINT).unwrap();
    assert_eq!(running.end(), (Some(130), String::new()));
}

#[test]
fn a_signal_before_the_command_has_started_stops_the_server_and_runs_no_command() {
    let folder = Folder::new("exec-early");
    // The server starts only when somebody has written the file.
    let calls = folder.path("calls.json");
    mkfifo(&*calls, Mode::S_IRWXU).unwrap();
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let mut command = binary();
        let child = command.args(["exec", "--init", &folder.path(""), "--", "echo", "run"]).spawn().unwrap();
        let mut writer = File::create(&calls).unwrap();
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        writer.write_all(b"[]").unwrap();
        drop(writer);
        let output = child.wait_with_output().unwrap();
        let sentence = format!("telematics-mock: stopped by {signal} before the command 'echo' was started\n");
        assert_eq!((text(&output.stdout), text(&output.stderr)), (String::new(), sentence));
        assert_eq!(output.status.code(), Some(code));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_hangup_that_the_program_was_started_to_ignore_stays_ignored_for_the_command_too() {
    // Only the native program: Node itself ends the ignoring when it starts.
    let native = env!("CARGO_BIN_EXE_telematics-mock");
    let script = r#"trap '' HUP; exec "$0" exec -- sh -c 'kill -HUP $PPID; kill -HUP $$; exit 5'"#;
    let status = Command::new("sh").args(["-c", script, native]).status().unwrap();
    assert_eq!(status.code(), Some(5));
}

#[test]
fn the_server_runs_on_while_a_command_ignores_a_signal() {
    let mut running = Running::start("trap '' TERM; echo; read line; exit 5");
    until_line(&mut running);
    kill(running.process(), Signal::SIGTERM).unwrap();
    assert!(running.is_served());
    running.child.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert_eq!(running.end().0, Some(5));
}

#[test]
fn a_server_that_cannot_start_runs_no_command() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for options in [&["--port", &*port][..], &["--init", "/nowhere"], &["--log", "silly"]] {
        let output = exec(options, "echo run");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{options:?}");
    }
}

#[test]
fn two_commands_with_the_same_configuration_file_run_at_the_same_time() {
    let folder = Folder::new("exec-port");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let file = format!("port = {}\nseed = 7", taken.local_addr().unwrap().port());
    let config = folder.with("mock.toml", &file);
    assert_eq!(exec(&["--config", &config], "exit 0").status.code(), Some(0));
}

#[test]
fn the_state_is_written_when_the_command_has_ended() {
    let folder = Folder::new("exec-state");
    let file = folder.path("state.json");
    let output = exec(&["--state-file", &file], "exit 6");
    assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with('{'));
}

#[test]
fn advice_about_the_requests_of_a_command_is_written_to_files_and_can_fail_the_run() {
    for (options, status, code) in [(&[][..], 0, 0), (&["--fail-on-advice"], 0, 1), (&["--fail-on-advice"], 5, 5)] {
        let folder = Folder::new("exec-advice");
        let (sarif, junit) = (folder.path("new/advice.sarif"), folder.path("advice.xml"));
        let files = ["--advice", &*sarif, "--advice", &*junit];
        let mut running = Running::start_with(&[&files, options].concat(), &format!("read line; exit {status}"));
        let mut stream = running.connect().unwrap();
        write!(stream, "GET /v1/Management/user HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
        running.child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let mut errors = running.child.stderr.take().unwrap();
        assert_eq!(running.end().0, Some(code));
        let mut summary = String::new();
        errors.read_to_string(&mut summary).unwrap();
        assert!(summary.contains("GET /v1/Management/user") && summary.contains("Way out: "), "{summary}");
        let sarif: serde_json::Value = serde_json::from_slice(&std::fs::read(sarif).unwrap()).unwrap();
        assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
        assert!(std::fs::read_to_string(junit).unwrap().contains("<failure"));
    }
}

#[test]
fn a_command_without_mistakes_has_no_advice() {
    let folder = Folder::new("exec-no-advice");
    let file = folder.path("advice.xml");
    let output = exec(&["--advice", &file, "--fail-on-advice"], "exit 0");
    let expected = (Some(0), "telematics-mock advice: no mistakes\ntelematics-mock advice: the server has received no request; does the command call \
         TELEMATICS_URL?\n"
        .to_owned());
    assert_eq!((output.status.code(), text(&output.stderr)), expected);
    assert!(!std::fs::read_to_string(&file).unwrap().contains("<failure"));
}

#[test]
fn advice_for_a_file_of_an_unknown_format_is_an_error_before_the_command_runs() {
    let output = exec(&["--advice", "advice.txt"], "echo run");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
    assert!(text(&output.stderr).contains("must end with .sarif or .json"), "{}", text(&output.stderr));
}

#[test]
fn advice_that_cannot_be_written_fails_a_run_whose_command_has_succeeded() {
    let folder = Folder::new("exec-advice-lost");
    // A folder of this name cannot be made where there is a file.
    let file = folder.with("file", "") + "/advice.xml";
    let output = exec(&["--advice", &file], "exit 0");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains(&format!("telematics-mock: --advice {file}: ")), "{}", text(&output.stderr));
}

/// Waits for an empty line: the script has set its trap.
fn until_line(running: &mut Running) {
    let mut byte = [0];
    running.child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"\n");
}
