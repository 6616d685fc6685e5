//! The shell commands of the README, run without changes.

#![allow(clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use telematics_contract_tests::Service;

/// The shell blocks of one section, joined.
fn shell_blocks(markdown: &str, section: &str) -> String {
    let (_, from) = markdown.split_once(&format!("## {section}\n")).expect("the section is there");
    let (section, _) = from.split_once("\n## ").unwrap_or((from, ""));
    let mut script = String::new();
    for block in section.split("```sh\n").skip(1) {
        let (block, _) = block.split_once("```").expect("a block ends");
        script.push_str(block);
    }
    script
}

/// The numbers of all members `"Status":200`, in their order; the status of a user is a string and does not count.
fn statuses(output: &str) -> Vec<&str> {
    let values = output.split("\"Status\":").skip(1).map(|rest| rest.split([',', '}']).next().unwrap_or_default());
    values.filter(|value| !value.starts_with('"')).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_shell_commands_of_the_readme_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).expect("the README is there");
    let service = Service::mock().await;
    let folder = root.join("target").join(format!("readme-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder to work in");

    let mut script = String::from("set -e\n");
    let lines = shell_blocks(&readme, "Call it with curl").replace("http://127.0.0.1:4600", service.url());
    write!(script, "{lines}").expect("memory");
    let output = Command::new("bash").arg("-c").arg(&script).current_dir(&folder).output().expect("bash runs");
    fs::remove_dir_all(&folder).expect("the folder goes");

    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}\n{}", String::from_utf8_lossy(&output.stderr));
    // Register, read, update, the 401, refresh, read, the same refresh again, login.
    assert_eq!(statuses(&shown), ["200", "200", "200", "401", "200", "200", "401", "200"], "{shown}");
    assert!(shown.contains("x-mock-hint: this refresh token was used before"), "{shown}");
    assert!(shown.contains(r#""expired":{"accessTokens":1,"refreshTokens":0}"#), "{shown}");
}
