//! The control calls in the files of a folder, which are made before the server is ready.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use serde::Deserialize;
use telematics_contract::Secret;
use telematics_mock_core::http::Api;

use crate::files::Files;

/// A control call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InitCall {
    method: String,
    /// The path with its query, for example `/__mock/settings`.
    path: String,
    /// The body; none is an empty object.
    #[serde(default)]
    body: Option<serde_json::Value>,
}

/// A file has one call or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum InitFile {
    One(InitCall),
    Many(Vec<InitCall>),
}

/// Makes the calls of all files `*.json` in a folder, in the order of their names, and returns their number.
///
/// # Errors
///
/// A file cannot be read, or the first call that fails: a sentence that names the file and the call.
pub async fn play(files: &dyn Files, folder: &Path, api: &Api, token: Option<&Secret>) -> Result<usize, String> {
    let mut made = 0;
    for path in calls_of(files, folder).map_err(|error| format!("--init {}: {error}", folder.display()))? {
        let wrong = |why: String| format!("--init {}: {why}", path.display());
        let text = files.read(&path).map_err(|error| wrong(error.to_string()))?;
        // A message of the parser may quote a value, and the value may be a secret.
        let file: InitFile = serde_json::from_slice(&text).map_err(|error| {
            let place = if error.line() > 0 { format!("line {}: ", error.line()) } else { String::new() };
            wrong(format!("{place}expected {{ \"method\", \"path\", \"body\" }} or a list of such calls"))
        })?;
        let calls = match file {
            InitFile::One(call) => vec![call],
            InitFile::Many(calls) => calls,
        };
        for (index, call) in calls.into_iter().enumerate() {
            let name = format!("call {} ({} {})", index + 1, call.method, path_of(&call));
            make(call, api, token).await.map_err(|why| wrong(format!("{name}: {why}")))?;
            made += 1;
        }
    }
    Ok(made)
}

/// The files of calls in a folder, in the order of their names.
fn calls_of(files: &dyn Files, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = files.list(folder)?;
    found.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    found.sort();
    Ok(found)
}

/// The path of a call without its query, which can contain a secret.
fn path_of(call: &InitCall) -> &str {
    call.path.split('?').next().unwrap_or_default()
}

async fn make(call: InitCall, api: &Api, token: Option<&Secret>) -> Result<(), String> {
    let path = path_of(&call).trim_end_matches('/');
    if !path.starts_with("/__mock/") || path.eq_ignore_ascii_case("/__mock/events") {
        return Err("is not a control call that ends; its path begins with /__mock/".to_owned());
    }
    let body = call.body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let request = Request::builder().method(&*call.method).uri(&call.path);
    let request = request.header(HOST, "localhost").header(CONTENT_TYPE, "application/json");
    let request = match token {
        Some(token) => request.header(AUTHORIZATION, format!("Bearer {}", token.expose())),
        None => request,
    };
    let request = request.body(body).map_err(|error| error.to_string())?;
    let answer = api.handle(request, None).await.map_err(|closed| closed.to_string())?;
    if answer.status().is_success() {
        return Ok(());
    }
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
        field: Option<String>,
    }
    let refusal: Option<Refusal> = serde_json::from_slice(&answer.body().bytes()).ok();
    Err(match refusal {
        Some(Refusal { error, field: Some(field) }) => format!("{} {field} {error}", answer.status().as_u16()),
        Some(Refusal { error, field: None }) => format!("{} {error}", answer.status().as_u16()),
        None => answer.status().to_string(),
    })
}
