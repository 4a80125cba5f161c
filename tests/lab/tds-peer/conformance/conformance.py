"""Foreign clients against the TDS peer; see `run`.

Every case is a login and a row, or a login that must fail in a certain way.
All cases run; the exit code is 1 when one of them failed.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from clients import Clients, Outcome
from kdc import HOST, NAMED_ADDRESS, NAMED_HOST, REALM, Kdc, free_port
from peer import Peer, instance

PASSWORD = "UID=probe;PWD=Probe-Secret-1"
TSQL_PASSWORD = ["-U", "probe", "-P", "Probe-Secret-1"]


class Report:
    def __init__(self) -> None:
        self.failed = 0
        self.passed = 0

    def note(self, name: str, fault: str) -> None:
        if fault:
            self.failed += 1
            print(f"FAILED {name}: {fault}", flush=True)
        else:
            self.passed += 1
            print(f"ok     {name}", flush=True)

    def row(self, name: str, outcome: Outcome, expected: list[str]) -> None:
        same = [str(cell) for cell in outcome.row] == expected
        self.note(name, "" if same else f"expected {expected}, got {outcome.row} {outcome.error}")

    def error(self, name: str, outcome: Outcome, *expected: str) -> None:
        missing = [text for text in expected if text not in outcome.error]
        if outcome.row:
            self.note(name, f"it should have failed and gave {outcome.row}")
        elif not outcome.error or missing:
            self.note(name, f"expected {expected} in: {outcome.error}")
        else:
            self.note(name, "")

    def login(self, name: str, peer: Peer, where: str, **expected) -> None:
        event = peer.last_login(where)
        wrong = {key: event.get(key) for key, value in expected.items() if event.get(key) != value}
        self.note(f"{name}: the peer's log", f"expected {expected}, got {wrong}" if wrong else "")


def passwords(report: Report, peer: Peer, clients: Clients, certificate: Path) -> None:
    """SQL logins in all TLS modes that a client supports."""

    def row(encrypted: str) -> list[str]:
        return ["TCP", "SQL", encrypted, "probe"]

    trust = "TrustServerCertificate=yes"
    strict = f"Encrypt=strict;ServerCertificate={certificate}"
    odbc = [
        ("OFF", f"Encrypt=no;{trust}", "FALSE"),
        ("LOGIN", f"Encrypt=no;{trust}", "FALSE"),
        ("LOGIN", f"Encrypt=yes;{trust}", "TRUE"),
        ("REQUIRED", f"Encrypt=no;{trust}", "TRUE"),
        ("REQUIRED", f"Encrypt=yes;{trust}", "TRUE"),
        ("STRICT", strict, "TRUE"),
    ]
    for where, options, encrypted in odbc:
        server = f"127.0.0.1,{peer.ports[where]}" if where != "STRICT" else f"{HOST},{peer.ports[where]}"
        outcome = clients.odbc(server, f"{PASSWORD};{options}")
        report.row(f"ODBC 18, {where}, {options.split(';')[0]}", outcome, row(encrypted))
    outcome = clients.odbc(f"127.0.0.1,{peer.ports['OFF']}", f"{PASSWORD};Encrypt=yes;{trust}")
    report.error("ODBC 18, OFF, Encrypt=yes", outcome, "ncryption")
    outcome = clients.odbc(f"127.0.0.1,{peer.ports['STRICT']}", f"{PASSWORD};Encrypt=yes;{trust}")
    report.error("ODBC 18, STRICT, Encrypt=yes", outcome)

    for version in ("7.1", "7.2", "7.3", "7.4"):
        outcome = clients.tsql("127.0.0.1", peer.ports["LOGIN"], version, "request", TSQL_PASSWORD)
        report.row(f"tsql {version}, LOGIN, request", outcome, row("FALSE"))
        report.login(f"tsql {version}", peer, "LOGIN", **{"tds-version": version})
    tsql = [
        ("OFF", "off", "FALSE"),
        ("LOGIN", "off", "FALSE"),
        ("LOGIN", "require", "TRUE"),
        ("REQUIRED", "require", "TRUE"),
        ("REQUIRED", "request", "TRUE"),
    ]
    for where, encryption, encrypted in tsql:
        outcome = clients.tsql("127.0.0.1", peer.ports[where], "7.4", encryption, TSQL_PASSWORD)
        report.row(f"tsql 7.4, {where}, {encryption}", outcome, row(encrypted))

    for where, encrypted in (("OFF", "FALSE"), ("LOGIN", "FALSE"), ("REQUIRED", "TRUE")):
        outcome = clients.impacket(peer.ports[where], "sql", "probe", "Probe-Secret-1")
        report.row(f"impacket, {where}", outcome, row(encrypted))
        report.login(f"impacket, {where}", peer, where, **{"tds-version": "7.1"})
    outcome = clients.impacket(peer.ports["STRICT"], "sql", "probe", "Probe-Secret-1")
    report.row("impacket, STRICT", outcome, row("TRUE"))


def refusals(report: Report, peer: Peer, clients: Clients) -> None:
    """Logins by password that must fail, and answers that drivers must read."""
    server = f"127.0.0.1,{peer.ports['LOGIN']}"
    trust = "Encrypt=yes;TrustServerCertificate=yes"
    outcome = clients.odbc(server, f"UID=probe;PWD=wrong;{trust}")
    report.error("ODBC 18, wrong password", outcome, "28000", "18456", "Login failed for user 'probe'")
    report.login("ODBC 18, wrong password", peer, "LOGIN", state=8, result="refused")
    outcome = clients.odbc(server, f"{PASSWORD};Database=payroll;{trust}")
    report.error("ODBC 18, database that is not there", outcome, "payroll", "4060")
    outcome = clients.mssql_python(server, f"{PASSWORD};{trust}")
    report.row("mssql-python", outcome, ["TCP", "SQL", "TRUE", "probe"])
    outcome = clients.tsql("127.0.0.1", peer.ports["LOGIN"], "7.4", "request", ["-U", "probe", "-P", "wrong"])
    report.error("tsql, wrong password", outcome, "18456")
    outcome = clients.odbc(server, f"{PASSWORD};{trust}", "SELECT * FROM types")
    expected = ["Grüße", "70000", "-2", "1099511627776", "True", "2026-11-22 10:20:30.123456"]
    expected += ["2026-11-22 10:20:30.500000", "00112233-4455-6677-8899-AABBCCDDEEFF", "b'\\x01\\x05'", "None"]
    report.row("ODBC 18, all types", outcome, expected)


def browser(report: Report, peer: Peer, clients: Clients) -> None:
    """Named instances, found through SQL Browser on its own port."""
    outcome = clients.impacket_instances(NAMED_ADDRESS)
    expected = [f"{name}={port}" for name, port in peer.ports.items() if name != "HIDDEN"]
    report.row("impacket, SQL Browser", outcome, expected)
    server = f"{NAMED_HOST}\\Named"
    options = "Encrypt=yes;TrustServerCertificate=yes"
    outcome = clients.odbc(server, f"{PASSWORD};{options}")
    report.row("ODBC 18, named instance", outcome, ["TCP", "SQL", "TRUE", "probe"])
    outcome = clients.odbc(server, f"Trusted_Connection=yes;{options}")
    report.row("ODBC 18, named instance, Kerberos", outcome, ["TCP", "KERBEROS", "TRUE", "LAB\\alice"])
    outcome = clients.odbc(f"{NAMED_HOST}\\HIDDEN", f"{PASSWORD};{options}")
    report.error("ODBC 18, hidden instance", outcome, "HYT00")
    outcome = clients.tsql(NAMED_HOST, None, "7.4", "request", TSQL_PASSWORD, instance="NAMED")
    report.row("tsql, named instance", outcome, ["TCP", "SQL", "FALSE", "probe"])


def kerberos(report: Report, peer: Peer, clients: Clients) -> None:
    """Integrated logins that succeed."""
    trust = "Trusted_Connection=yes;TrustServerCertificate=yes"
    odbc = [("LOGIN", "no", "FALSE")] + [
        (where, "yes", "TRUE") for where in ("LOGIN", "REQUIRED", "LINUX", "AES128", "RC4")
    ]
    for where, encrypt, encrypted in odbc:
        outcome = clients.odbc(f"{HOST},{peer.ports[where]}", f"{trust};Encrypt={encrypt}")
        name = f"ODBC 18, Kerberos, {where}, Encrypt={encrypt}"
        report.row(name, outcome, ["TCP", "KERBEROS", encrypted, "LAB\\alice"])
        etype = {"AES128": 17, "RC4": 23}.get(where, 18)
        # Microsoft's driver delegates whenever the ticket is forwardable.
        expected = {"ticket-etype": etype, "principal": f"alice@{REALM}", "mutual": True}
        report.login(name, peer, where, **expected, **{"delegated-credential": True})
    for where in ("OFF", "LOGIN", "REQUIRED", "LINUX", "AES128", "RC4"):
        outcome = clients.tsql(HOST, peer.ports[where], "7.4", "off" if where == "OFF" else "request", [])
        encrypted = "TRUE" if where == "REQUIRED" else "FALSE"
        report.row(f"tsql, Kerberos, {where}", outcome, ["TCP", "KERBEROS", encrypted, "LAB\\alice"])
    outcome = clients.tsql(HOST, peer.ports["LOGIN"], "7.4", "request", [], enable_gssapi_delegation="yes")
    report.login("tsql, Kerberos", peer, "RC4", **{"delegated-credential": False})
    report.row("tsql, Kerberos, delegation", outcome, ["TCP", "KERBEROS", "FALSE", "LAB\\alice"])
    tickets = {"delegated-credential": True, "delegated-tickets": [f"krbtgt/{REALM}@{REALM}"]}
    report.login("tsql, Kerberos, delegation", peer, "LOGIN", **tickets)
    # impacket puts a bare AP-REQ into SPNEGO and asks for no AP-REP.
    outcome = clients.impacket(peer.ports["LOGIN"], "kerberos", HOST)
    report.row("impacket, Kerberos in SPNEGO", outcome, ["TCP", "KERBEROS", "FALSE", "LAB\\alice"])
    report.login("impacket, Kerberos in SPNEGO", peer, "LOGIN", spnego=True, mutual=False)


def ntlm(report: Report, peer: Peer, clients: Clients) -> None:
    """Logins by NTLM; impacket cannot read the refusal, so the log is asked."""
    outcome = clients.impacket(peer.ports["NTLM"], "ntlm", "alice", "never-checked")
    report.row("impacket, NTLM accepted", outcome, ["TCP", "NTLM", "FALSE", "LAB\\alice"])
    outcome = clients.impacket(peer.ports["NTLM-REFUSED"], "ntlm", "alice", "never-checked")
    report.error("impacket, NTLM refused", outcome)
    report.login("impacket, NTLM refused", peer, "NTLM-REFUSED", login="LAB\\alice", result="refused")


def kerberos_refusals(report: Report, peer: Peer, late: Peer, clients: Clients) -> None:
    """Integrated logins that must fail, with the text of the right code."""
    options = "Trusted_Connection=yes;TrustServerCertificate=yes;Encrypt=yes"
    cases = [
        (peer, "MODIFIED", 41, ["Message stream modified"]),
        (peer, "TOKEN-ONLY", 41, ["Message stream modified"]),
        (peer, "MESSAGE-ONLY", 41, ["28000", "18452", "untrusted domain"]),
        (peer, "CLOSE", 41, []),
        (peer, "LINUX-WRONG", 31, ["Decrypt integrity check failed"]),
        (peer, "LINUX-OLD", 44, ["Key version is not available"]),
        (peer, "LINUX-NONE", 45, ["Service key not available"]),
        (late, "LATE", 37, ["Clock skew too great"]),
    ]
    for where_peer, where, code, texts in cases:
        began = time.monotonic()
        outcome = clients.odbc(f"{HOST},{where_peer.ports[where]}", options)
        report.error(f"ODBC 18, Kerberos, {where}", outcome, *texts)
        report.login(f"ODBC 18, Kerberos, {where}", where_peer, where, **{"error-code": code})
        report.note(f"ODBC 18, Kerberos, {where}: at once", "" if time.monotonic() - began < 8 else "it hung")
        outcome = clients.tsql(HOST, where_peer.ports[where], "7.4", "request", [])
        report.error(f"tsql, Kerberos, {where}", outcome)
    outcome = clients.odbc(f"{HOST},{peer.ports['STRANGER']}", options)
    report.error("ODBC 18, Kerberos, no login", outcome, "28000", "18456", "LAB\\\\alice")
    report.login("ODBC 18, Kerberos, no login", peer, "STRANGER", state=11, scheme="KERBEROS")


def instances(kdc: Kdc) -> tuple[list[dict], list[dict]]:
    """The instances with their SPNs and keytabs; the second list is for the
    peer whose clock is wrong."""
    made = []
    late = []

    def add(name: str, personality: str = "windows", enctypes: str = "aes256-cts-hmac-sha1-96:normal", target=None, **more):
        one = instance(name, **more)
        host = NAMED_HOST if "address" in more else HOST
        spn = f"MSSQLSvc/{host}:{one['port']}"
        kdc.add_service(spn, enctypes)
        keytab = kdc.export(spn, f"{name}.keytab")
        one["kerberos"] = {"keytab": str(keytab), "personality": personality}
        (made if target is None else target).append(one)
        return one, spn

    add("OFF", encryption="not-supported")
    add("LOGIN")
    add("REQUIRED", encryption="required")
    generate = {"names": [HOST], "write-to": str(kdc.directory / "strict.pem")}
    add("STRICT", encryption="strict", certificate={"generate": generate})
    add("LINUX", "linux")
    add("AES128", enctypes="aes128-cts-hmac-sha1-96:normal")
    add("RC4", enctypes="rc4-hmac:normal")
    forms = {"MODIFIED": "token-and-message", "TOKEN-ONLY": "token-only", "MESSAGE-ONLY": "message-only", "CLOSE": "close"}
    for name, form in forms.items():
        one, spn = add(name)
        one["kerberos"]["refusal"] = form
        kdc.recreate(spn)
    _, spn = add("LINUX-WRONG", "linux")
    kdc.recreate(spn)
    _, spn = add("LINUX-OLD", "linux")
    kdc.new_key(spn)
    one, _ = add("LINUX-NONE", "linux")
    one["kerberos"]["keytab"] = made[0]["kerberos"]["keytab"]
    one, _ = add("STRANGER")
    one["windows-logins"] = []
    names = {"computer": "SQL1", "domain": "LAB", "dns-computer": HOST, "dns-domain": "lab.test", "dns-tree": "lab.test"}
    made.append(instance("NTLM", ntlm={**names, "accept": True}))
    made.append(instance("NTLM-REFUSED", ntlm=names))
    add("NAMED", address=NAMED_ADDRESS)
    add("HIDDEN", address=NAMED_ADDRESS, announce={"hidden": True})
    add("LATE", target=late)
    return made, late


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--peer", type=Path, required=True, help="the tds-peer program")
    binary = arguments.parse_args().peer
    report = Report()
    with tempfile.TemporaryDirectory(prefix="tds-peer-") as name:
        directory = Path(name)
        kdc = Kdc(directory)
        started = []
        try:
            made, late_instances = instances(kdc)
            kdc.add_user("alice", "Alice-Secret-1")
            kdc.kinit("alice", "Alice-Secret-1")
            clients = Clients(directory, kdc.environment())
            peer = Peer(binary, directory, "peer", made, {"listen": [NAMED_ADDRESS]})
            started.append(peer)
            other_port = {"listen": ["127.0.0.1"], "port": free_port()}
            late = Peer(binary, directory, "late", late_instances, other_port, **{"clock-offset-seconds": 660})
            started.append(late)
            passwords(report, peer, clients, directory / "strict.pem")
            refusals(report, peer, clients)
            browser(report, peer, clients)
            kerberos(report, peer, clients)
            ntlm(report, peer, clients)
            kerberos_refusals(report, peer, late, clients)
            report.note("the peers knew all queries", "" if all(one.stop() == 0 for one in started) else "see above")
        finally:
            for one in started:
                one.process.kill()
            kdc.stop()
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
