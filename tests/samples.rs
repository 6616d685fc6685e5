//! The back end in Rust of the package's README, compiled and run without changes.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use reqwest::StatusCode;
use serde_json::{Value, json};
use telematics_contract_tests::{NOBODY, Service};

/// Replaces `std::env` for the sample: a test cannot set environment variables safely.
mod env {
    use std::cell::RefCell;

    thread_local! {
        pub(crate) static GIVEN: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) };
    }

    pub(crate) fn var(name: &str) -> Result<String, ()> {
        GIVEN.with_borrow(|given| given.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()).ok_or(()))
    }
}

mod sample {
    use super::*;

    include!("packages/back_end.rs");
}

#[test]
fn the_readme_shows_this_back_end_in_at_most_twenty_lines() {
    let readme = include_str!("../client-wasm/npm/README.md");
    let sample = include_str!("packages/back_end.rs");
    assert!(readme.contains(&format!("```rust\n{sample}```\n")), "the README shows other code");
    assert!(sample.lines().count() <= 20);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_back_end_signs_a_user_in_and_passes_a_rejection_on() {
    let service = Service::mock().await;
    let device_token = service.register(&json!({})).await.device_token;
    env::GIVEN.set(vec![
        ("SERVICE_URL", service.url().to_owned()),
        ("INSTANCE_ID", service.instance_id.clone()),
        ("INSTANCE_KEY", service.instance_key.clone()),
    ]);
    let credentials = sample::telematics_login(&device_token).await.expect("credentials");
    assert_eq!(credentials["deviceToken"], json!(device_token));
    assert!(credentials["expiresIn"].as_u64().is_some_and(|seconds| seconds > 0), "{credentials}");
    for token in ["accessToken", "refreshToken"] {
        assert!(credentials[token].as_str().is_some_and(|token| token.len() > 30), "{credentials}");
    }
    assert_eq!(sample::telematics_login(NOBODY).await, Err(StatusCode::UNAUTHORIZED));
}
