//! The probe engine against a server that plays services, right and wrong.

use std::time::{Duration, Instant};

use plimsoll::live::{FleetSource, Judge, NetworkSource, ProbeOptions, Question, Reply};
use plimsoll::model::{Answer, BodyEnd, Failure, Method};

use crate::support::live_server::{Behaviour, LiveServer, behaviour, behaviours, good, with_status};

const TIMEOUT: Duration = Duration::from_secs(2);

fn question(urls: &[String]) -> Question {
    Question {
        urls: urls.iter().map(Into::into).collect(),
        method: Method::Get,
        body: None,
        accept: None,
        max_body: 64 << 10,
        timeout: None,
    }
}

fn options() -> ProbeOptions {
    ProbeOptions { timeout: TIMEOUT, ..ProbeOptions::default() }
}

fn ask(questions: &[Question], probe: ProbeOptions) -> Vec<Reply> {
    hear(questions, probe, |_, _, _| {})
}

/// The last answers; `heard` hears of every answer, and whether it is the last one.
fn hear(questions: &[Question], probe: ProbeOptions, heard: impl FnMut(usize, &Reply, bool)) -> Vec<Reply> {
    struct Hearing<F>(Vec<Option<Reply>>, F);
    impl<F: FnMut(usize, &Reply, bool)> Judge for Hearing<F> {
        fn answer(&mut self, question: usize, reply: Reply) -> bool {
            let is_good = is_ok(&reply);
            self.0[question] = Some(reply);
            is_good
        }
        fn heard(&mut self, question: usize, is_last: bool) {
            self.1(question, self.0[question].as_ref().unwrap(), is_last);
        }
    }
    let mut hearing = Hearing(questions.iter().map(|_| None).collect(), heard);
    NetworkSource { probe, ..NetworkSource::default() }.ask(questions, &mut hearing);
    hearing.0.into_iter().map(Option::unwrap).collect()
}

fn is_ok(reply: &Reply) -> bool {
    matches!(&reply.answer, Answer::Http(answer) if answer.status == 200)
}

/// An answer in the words of the cases.
fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Http(answer) => {
            let end = match &answer.end {
                BodyEnd::Whole => format!("whole {}", answer.body.len()),
                BodyEnd::TooLong(most) => format!("too long {most}"),
                BodyEnd::Cut(why) => format!("cut {}: {why}", answer.body.len()),
            };
            format!("{} {end}", answer.status)
        }
        Answer::Failed(failure) => match failure {
            Failure::NoAddress(name) => format!("no address: {name}"),
            Failure::Forbidden(address) => format!("forbidden: {address}"),
            Failure::Refused => "refused".to_owned(),
            Failure::TimedOut(time) => format!("timed out {time:?}"),
            Failure::Closed(why) => format!("closed: {why}"),
            Failure::NotHttp(why) => format!("not HTTP: {why}"),
            Failure::Deadline => "deadline".to_owned(),
            Failure::Other(why) => format!("other: {why}"),
        },
        Answer::NotAsked(why) | Answer::Unreachable(why) => format!("not asked: {why}"),
    }
}

