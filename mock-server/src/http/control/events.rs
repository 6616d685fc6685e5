//! `GET /__mock/events`: server-sent events as things happen.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use serde_json::json;
use warp::Reply as _;
use warp::http::Method;
use warp::sse::Event;

use super::super::Route;
use super::{Plane, request};
use crate::control::events::{self, Heard};

/// How often a listener hears something even if nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Tells what happens for as long as somebody listens.
pub fn listen(plane: Arc<Plane>) -> Route {
    request::route(Method::GET, "/__mock/events", plane, |plane, asked| async move {
        let listener = plane.control.events.listen(asked.scope(&plane.service)?);
        let events = stream::unfold(listener, |mut listener| async move {
            let heard = listener.next().await?;
            Some((Ok::<_, Infallible>(event(heard)), listener))
        });
        let kept_alive = warp::sse::keep_alive().interval(HEARTBEAT).stream(events);
        Ok(warp::sse::reply(kept_alive).into_response())
    })
}

fn event(heard: Heard) -> Event {
    let (kind, data) = match heard {
        Heard::Event(events::Event { kind, data, .. }) => (kind, data),
        Heard::Missed(count) => ("missed", json!({ "count": count })),
    };
    Event::default().event(kind).data(data.to_string())
}
