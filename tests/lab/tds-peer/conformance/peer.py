"""The peer under test: a scenario with one instance for each behaviour."""

import json
import signal
import subprocess
import time
from pathlib import Path

from clients import QUERY
from kdc import free_port

ANSWERS = [
    {
        "sql": QUERY,
        "columns": [
            {"name": name, "type": "nvarchar(128)"}
            for name in ("net_transport", "auth_scheme", "encrypt_option", "login")
        ],
        "rows": [["{net_transport}", "{auth_scheme}", "{encrypt}", "{login}"]],
    },
    {
        "sql": "SELECT * FROM types",
        "columns": [
            {"name": "n", "type": "nvarchar(max)"},
            {"name": "i", "type": "int"},
            {"name": "s", "type": "smallint"},
            {"name": "g", "type": "bigint"},
            {"name": "b", "type": "bit"},
            {"name": "d", "type": "datetime2"},
            {"name": "t", "type": "datetime"},
            {"name": "u", "type": "uniqueidentifier"},
            {"name": "v", "type": "varbinary(8)"},
            {"name": "x", "type": "nvarchar(10)"},
        ],
        "rows": [
            [
                "Grüße",
                70000,
                -2,
                1 << 40,
                True,
                "2026-11-22 10:20:30.1234567",
                "2026-11-22 10:20:30.5",
                "00112233-4455-6677-8899-aabbccddeeff",
                "0x0105",
                None,
            ]
        ],
    },
]


def instance(name: str, encryption: str = "login-only", address: str = "127.0.0.1", **more) -> dict:
    return {
        "name": name,
        "listen": [address],
        "port": free_port(address),
        "encryption": encryption,
        "sql-logins": [{"name": "probe", "password": "Probe-Secret-1"}],
        "windows-logins": [{"name": "LAB\\alice"}],
        **more,
    }


class Peer:
    """Runs from construction until stop()."""

    def __init__(self, binary: Path, directory: Path, name: str, instances: list[dict], browser: dict, **more):
        self.log_file = directory / f"{name}.log"
        self.ports = {one["name"]: one["port"] for one in instances}
        scenario = {
            "host-name": "SQL1",
            "instances": instances,
            "browser": browser,
            "queries": ANSWERS,
            **more,
        }
        # JSON is YAML.
        path = directory / f"{name}.yaml"
        path.write_text(json.dumps(scenario), encoding="utf-8")
        ready = directory / f"{name}.ready"
        self.process = subprocess.Popen([binary, path, "--log", self.log_file, "--ready-file", ready])
        for _ in range(200):
            if ready.exists():
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"the peer ended with exit code {self.process.returncode}")
            time.sleep(0.05)
        raise RuntimeError("the peer does not get ready")

    def last_login(self, name: str) -> dict:
        """The newest login event of an instance."""
        lines = self.log_file.read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines]
        logins = [one for one in events if one["event"] == "login" and one["instance"] == name]
        return logins[-1] if logins else {}

    def stop(self) -> int:
        """Ends the peer; its exit code is 0 when it knew all queries."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)