/// Whether a text is the expected one, where `#` stands for a number.
fn is_like(text: &str, expected: &str) -> bool {
    let mut rest = text;
    for (at, part) in expected.split('#').enumerate() {
        if at > 0 {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        let Some(after) = rest.strip_prefix(part) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// Ports that play the cases, and the questions to ask them.
fn play(cases: &[Behaviour]) -> (Vec<Option<LiveServer>>, Vec<Question>) {
    let servers: Vec<Option<LiveServer>> =
        cases.iter().map(|case| case.url.is_none().then(|| LiveServer::of(case))).collect();
    let url = |(case, server): (&Behaviour, &Option<LiveServer>)| match (&case.url, server) {
        (Some(url), _) => question(std::slice::from_ref(url)),
        (None, server) => question(&[server.as_ref().unwrap().url()]),
    };
    let questions = cases.iter().zip(&servers).map(url).collect();
    (servers, questions)
}

#[test]
fn every_behaviour_is_seen_for_what_it_is() {
    let cases = behaviours();
    assert!(cases.iter().filter(|case| !case.is_good).count() >= 31, "{}", cases.len());
    let (servers, questions) = play(&cases);
    let start = Instant::now();
    let replies = ask(&questions, ProbeOptions { per_host: 64, ..options() });
    let took = start.elapsed();
    assert!(took < 2 * TIMEOUT + Duration::from_secs(1), "{took:?}");
    let mut wrong = Vec::new();
    for ((case, reply), server) in cases.iter().zip(&replies).zip(&servers) {
        let answer = shown(&reply.answer);
        if !is_like(&answer, &case.answer) {
            wrong.push(format!("{}: {answer}\n    instead of {}", case.name, case.answer));
        }
        // Neither a redirect nor a failure is a reason to ask again.
        if let Some(server) = server
            && server.connections() != 1
        {
            wrong.push(format!("{} was asked {} times", case.name, server.connections()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn answers_are_in_the_order_of_the_questions_whatever_the_threads() {
    let cases: Vec<Behaviour> = behaviours().into_iter().filter(Behaviour::is_quick).collect();
    let (_servers, questions) = play(&cases);
    let all = |concurrency| {
        let replies = ask(&questions, ProbeOptions { concurrency, ..options() });
        replies.iter().map(|reply| shown(&reply.answer)).collect::<Vec<_>>()
    };
    let one = all(1);
    for (case, answer) in cases.iter().zip(&one) {
        assert!(is_like(answer, &case.answer), "{}: {answer}", case.name);
    }
    assert_eq!(one, all(64));
}

#[test]
fn a_request_is_a_plain_get_or_a_post_of_json() {
    let server = LiveServer::good();
    let mut post = question(&[server.url()]);
    (post.method, post.body) = (Method::Post, Some("{\"a\":1}".into()));
    post.accept = Some("application/openmetrics-text".into());
    assert!(ask(&[question(&[server.url()])], options()).iter().all(is_ok));
    assert!(ask(&[post], options()).iter().all(is_ok));
    let requests: Vec<String> = server.requests().iter().map(|text| text.to_ascii_lowercase()).collect();
    assert!(requests[0].starts_with("get /health http/1.1\r\n"), "{requests:?}");
    assert!(requests[1].starts_with("post /health http/1.1\r\n"), "{requests:?}");
    assert!(requests[1].ends_with("\r\n\r\n{\"a\":1}"), "{requests:?}");
    assert!(requests[0].contains("\naccept: */*\r"), "{requests:?}");
    assert!(requests[1].contains("\naccept: application/openmetrics-text\r"), "{requests:?}");
    for request in &requests {
        for header in ["connection: close", "accept-encoding: identity", "user-agent: plimsoll/"] {
            assert!(request.contains(header), "{header}: {request}");
        }
    }
}

#[test]
fn headers_are_kept_as_text() {
    let server = LiveServer::answering(|_| {
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nSet-Cookie: a\r\nX-B: \xff\r\nSET-COOKIE: b\r\nContent-Length: 2\r\nTransfer-Encoding: \
          chunked\r\n\r\n0\r\n\r\n"
            .to_vec()
    });
    let replies = ask(&[question(&[server.url()])], options());
    let Answer::Http(answer) = &replies[0].answer else { panic!("{replies:?}") };
    let header = |name| {
        answer.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    };
    let headers: [Vec<&str>; 4] = ["x-a", "set-cookie", "content-length", "transfer-encoding"].map(header);
    assert_eq!(headers, [vec!["1"], vec!["a", "b"], vec!["2"], vec!["chunked"]]);
    assert_eq!(answer.header("x-b"), Some("\u{fffd}"));
}

#[test]
fn the_time_is_to_the_last_byte() {
    let server = LiveServer::of(&behaviour("ok and slow"));
    let replies = ask(&[question(&[server.url()])], options());
    let Answer::Http(answer) = &replies[0].answer else { panic!("{replies:?}") };
    assert!(answer.time >= Duration::from_millis(540), "{:?}", answer.time);
}

#[test]
fn a_body_has_the_cap_of_its_question() {
    let server = LiveServer::of(&behaviour("endless body"));
    let mut long = question(&[server.url()]);
    long.max_body = 8 << 20;
    let replies = ask(&[long], options());
    let Answer::Http(answer) = &replies[0].answer else { panic!("{replies:?}") };
    assert_eq!((answer.body.len(), &answer.end), (8 << 20, &BodyEnd::TooLong(8 << 20)));
}

#[test]
fn a_question_has_its_own_time() {
    let server = LiveServer::of(&behaviour("hang before the status line"));
    let mut short = question(&[server.url()]);
    short.timeout = Some(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(shown(&ask(&[short], options())[0].answer), "timed out 300ms");
    assert!(start.elapsed() < Duration::from_millis(1_300));
}

#[test]
fn a_host_has_no_more_requests_at_once_than_allowed() {
    let server = LiveServer::answering(|_| {
        std::thread::sleep(Duration::from_millis(20));
        good()
    });
    let questions = vec![question(&[server.url()]); 40];
    let replies = ask(&questions, ProbeOptions { per_host: 4, ..options() });
    assert!(replies.iter().all(is_ok));
    // A connection counts as open a moment longer on the side of the server.
    assert!((2..=6).contains(&server.most_open()), "{}", server.most_open());
}

#[test]
fn a_host_that_hangs_holds_up_no_other() {
    let (hanging, fine) = (LiveServer::of(&behaviour("hang before the status line")), LiveServer::good());
    let mut questions = vec![question(&[hanging.url()]); 32];
    // Another host by its name.
    questions.extend(vec![question(&[fine.url().replace("127.0.0.1", "localhost")]); 32]);
    let start = Instant::now();
    let mut heard = Duration::ZERO;
    let replies = hear(&questions, options(), |at, reply, is_last| {
        assert!(is_last);
        if at >= 32 {
            assert!(is_ok(reply), "{reply:?}");
            heard = start.elapsed();
        }
    });
    assert!(heard < TIMEOUT, "{heard:?}");
    // Sixteen at once, twice.
    assert!(start.elapsed() < 2 * TIMEOUT + Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(replies[..32].iter().all(|reply| shown(&reply.answer) == "timed out 2s"), "{replies:?}");
}

#[test]
fn of_several_addresses_the_first_that_answers_counts() {
    let (bad, fine) = (LiveServer::answering(|_| with_status("503 Busy")), LiveServer::good());
    let refused = "http://127.0.0.1:1/health".to_owned();
    let closed = LiveServer::of(&behaviour("closed at once"));
    for (urls, url, answer) in [
        (vec![refused.clone(), fine.url()], 1, "200 whole 15"),
        (vec![refused.clone(), closed.url(), bad.url(), fine.url()], 2, "503 whole 15"),
        (vec![closed.url(), refused.clone()], 0, "closed: the connection was closed"),
        (vec![refused.clone(), closed.url()], 0, "refused"),
        (Vec::new(), 0, "not asked: no address is known for it"),
    ] {
        let replies = ask(&[question(&urls)], options());
        assert_eq!((replies[0].url, shown(&replies[0].answer).as_str()), (url, answer), "{urls:?}");
    }
    // An address that takes connections and says nothing has all the time of the question.
    let hanging = LiveServer::of(&behaviour("hang before the status line"));
    let before = fine.connections();
    let replies = ask(&[question(&[hanging.url(), fine.url()])], options());
    assert_eq!((replies[0].url, shown(&replies[0].answer).as_str()), (0, "timed out 2s"));
    assert_eq!(fine.connections(), before);
}

#[test]
fn nothing_is_asked_twice_unless_there_is_a_wait() {
    let server = LiveServer::answering(|_| with_status("503 Busy"));
    assert_eq!(shown(&ask(&[question(&[server.url()])], options())[0].answer), "503 whole 15");
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_fleet_that_starts_is_asked_until_it_is_good() {
    let server = LiveServer::answering(|at| if at < 3 { with_status("503 Busy") } else { good() });
    let wait = Duration::from_secs(20);
    let start = Instant::now();
    let replies = ask(&[question(&[server.url()])], ProbeOptions { wait, ..options() });
    assert_eq!((shown(&replies[0].answer).as_str(), server.connections()), ("200 whole 15", 4));
    // 250, 400 and 640 ms, each a quarter more or less.
    let took = start.elapsed();
    assert!((Duration::from_millis(960)..Duration::from_secs(4)).contains(&took), "{took:?}");
}

#[test]
fn a_wait_ends_with_the_last_answer() {
    let server = LiveServer::answering(|_| with_status("503 Busy"));
    let wait = Duration::from_secs(1);
    let start = Instant::now();
    let mut heard = Vec::new();
    let probe = ProbeOptions { wait, ..options() };
    let replies = hear(&[question(&[server.url()])], probe, |_, _, is_last| heard.push(is_last));
    assert_eq!(shown(&replies[0].answer), "503 whole 15");
    let took = start.elapsed();
    assert!((wait..wait + Duration::from_secs(1)).contains(&took), "{took:?}");
    assert_eq!(heard.len(), server.connections());
    assert!(heard.len() >= 3 && heard.iter().position(|last| *last) == Some(heard.len() - 1), "{heard:?}");
}

#[test]
fn so_many_answers_in_a_row_are_wanted() {
    for (wait, good_from, connections, answer) in
        [(0, 0, 3, "200 whole 15"), (0, 9, 1, "503 whole 15"), (20, 2, 5, "200 whole 15")]
    {
        let server =
            LiveServer::answering(move |at| if at < good_from { with_status("503 Busy") } else { good() });
        let probe = ProbeOptions { consecutive: 3, wait: Duration::from_secs(wait), ..options() };
        let replies = ask(&[question(&[server.url()])], probe);
        assert_eq!((shown(&replies[0].answer).as_str(), server.connections()), (answer, connections));
    }
    // One that flaps: the third answer is bad.
    let server = LiveServer::answering(|at| if at == 2 { with_status("503 Busy") } else { good() });
    let replies = ask(&[question(&[server.url()])], ProbeOptions { consecutive: 3, ..options() });
    assert_eq!((shown(&replies[0].answer).as_str(), server.connections()), ("503 whole 15", 3));
}

#[test]
fn the_deadline_ends_everything() {
    let deadline = Duration::from_millis(600);
    let server = LiveServer::of(&behaviour("hang before the status line"));
    let start = Instant::now();
    let questions = vec![question(&[server.url()]); 5];
    let replies = ask(&questions, ProbeOptions { deadline, per_host: 2, ..options() });
    assert!(start.elapsed() < deadline + Duration::from_secs(1), "{:?}", start.elapsed());
    let answers: Vec<String> = replies.iter().map(|reply| shown(&reply.answer)).collect();
    assert!(answers[..2].iter().all(|answer| answer.starts_with("timed out ")), "{answers:?}");
    assert_eq!(answers[2..], ["deadline", "deadline", "deadline"]);
    // What was heard before the deadline counts more than an attempt that it cut.
    let server = LiveServer::answering(|at| {
        if at > 0 {
            std::thread::sleep(TIMEOUT);
        }
        with_status("503 Busy")
    });
    let probe = ProbeOptions { deadline, wait: TIMEOUT, ..options() };
    assert_eq!(shown(&ask(&[question(&[server.url()])], probe)[0].answer), "503 whole 15");
    // Good answers that were too few are not good.
    let server = LiveServer::good();
    let probe = ProbeOptions { deadline, consecutive: 100, ..options() };
    assert_eq!(shown(&ask(&[question(&[server.url()])], probe)[0].answer), "deadline");
    assert_eq!(
        shown(
            &ask(&[question(&[server.url()])], ProbeOptions { deadline: Duration::ZERO, ..options() })[0]
                .answer
        ),
        "deadline"
    );
}

/// Bytes of a body that needs room of its own.
const LONG: usize = 1 << 20;

fn long_question(server: &LiveServer) -> Question {
    Question { max_body: 8 << 20, ..question(&[server.url()]) }
}

fn long_answer() -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n");
    [head.as_bytes(), &vec![b'x'; LONG]].concat()
}

/// What finds no room is asked once more when there is some.
#[test]
fn long_bodies_come_whole_and_are_asked_for_twice_at_most() {
    let server = LiveServer::answering(|_| long_answer());
    let questions = vec![long_question(&server); 40];
    let replies =
        ask(&questions, ProbeOptions { per_host: 64, timeout: Duration::from_secs(20), ..options() });
    let whole = format!("200 whole {LONG}");
    assert!(replies.iter().all(|reply| shown(&reply.answer) == whole), "{:?}", shown(&replies[0].answer));
    assert!((40..=80).contains(&server.connections()), "{}", server.connections());
}

/// Bodies that do not end hold rooms no longer than their time, and no short answer waits for them.
#[test]
fn bodies_that_hang_hold_up_no_others_for_long() {
    let hanging = LiveServer::of(&Behaviour::long_and_hanging(LONG));
    let (long, short) = (LiveServer::answering(|_| long_answer()), LiveServer::good());
    let mut questions = vec![long_question(&hanging); 8];
    questions.extend(vec![long_question(&long); 8]);
    questions.push(question(&[short.url()]));
    let start = Instant::now();
    let mut first = None;
    let replies = hear(&questions, ProbeOptions { per_host: 64, ..options() }, |at, _, _| {
        first.get_or_insert((at, start.elapsed()));
    });
    assert!(matches!(first, Some((8.., took)) if took < TIMEOUT), "{first:?}");
    let whole = format!("200 whole {LONG}");
    assert!(
        replies[8..16].iter().all(|reply| shown(&reply.answer) == whole),
        "{:?}",
        shown(&replies[8].answer)
    );
    assert!(replies[..8].iter().all(|reply| shown(&reply.answer).starts_with("200 cut")));
    // Eight of them, at least three at a time.
    assert!(start.elapsed() < 4 * TIMEOUT, "{:?}", start.elapsed());
}
