//! A request to a service.

use reqwest::RequestBuilder;
use serde_json::Value;

use crate::answer::Answer;
use crate::known::InstanceCredentials;
use crate::multipart::Multipart;

/// A request that has not been sent.
#[derive(Debug)]
#[must_use = "`answer` sends the request"]
pub struct Request(pub(crate) RequestBuilder);

impl Request {
    /// Adds a header. The value may hold bytes that are not text.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    /// Adds an access token.
    pub fn bearer(self, access_token: &str) -> Self {
        self.header("Authorization", format!("Bearer {access_token}"))
    }

    /// Adds the id and the key of an instance. Those of a [`Service`](crate::Service) are of the instance that it is tested with.
    pub fn with_instance(self, instance: &impl InstanceCredentials) -> Self {
        self.header("InstanceId", instance.instance_id()).header("InstanceKey", instance.instance_key())
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", body.to_string())
    }

    /// Sets the query.
    ///
    /// # Panics
    ///
    /// The request cannot be built.
    pub fn query(self, pairs: &[(&str, &str)]) -> Self {
        let query = pairs.iter().fold(String::new(), |query, (name, value)| {
            let separator = if query.is_empty() { '?' } else { '&' };
            format!("{query}{separator}{name}={}", percent_encoded(value))
        });
        let (http, request) = self.0.build_split();
        let mut request = request.expect("a request");
        request.url_mut().set_query(Some(query.trim_start_matches('?')));
        Self(RequestBuilder::from_parts(http, request))
    }

    /// Sets a multipart body.
    pub fn multipart(self, body: &Multipart) -> Self {
        self.text(&body.content_type(), body.bytes())
    }

    /// Sets a body of any type.
    pub fn text(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("Content-Type", content_type).body(body))
    }

    /// Sends the request; returns `false` if no whole answer arrives, as a fault may want it.
    pub async fn is_answered(self) -> bool {
        match self.0.send().await {
            Ok(response) => response.bytes().await.is_ok(),
            Err(_) => false,
        }
    }

    /// Sends the request and waits for the whole answer.
    ///
    /// # Panics
    ///
    /// No answer arrives.
    pub async fn answer(self) -> Answer {
        Answer::read(self.0.send().await.expect("an answer")).await
    }
}

/// Encodes every byte that is not a letter or a digit: that is always allowed in a query.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            format!("{encoded}{}", char::from(byte))
        } else {
            format!("{encoded}%{byte:02X}")
        }
    })
}
