//! The load: one thread that drives many keep-alive connections. Only this file and `connection` know mio.
//!
//! A connection has at most one request in flight. The loop is kept cheap on purpose, with one read and one write a request,
//! so that the server is the bottleneck.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use mio::{Events, Poll, Token};

use crate::caller::Caller;
use crate::connection::Connection;
use crate::pacing::Schedule;

/// How long a server may leave a request without an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The number of answers in a period of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throughput {
    /// Answers that were read and checked.
    pub(crate) answers: u64,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
}

impl Throughput {
    /// Answers a second.
    pub(crate) fn per_second(self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }
}

/// Connections to one server, each with its caller.
pub(crate) struct Load<C> {
    address: SocketAddr,
    poll: Poll,
    events: Events,
    connections: Vec<Connection<C>>,
}

impl<C: Caller> Load<C> {
    /// Opens one connection to `address` for each of `callers`.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub(crate) fn connect(address: SocketAddr, callers: impl IntoIterator<Item = C>) -> Result<Self> {
        let poll = Poll::new()?;
        let mut connections = Vec::new();
        for (index, caller) in callers.into_iter().enumerate() {
            connections.push(Connection::open(address, caller, poll.registry(), Token(index))?);
        }
        Ok(Self { address, poll, events: Events::with_capacity(256), connections })
    }

    /// Opens all connections anew, with the same callers. A server may have closed a connection that was idle for long.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub(crate) fn reconnect(&mut self) -> Result<()> {
        // Together with the old connections their registrations go.
        self.poll = Poll::new()?;
        for (index, connection) in self.connections.iter_mut().enumerate() {
            connection.reopen(self.address, self.poll.registry(), Token(index))?;
        }
        Ok(())
    }

    /// Every connection sends its next request as soon as it has its answer, until `length` is over or no caller has a
    /// request left.
    ///
    /// # Errors
    /// At the first answer that is not the expected one.
    pub(crate) fn closed(&mut self, length: Duration) -> Result<Throughput> {
        self.closed_observed(length, |_, _| {})
    }

    /// As [`Load::closed`]; `observe` is told the index of the connection and the time from each request to its answer.
    ///
    /// # Errors
    /// At the first answer that is not the expected one.
    pub(crate) fn closed_observed(
        &mut self,
        length: Duration,
        mut observe: impl FnMut(usize, Duration),
    ) -> Result<Throughput> {
        let started = Instant::now();
        let mut in_flight = 0_usize;
        let mut answers = 0;
        for connection in &mut self.connections {
            in_flight += usize::from(connection.send(Instant::now())?);
        }
        while in_flight > 0 {
            self.wait(Some(PATIENCE))?;
            for event in &self.events {
                let index = event.token().0;
                let Some(connection) = self.connections.get_mut(index) else { continue };
                let Some(due) = connection.receive()? else { continue };
                let now = Instant::now();
                observe(index, now - due);
                answers += 1;
                in_flight -= 1;
                if now - started < length {
                    in_flight += usize::from(connection.send(now)?);
                }
            }
        }
        Ok(Throughput { answers, elapsed: started.elapsed() })
    }

    /// Sends `rate` requests a second for `length`, whether or not the server keeps up, and returns the latency of each,
    /// counted from the time at which it was due. A request that finds all connections busy waits for one.
    ///
    /// # Errors
    /// At the first answer that is not the expected one.
    pub(crate) fn paced(&mut self, rate: f64, length: Duration) -> Result<Vec<Duration>> {
        let schedule = Schedule::new(rate, length);
        let started = Instant::now();
        let mut idle: Vec<usize> = (0..self.connections.len()).collect();
        let mut latencies = Vec::with_capacity(schedule.len());
        let mut next = 0;
        while latencies.len() < schedule.len() {
            while let Some(due) = schedule.due(next).map(|offset| started + offset).filter(|due| *due <= Instant::now())
            {
                let Some(index) = idle.pop() else { break };
                let Some(connection) = self.connections.get_mut(index) else { continue };
                if !connection.send(due)? {
                    bail!("a paced caller has no request left");
                }
                next += 1;
            }
            // A timeout of the system would be rounded to a millisecond: the load has a core for itself and asks again.
            self.wait(Some(Duration::ZERO))?;
            for event in &self.events {
                let index = event.token().0;
                let Some(connection) = self.connections.get_mut(index) else { continue };
                if let Some(due) = connection.receive()? {
                    latencies.push(due.elapsed());
                    idle.push(index);
                }
            }
            if started.elapsed() > length + PATIENCE {
                bail!("the server did not keep up with {rate:.0} requests a second");
            }
        }
        Ok(latencies)
    }

    fn wait(&mut self, timeout: Option<Duration>) -> Result<()> {
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Ok(()) if timeout == Some(PATIENCE) && self.events.is_empty() => {
                bail!("the server left a request without an answer for {} s", PATIENCE.as_secs())
            }
            outcome => Ok(outcome?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Sends `left` requests and counts the answers.
    struct Count {
        left: usize,
        answers: usize,
    }

    impl Caller for Count {
        fn request(&mut self, out: &mut Vec<u8>) -> bool {
            let any = self.left > 0;
            self.left = self.left.saturating_sub(1);
            crate::http::write_get(out, "/", "");
            any
        }

        fn answer(&mut self, body: &str) -> Result<()> {
            assert_eq!(body, "ok");
            self.answers += 1;
            Ok(())
        }
    }

    /// Answers every request with `answer`, its last byte in a second piece; every request of these tests has the same length.
    fn server(connections: usize, answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let mut request = Vec::new();
        crate::http::write_get(&mut request, "/", "");
        thread::spawn(move || {
            for _ in 0..connections {
                let (mut stream, _) = listener.accept().unwrap();
                stream.set_nodelay(true).unwrap();
                let mut request = request.clone();
                thread::spawn(move || {
                    while stream.read_exact(&mut request).is_ok() {
                        let (first, second) = answer.split_at(answer.len() - 1);
                        stream.write_all(first.as_bytes()).unwrap();
                        thread::yield_now();
                        stream.write_all(second.as_bytes()).unwrap();
                    }
                });
            }
        });
        address
    }

    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    fn load(connections: usize, requests: usize, answer: &'static str) -> Load<Count> {
        let callers = (0..connections).map(|_| Count { left: requests, answers: 0 });
        Load::connect(server(connections, answer), callers).unwrap()
    }

    #[test]
    fn a_closed_load_counts_every_answer_of_every_connection() {
        let mut load = load(3, 20, OK);
        assert_eq!(load.closed(Duration::MAX).unwrap().answers, 60);
        assert!(load.connections.iter().all(|connection| connection.caller.answers == 20));
    }

    #[test]
    fn a_paced_load_sends_every_request_that_is_due() {
        let mut load = load(2, 50, OK);
        assert_eq!(load.paced(2_000.0, Duration::from_millis(25)).unwrap().len(), 50);
    }

    #[test]
    fn the_callers_go_on_over_new_connections() {
        let callers = (0..2).map(|_| Count { left: 5, answers: 0 });
        let mut load = Load::connect(server(4, OK), callers).unwrap();
        load.closed(Duration::ZERO).unwrap();
        load.reconnect().unwrap();
        assert_eq!(load.closed(Duration::MAX).unwrap().answers, 8);
        assert!(load.connections.iter().all(|connection| connection.caller.answers == 5));
    }

    #[test]
    fn a_failure_ends_the_load() {
        let mut load = load(1, 20, "HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno");
        let error = load.closed(Duration::MAX).unwrap_err();
        assert_eq!(error.to_string(), "the server answered 500: no");
    }
}
