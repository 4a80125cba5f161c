#!/usr/bin/env python3
"""Counts the bytes that full-screen programs send to a terminal of 80 columns and
24 lines: sspi-doctor, and slumber and trippy where they are in PATH.

    tests/perf/run bytes

All three get the same: a list in which the selection moves, letters typed into a
field (trippy has none), the page of their keys opened and closed, a wait for a
server that is silent (trippy pings this machine all the time), and a minute in
which nobody touches them. It runs in a network of its own, which
`tests/perf/run` makes (root).
"""
import fcntl
import os
import pty
import select
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

DOWN, UP, ENTER, ESCAPE = b"\x1b[B", b"\x1b[A", b"\r", b"\x1b"
LETTERS = "sql1.corp"
KEYS = 5
WORK = 4
COLLECTION = """name: Six
requests:
""" + "".join("  r%d: {name: Number %d, method: GET, url: 'http://127.0.0.1:8099/%d'}\n" % (n, n, n) for n in range(1, 7))


class Screen:
    """A program in a pseudo-terminal."""

    def __init__(self, command):
        pid, self.end = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execvp(command[0], command)
        self.pid = pid

    def count(self, seconds):
        """The bytes that come in so many seconds."""
        until, count = time.monotonic() + seconds, 0
        while (left := until - time.monotonic()) > 0:
            if select.select([self.end], [], [], left)[0]:
                try:
                    block = os.read(self.end, 65536)
                except OSError:
                    break
                if b"\x1b[6n" in block:
                    os.write(self.end, b"\x1b[1;1R")
                count += len(block)
        return count

    def after(self, keys):
        """The bytes within a second after these keys."""
        os.write(self.end, keys)
        return self.count(1)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.end)


def mean(values):
    return round(statistics.mean(values))


def measured(command, to_list, to_field, help_page, wait):
    """Bytes of a line down, of a letter, of the page of keys, of a second of waiting."""
    screen = Screen(command)
    screen.count(3)
    for keys in to_list:
        screen.after(keys)
    lines = [screen.after(DOWN) for _ in range(KEYS)] + [screen.after(UP) for _ in range(KEYS)]
    pages = [screen.after(help_page), screen.after(ESCAPE)]
    letters = "none"
    if to_field:
        screen.after(to_field)
        letters = mean([screen.after(letter.encode()) for letter in LETTERS])
    screen.close()
    command, keys = wait
    screen = Screen(command)
    for key in keys:
        screen.count(2)
        os.write(screen.end, key)
    screen.count(1)
    waiting = screen.count(WORK) / WORK
    screen.close()
    return mean(lines), letters, mean(pages), round(waiting)


def programs(ours, folder):
    walk = [ours, "walk", "name-resolution", "--set", "server=sql1.corp.example,1433", "--name-server", "127.0.0.1"]
    yield "sspi-doctor", [ours], ([], ENTER, b"?", (walk, []))
    if shutil.which("slumber"):
        command = ["slumber", "-f", os.path.join(folder, "slumber.yml")]
        yield "slumber", command, ([b"r"], b"/", b"?", (command, [b"r", ENTER]))
    if shutil.which("trip"):
        # Its list of settings, while the display is frozen: nothing else moves.
        command = ["trip", "127.0.0.1"]
        yield "trippy", command, ([b"\x06", b"s"], None, b"h", (command, []))


def main():
    ours = os.path.abspath(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    silent = []
    for kind, port in ((socket.SOCK_DGRAM, 53), (socket.SOCK_STREAM, 8099)):
        end = socket.socket(socket.AF_INET, kind)
        end.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            end.listen()
        silent.append(end)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ.update({name: folder for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "SLUMBER_DATA_DIRECTORY")})
        with open("slumber.yml", "w") as file:
            file.write(COLLECTION)
        found = list(programs(ours, folder))
        rows = [(name, *measured(command, *how)) for name, command, how in found]
        idle = [Screen(command) for _, command, _ in found]
        for screen in idle:
            screen.count(3)
        started = time.monotonic()
        counts = [0] * len(idle)
        while time.monotonic() - started < 60:
            for number, screen in enumerate(idle):
                counts[number] += screen.count(0.2)
        for screen in idle:
            screen.close()
    print("| program | one line up or down in a list | a letter typed | its page of keys, opened or closed | a second of waiting | a minute untouched |")
    print("|---|---|---|---|---|---|")
    for row, count in zip(rows, counts):
        print("| %s | %s | %s | %s | %s | %s |" % (*row, count))


main()
