"""A throw-away MIT KDC in one directory, on a free port of loopback."""

import os
import socket
import subprocess
import time
from pathlib import Path

REALM = "LAB.TEST"
HOST = "sql1.lab.test"
# A loopback address of this run's own, for SQL Browser's fixed port.
NAMED_HOST = "sql2.lab.test"
NAMED_ADDRESS = f"127.{1 + os.getpid() // 250 % 250}.{1 + os.getpid() % 250}.2"


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def nss_wrapper() -> str:
    return str(next(Path("/usr/lib").rglob("libnss_wrapper.so")))


class Kdc:
    """Runs from construction until stop()."""

    def __init__(self, directory: Path):
        self.directory = directory
        port = free_port()
        (directory / "krb5.conf").write_text(
            f"""[libdefaults]
    default_realm = {REALM}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    kdc_timesync = 0
    udp_preference_limit = 1
    forwardable = true
    permitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 rc4-hmac
[realms]
    {REALM} = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
    .lab.test = {REALM}
""",
            encoding="ascii",
        )
        (directory / "kdc.conf").write_text(
            f"""[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {REALM} = {{
        database_name = {directory}/principal
        key_stash_file = {directory}/stash
        acl_file = {directory}/acl
        max_life = 10h
        supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal rc4-hmac:normal
    }}
[logging]
    kdc = FILE:{directory}/kdc.log
""",
            encoding="ascii",
        )
        (directory / "hosts").write_text(
            f"127.0.0.1 {HOST} sql1\n{NAMED_ADDRESS} {NAMED_HOST} sql2\n", encoding="ascii"
        )
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master-of-the-lab")
        self.process = subprocess.Popen(
            ["krb5kdc", "-n"], env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait(port)

    def environment(self) -> dict[str, str]:
        """What a program needs to see this KDC and the host names."""
        return {
            **os.environ,
            "KRB5_CONFIG": str(self.directory / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(self.directory / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{self.directory}/ccache",
            "LD_PRELOAD": nss_wrapper(),
            "NSS_WRAPPER_HOSTS": str(self.directory / "hosts"),
        }

    def _run(self, *command: str, stdin: str = "") -> str:
        done = subprocess.run(
            command, env=self.environment(), input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def _wait(self, port: int) -> None:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the KDC does not listen")

    def _admin(self, command: str) -> str:
        return self._run("kadmin.local", "-r", REALM, "-q", command)

    def add_user(self, name: str, password: str) -> None:
        self._admin(f"addprinc -pw {password} {name}")

    def add_service(self, principal: str, enctypes: str = "aes256-cts-hmac-sha1-96:normal") -> None:
        self._admin(f"addprinc -randkey -e {enctypes} {principal}")

    def export(self, principal: str, name: str) -> Path:
        """A keytab with the keys as they are."""
        path = self.directory / name
        self._admin(f"ktadd -norandkey -k {path} {principal}")
        return path

    def new_key(self, principal: str, enctypes: str = "aes256-cts-hmac-sha1-96:normal") -> None:
        """Another key with the next version; tickets use it from now on."""
        self._admin(f"cpw -randkey -e {enctypes} {principal}")

    def recreate(self, principal: str) -> None:
        """Another key with version 1 again."""
        self._admin(f"delprinc -force {principal}")
        self.add_service(principal)

    def kinit(self, user: str, password: str) -> None:
        self._run("kinit", user, stdin=f"{password}\n")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
