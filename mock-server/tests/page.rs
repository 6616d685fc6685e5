//! The static page beside the mock.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

mod process;

use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use process::{Folder, Server};

/// A page with files that are served and others that are not.
fn page() -> Folder {
    let folder = Folder::new("page");
    let root = folder.path("");
    for below in ["site/images", "site/.git", "site/docs"] {
        std::fs::create_dir_all(folder.path(below)).unwrap();
    }
    for (file, text) in [
        ("secret", "outside"),
        ("site/index.html", "the page"),
        ("site/images/logo.png", "the logo"),
        ("site/docs/index.html", "the docs"),
        ("site/.env", "hidden"),
        ("site/.git/config", "hidden"),
    ] {
        folder.with(file, text);
    }
    std::os::unix::fs::symlink(format!("{root}/secret"), folder.path("site/link")).unwrap();
    std::os::unix::fs::symlink(format!("{root}/site/index.html"), folder.path("site/inner")).unwrap();
    nix::unistd::mkfifo(folder.path("site/pipe").as_str(), Mode::S_IRWXU).unwrap();
    folder
}

#[test]
fn files_of_the_page_are_served_without_cors_also_below_images() {
    let folder = page();
    let server = Server::start(&["--page", &folder.path("site")]);
    for (path, text) in [
        ("/", "the page"),
        ("/index.html", "the page"),
        ("/inner", "the page"),
        ("/images/logo.png", "the logo"),
        ("/docs/", "the docs"),
    ] {
        let answer = server.ask(&format!("GET {path} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(text), "{path}: {answer}");
        assert!(!answer.to_lowercase().contains("access-control"), "{path}: {answer}");
    }
}

#[test]
fn hidden_files_links_out_of_the_folder_pipes_and_files_as_folders_are_not_served() {
    let folder = page();
    let server = Server::start(&["--page", &folder.path("site")]);
    for path in [
        "/.env",
        "/.git/config",
        "/%2eenv",
        "/link",
        "/pipe",
        "/../secret",
        "/..%2fsecret",
        "/images/../.env",
        "/index.html/",
    ] {
        let answer = server.ask(&format!("GET {path} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains("hidden") && !answer.contains("outside"), "{path}: {answer}");
    }
    assert_eq!(server.stop(Signal::SIGTERM).0, Some(0));
}

#[test]
fn a_page_is_served_only_to_a_host_of_this_machine_or_an_allowed_one() {
    let folder = page();
    let server = Server::start(&["--page", &folder.path("site"), "--allow-host", "app.test"]);
    let answer = server.ask_of_host("evil.example", "GET / HTTP/1.1");
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("--allow-host evil.example"), "{answer}");
    assert!(server.ask_of_host("app.test:4600", "GET / HTTP/1.1").ends_with("the page"));
}

#[test]
fn a_mistyped_path_of_the_contract_beside_a_page_has_a_hint_and_a_journal_entry() {
    let folder = page();
    let server = Server::start(&["--page", &folder.path("site")]);
    let answer = server.ask("GET /Management/users HTTP/1.1");
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("x-mock-hint"), "{answer}");
    assert!(server.ask("GET /__mock/requests HTTP/1.1").contains("/Management/users"));
}

#[test]
fn without_a_page_the_address_of_the_server_says_what_it_is() {
    let answer = Server::start(&[]).ask("GET / HTTP/1.1");
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("telematics-mock is running"), "{answer}");
}

#[test]
fn a_file_has_its_type_and_its_time_and_is_sent_in_part_or_not_at_all_as_a_request_asks() {
    let folder = page();
    folder.with("site/app.js", "0123456789");
    let server = Server::start(&["--page", &folder.path("site")]);
    let ask = |headers: &str| server.ask(&format!("GET /app.js?v=1 HTTP/1.1{headers}"));
    let whole = ask("");
    assert!(whole.contains("\r\ncontent-type: text/javascript\r\n"), "{whole}");
    assert!(whole.contains("\r\ncontent-length: 10\r\n") && whole.ends_with("\r\n\r\n0123456789"), "{whole}");
    let modified = whole.lines().find_map(|line| line.strip_prefix("last-modified: ")).unwrap();

    let part = ask("\r\nRange: bytes=2-4");
    assert!(part.starts_with("HTTP/1.1 206") && part.ends_with("\r\n\r\n234"), "{part}");
    assert!(part.contains("\r\ncontent-range: bytes 2-4/10\r\n"), "{part}");
    let beyond = ask("\r\nRange: bytes=20-");
    assert!(beyond.starts_with("HTTP/1.1 416") && beyond.contains("\r\ncontent-range: bytes */10\r\n"), "{beyond}");
    let changed = ask("\r\nRange: bytes=2-4\r\nIf-Range: Thu, 01 Jan 1970 00:00:00 GMT");
    assert!(changed.starts_with("HTTP/1.1 200") && changed.ends_with("0123456789"), "{changed}");

    let known = ask(&format!("\r\nIf-Modified-Since: {modified}"));
    assert!(known.starts_with("HTTP/1.1 304") && known.ends_with("\r\n\r\n"), "{known}");
    let late = ask("\r\nIf-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT");
    assert!(late.starts_with("HTTP/1.1 412"), "{late}");
    let head = server.ask("HEAD /app.js HTTP/1.1");
    assert!(head.contains("\r\ncontent-length: 10\r\n") && head.ends_with("\r\n\r\n"), "{head}");
}
