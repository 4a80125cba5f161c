//! Cancelling a probe whose server is silent.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::terminal::{Terminal, UTF8};

/// The promise is 100 ms; a busy machine and the pseudo-terminal get the rest.
const BOUND: Duration = Duration::from_secs(1);

#[test]
fn a_probe_on_a_silent_server_is_cancelled_at_once() {
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("server=127.0.0.1,{}", silent.local_addr().unwrap().port());
    let arguments = ["walk", "server-reachability", "--set", &server];
    let mut terminal = Terminal::start(&arguments, UTF8);
    let greets = "Greet the SQL Server";
    loop {
        terminal.wait("a result or a question to the server", |seen| {
            let screen = seen.parser.screen().contents();
            screen.contains("Enter next") || screen.contains("waiting for")
        });
        let screen = terminal.screen();
        let title = screen.lines().nth(1).unwrap_or_default().to_owned();
        if title.contains(greets) {
            break;
        }
        if screen.contains("Enter next") {
            terminal.type_in("\r");
            terminal.wait("the next step", |seen| {
                let screen = seen.parser.screen().contents();
                screen.lines().nth(1) != Some(title.as_str())
            });
        }
    }
    for _ in 0..3 {
        terminal.wait_for("waiting for");
        let start = Instant::now();
        terminal.type_in("c");
        terminal.wait_for("you cancelled it");
        let took = start.elapsed();
        assert!(took < BOUND, "{took:?}");
        terminal.type_in("r");
    }
    terminal.wait_for("waiting for");
    terminal.type_in("q");
    terminal.wait_for("Leave?");
    terminal.type_in("y");
    terminal.ended();
    terminal.assert_restored();
}
