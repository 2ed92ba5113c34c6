//! The bounds of what a client may ask and hold, each with its reason.

use std::time::Duration;

/// The most bytes that the path and query of a request may have; more is 414.
pub const MAX_URI_BYTES: usize = 8 * 1024;

/// The most bytes that the names and values of a request's headers may have; more is 431.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The most headers that a request may have; more is 431. A browser sends about twenty.
pub const MAX_HEADERS: usize = 64;

/// The most bytes that are read of a head that does not end. Up to here a request that is too
/// long is told so in our words; beyond, hyper answers with a bare 431.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;

/// The most bytes of links in a header, but for the one to the next page. Proxies take heads of 4 or 8 kB
/// from a server.
pub const MAX_LINK_HEADER_BYTES: usize = 2048;

/// The most features that are composed at once; an answer with more has a thread of its own for that.
/// Each takes some microseconds.
pub const MAX_INLINE_COMPOSED: usize = 500;

/// The most rows of a page to read; who asks for more gets this many.
pub const MAX_PAGE_ROWS: usize = 1_000;

/// The most bytes of the drawing of a page; what comes beyond is left out, and the page says so.
pub const MAX_DRAWING_BYTES: usize = 512 * 1024;

/// The most connections at a time. Those beyond wait in the kernel's queue until one ends.
pub const MAX_CONNECTIONS: usize = 10_000;

/// The connections that the kernel holds for us while we are busy.
pub const ACCEPT_QUEUE: i32 = 1024;

/// The most requests whose answers are being made at a time; more is 503 with `Retry-After`.
/// Health and metrics answer beyond it.
pub const MAX_REQUESTS_IN_FLIGHT: usize = 256;

/// The most bytes of finished answers that wait for their clients to read them. Ten thousand
/// connections that each ask for a page of five megabytes and do not read would hold 50 GB.
pub const MAX_WAITING_BYTES: usize = 1024 * 1024 * 1024;

/// Answers up to this size do not count as waiting: all connections together hold 640 MB of them.
pub const SMALL_ANSWER_BYTES: usize = 64 * 1024;

/// The most bytes of one feature that is sent to be registered or changed; more is 413. The longest line
/// that may be registered has 20,000 positions, which are about 800 kB.
pub const MAX_FEATURE_BYTES: usize = 2 * 1024 * 1024;

/// The most bytes of a transaction, which is held in memory; more is 413.
pub const MAX_TRANSACTION_BYTES: usize = 64 * 1024 * 1024;

/// So many faults are told of a request that is refused; the others wait until these are mended.
pub const MAX_TOLD_ERRORS: usize = 100;

/// The most bytes of the reason of a change, and of the source of its knowledge.
pub const MAX_NOTE_BYTES: usize = 2_000;

/// The most characters of an `Idempotency-Key`.
pub const MAX_REQUEST_KEY_BYTES: usize = 255;

/// The most tags that `If-Match` may name.
pub const MAX_IF_MATCH_TAGS: usize = 100;

/// The most bytes of a mapping that is sent with a file.
pub const MAX_MAPPING_BYTES: usize = 1024 * 1024;

/// The most bytes of the headers of a part of a body, and of what stands before the first part.
pub const MAX_PART_HEAD_BYTES: usize = 8 * 1024;

/// The most characters of the name of a file; what comes beyond is left out.
pub const MAX_FILE_NAME_CHARS: usize = 200;

/// The time in which a file has to arrive whole; then it is 408, for its place is wanted by others. The
/// largest takes it at 450 kB a second.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_mins(10);

/// The longest for which a client may wait for the end of an import; who wants longer comes back.
pub const MAX_IMPORT_WAIT: Duration = Duration::from_mins(1);

/// The most imports that one list tells.
pub const MAX_IMPORTS_TOLD: usize = 100;

/// The time for which a client may send nothing of a body that it has begun; then it is 408.
pub const BODY_IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// The time for which the rest of a body that is too large is thrown away, so that its sender hears why.
pub const DISCARD: Duration = Duration::from_secs(2);

