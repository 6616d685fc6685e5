//! A request that is under way. It leaves an entry in the journal and its events, and advice sees it, whatever happens to it: also if
//! its client gives up, and nobody waits for its answer any more.

use bytes::Bytes;
use serde_json::Value;
use telematics_contract::Call;

use super::advice_input::{Ending, arrival};
use super::received::ReceivedRequest;
use crate::control::advice::{Arrival, Outcome};
use crate::control::events::EventKind;
use crate::control::facts::RequestFacts;
use crate::control::hints::Hint;
use crate::control::journal::{Entry, HeaderNames, KeptBody};
use crate::mock::Mock;
use crate::service::OpenedToken;

/// A request that is under way. If it is dropped before it has ended, its client has given up.
pub struct Underway<'a> {
    mock: &'a Mock,
    /// `None` once the request has ended.
    record: Option<Record>,
}

/// What the journal will say of the request, and advice will look at.
struct Record {
    arrival: Arrival,
    facts: RequestFacts,
    raw_query: Box<str>,
    headers: HeaderNames,
    request_body: KeptBody,
    fault: Option<u64>,
}

/// The end of a request.
pub struct End {
    /// The status; `None` if no answer is sent.
    pub status: Option<u16>,
    /// The whole body of the answer.
    pub body: Bytes,
    /// The hints, the most important one first.
    pub hints: Vec<Hint>,
    /// The call that gave this answer, and the part of the body that is sent.
    pub made: Option<(Call, Bytes)>,
    /// What advice looks at.
    pub ending: Ending,
}

impl<'a> Underway<'a> {
    /// A request whose facts are known. `opened` is the access token that it is about.
    pub fn start(mock: &'a Mock, request: &ReceivedRequest, facts: RequestFacts, opened: Option<&OpenedToken>) -> Self {
        let is_kept = mock.control.journal.is_on();
        let headers = &request.head.headers;
        let names = || HeaderNames::copied(|| headers.keys().map(|name| name.as_str()));
        let request_body = match &request.body {
            Ok(body) if is_kept => KeptBody::copied(body),
            Ok(_) | Err(_) => KeptBody::None,
        };
        let arrival = arrival(request, &facts, opened, &mock.service);
        mock.control.advice.arrive(&arrival);
        let record = Record {
            arrival,
            facts,
            raw_query: request.head.uri.query().unwrap_or_default().into(),
            headers: if is_kept { names() } else { HeaderNames::default() },
            request_body,
            fault: None,
        };
        Self { mock, record: Some(record) }
    }

    /// The fault with this id was applied to the request.
    pub fn hit_by(&mut self, fault: u64) {
        if let Some(record) = &mut self.record {
            record.fault = Some(fault);
        }
    }

    /// The request as advice has seen it arrive.
    pub fn arrival(&self) -> Option<&Arrival> {
        self.record.as_ref().map(|record| &record.arrival)
    }

    /// The request has ended.
    pub fn end(mut self, end: End) {
        self.report(end);
    }

    /// Shows the request to advice, sends its events and writes its entry into the journal.
    fn report(&mut self, End { status, body, hints, made, ending }: End) {
        let Some(Record { arrival, facts, raw_query, headers, request_body, fault }) = self.record.take() else {
            return;
        };
        let control = &self.mock.control;
        let RequestFacts { number, owner, method, path, device_token } = facts;
        let at = self.mock.service.now(owner);
        let Ending { answer, is_genuine, refused, retry_after, announces_end } = ending;
        let outcome = Outcome {
            method: &method,
            path: &path,
            query: &raw_query,
            at,
            status,
            answer,
            is_genuine,
            refused,
            retry_after,
            announces_end,
            hints: &hints,
        };
        control.advice.end(&arrival, &outcome, || self.mock.service.real_time());
        let entry = Entry {
            number,
            at,
            owner,
            method,
            path,
            raw_query,
            headers,
            status,
            device_token,
            request_body,
            response_body: KeptBody::sharing(&body),
            fault,
            hint: hints.into_iter().next().map(|hint| hint.text.into()),
        };
        if let Some(hint) = &entry.hint {
            control.events.send(owner, || EventKind::Hint { request: number, hint: hint.clone() });
        }
        if entry.status == Some(200)
            && let Some((call, sent)) = made
        {
            control.events.send_if(owner, || tokens_event(call, number, &entry, &sent));
        }
        control.events.send(owner, || EventKind::Request {
            number,
            method: entry.method.clone(),
            path: entry.path.clone(),
            status: entry.status,
            fault: entry.fault,
            device_token: entry.device_token,
        });
        control.journal.push(entry);
    }
}

/// The client has given up.
impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.report(End { status: None, body: Bytes::new(), hints: Vec::new(), made: None, ending: Ending::GAVE_UP });
    }
}

/// The event of an answer that gives tokens out; `None` if it gives none out.
fn tokens_event(call: Call, number: u64, entry: &Entry, sent: &Bytes) -> Option<EventKind> {
    if !matches!(call, Call::Register | Call::RegisterMany | Call::Login | Call::RefreshToken) {
        return None;
    }
    let answer: Value = serde_json::from_slice(sent).ok()?;
    let result = answer.get("Result")?;
    let has_tokens = |result: &&Value| {
        let given = |name| result.get(name).is_some_and(|token: &Value| !token.is_null());
        given("AccessToken") || given("RefreshToken")
    };
    let users = result.as_array().map_or(std::slice::from_ref(result), Vec::as_slice);
    let count = users.iter().filter(has_tokens).count();
    (count > 0).then(|| EventKind::TokensIssued {
        request: number,
        call: entry.path.clone(),
        device_token: entry.user(),
        count,
    })
}