/// The most bytes that are thrown away in that time.
pub const MAX_DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// The time in which the head of a request has to arrive, from the end of the request before it.
/// So it is also the time for which a connection may be idle.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// The time for which a client may take nothing of an answer. What the kernels on both sides hold
/// moves in steps, so a client has to read about 10 kB a second to be seen reading.
pub const WRITE_STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The bytes of an answer that the kernel takes ahead of the client. Left to itself it takes
/// megabytes, and then takes no more until half of them are gone: a client that reads 50 kB a
/// second would look for longer than [`WRITE_STALL_TIMEOUT`] as if it had stopped. Also, large
/// answers leave faster from a buffer that fits a processor's cache (1.6 times for 5 MB).
// A single connection carries about this much per round trip: 5 MB a second at 50 ms.
pub const SEND_BUFFER_BYTES: usize = 256 * 1024;

/// The time for which we go on reading what a client sends after an answer that ends the
/// connection. Closing at once would reset it, and the client would lose the answer.
pub const LINGER: Duration = Duration::from_secs(1);

/// The most bytes that are read and thrown away in that time.
pub const MAX_LINGER_BYTES: usize = 256 * 1024;

/// The time in which answers under way are finished once we are told to stop.
pub const DRAIN: Duration = Duration::from_secs(8);

/// The pause after a connection could not be accepted, for instance for want of a descriptor.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers below this size are not compressed: a network packet carries them as they are.
pub const MIN_COMPRESSED_BYTES: u64 = 1024;

/// What `Retry-After` says with 503, in seconds.
pub const RETRY_AFTER_S: u32 = 1;

/// A question that has to be tested on more rows than this is answered on a thread of its own, so
/// that it holds up no other.
// A row takes some nanoseconds, so this many take a fraction of a millisecond.
pub const MAX_INLINE_ROWS: u64 = 50_000;

/// So many assets are judged at most to say how much work falls due on all of them; where more have
/// not been judged since the day began, the collection does not tell.
// A million take a quarter of a second, once a day.
pub const MAX_JUDGED_FOR_COUNT: u64 = 1_000_000;

/// The most questions for the past that are answered at a time. Each holds one of the few readers of
/// the ledger, and those that follow it and tell histories need some, too.
pub const MAX_PAST_QUESTIONS: usize = 2;

/// How long a question for the past waits for its turn; then it is 503 with `Retry-After`.
pub const PAST_WAIT: Duration = Duration::from_secs(2);

/// The most versions that are looked at for a page of the past. A page that has not come together by
/// then is short, and leads to the next.
// Those that hold take some ten microseconds each, so this is a fraction of a second.
pub const MAX_PAST_ROWS: usize = 20_000;

/// So many wrong keys may come from an address within [`FAILED_KEYS_WINDOW_S`]; more are 429 with
/// `Retry-After`. A key that works is never refused for it.
// Nobody guesses 256 random bits; this keeps a program with an old key from filling the log.
pub const MAX_FAILED_KEYS: u32 = 10;

/// The time in which wrong keys are counted, in seconds.
pub const FAILED_KEYS_WINDOW_S: u32 = 60;

/// The most addresses whose wrong keys are counted at a time; each takes some ten bytes.
pub const MAX_WATCHED_ADDRESSES: usize = 10_000;

/// The most callers with limits whose requests are counted at a time: more than there may be keys. Each
/// takes some hundred bytes.
pub const MAX_METERED: usize = 20_000;

/// A request that takes longer is worth a warning in the log.
pub const SLOW_REQUEST: Duration = Duration::from_secs(1);

/// The limits that a server is started with, so that a test may have shorter ones.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// See [`MAX_CONNECTIONS`].
    pub connections: usize,
    /// See [`MAX_REQUESTS_IN_FLIGHT`].
    pub requests_in_flight: usize,
    /// See [`MAX_WAITING_BYTES`].
    pub waiting_bytes: usize,
    /// See [`HEADER_TIMEOUT`].
    pub header_timeout: Duration,
    /// See [`WRITE_STALL_TIMEOUT`].
    pub write_stall_timeout: Duration,
    /// See [`LINGER`].
    pub linger: Duration,
    /// See [`DRAIN`].
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: MAX_CONNECTIONS,
            requests_in_flight: MAX_REQUESTS_IN_FLIGHT,
            waiting_bytes: MAX_WAITING_BYTES,
            header_timeout: HEADER_TIMEOUT,
            write_stall_timeout: WRITE_STALL_TIMEOUT,
            linger: LINGER,
            drain: DRAIN,
        }
    }
}
