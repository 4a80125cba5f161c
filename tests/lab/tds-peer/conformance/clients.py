"""Foreign TDS clients, each run in a process of its own, because their
libraries read their environment only once.

As a program (`clients.py odbc|impacket JSON`) it is such a process: it logs
in, runs one query, and prints what happened as JSON.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

QUERY = (
    "SELECT net_transport, auth_scheme, encrypt_option, SUSER_SNAME() AS login "
    "FROM sys.dm_exec_connections WHERE session_id = @@SPID"
)


@dataclass
class Outcome:
    """Either a row, or the text of what went wrong."""

    row: list[str] = field(default_factory=list)
    error: str = ""


def odbc_driver() -> Path:
    """Microsoft's driver inside the wheel that mssql-python brings."""
    for place in map(Path, sys.path):
        found = sorted(place.glob("mssql_python_odbc/libs/linux/debian_ubuntu/x86_64/lib/libmsodbcsql-*.so*"))
        if found:
            return found[0]
    raise RuntimeError("the wheel mssql-python-odbc with libmsodbcsql is not installed")


class Clients:
    def __init__(self, directory: Path, environment: dict[str, str]):
        self.directory = directory
        (directory / "odbcinst.ini").write_text(f"[msodbcsql]\nDriver={odbc_driver()}\n", encoding="utf-8")
        self.environment = {**environment, "ODBCSYSINI": str(directory)}

    def _run(self, command: list[str], stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **more}
        return subprocess.run(
            command, env=environment, input=stdin, capture_output=True, text=True, timeout=40, check=False
        )

    def _python(self, kind: str, arguments: dict) -> Outcome:
        done = self._run([sys.executable, __file__, kind, json.dumps(arguments)])
        try:
            return Outcome(**json.loads(done.stdout.splitlines()[-1]))
        except (IndexError, ValueError):
            return Outcome(error=f"exit code {done.returncode}: {done.stderr.strip()[-400:]}")

    def odbc(self, server: str, options: str, query: str = QUERY) -> Outcome:
        text = f"Driver=msodbcsql;Server={server};{options};ConnectRetryCount=0;LoginTimeout=8"
        return self._python("odbc", {"text": text, "query": query})

    def impacket(self, port: int, scheme: str, name: str, password: str = "") -> Outcome:
        """`scheme` is sql, ntlm or kerberos; with kerberos `name` is the
        server's, and its ticket must be in the cache."""
        return self._python("impacket", {"port": port, "scheme": scheme, "name": name, "password": password})

    def impacket_instances(self, address: str) -> Outcome:
        return self._python("impacket-instances", {"address": address})

    def mssql_python(self, server: str, options: str) -> Outcome:
        """The same driver below Microsoft's own binding, which opens a
        transaction by itself."""
        return self._python("mssql-python", {"text": f"Server={server};{options}"})

    def tsql(self, host: str, port: int | None, version: str, encryption: str, login: list[str], **options: str) -> Outcome:
        """FreeTDS; without a login it uses Kerberos."""
        configuration = self.directory / "freetds.conf"
        where = "" if port is None else f"    port = {port}\n"
        more = where + "".join(f"    {name.replace('_', ' ')} = {value}\n" for name, value in options.items())
        configuration.write_text(
            f"[global]\n    connect timeout = 8\n    timeout = 8\n"
            f"[peer]\n    host = {host}\n    tds version = {version}\n"
            f"    encryption = {encryption}\n{more}",
            encoding="ascii",
        )
        command = ["tsql", "-S", "peer", *login, "-o", "fhq", "-t", "|"]
        done = self._run(command, f"{QUERY}\ngo\nexit\n", FREETDSCONF=str(configuration), FREETDS=str(configuration))
        rows = [line.split("|") for line in done.stdout.splitlines() if line.count("|") == 3]
        if rows:
            return Outcome(row=rows[-1])
        return Outcome(error=(done.stdout + done.stderr).strip()[-400:] or f"exit code {done.returncode}")


def log_in_with_odbc(text: str, query: str) -> Outcome:
    import pyodbc  # pylint: disable=import-outside-toplevel

    try:
        connection = pyodbc.connect(text, timeout=8)
        row = connection.cursor().execute(query).fetchone()
        connection.close()
        return Outcome(row=[str(cell) for cell in row or []])
    except pyodbc.Error as error:
        return Outcome(error=f"{error.args}")


def log_in_with_impacket(port: int, scheme: str, name: str, password: str) -> Outcome:
    from impacket import tds  # pylint: disable=import-outside-toplevel

    client = tds.MSSQL("127.0.0.1", port, name if scheme == "kerberos" else "")
    client.connect()
    try:
        if scheme == "kerberos":
            os.environ["KRB5CCNAME"] = os.environ["KRB5CCNAME"].removeprefix("FILE:")
            accepted = client.kerberosLogin(None, "", useCache=True)
        elif scheme == "ntlm":
            accepted = client.login(None, name, password, "LAB", useWindowsAuth=True)
        else:
            accepted = client.login(None, name, password)
        if not accepted:
            return Outcome(error=f"refused: {client.replies}")
        rows = client.sql_query(QUERY)
        return Outcome(row=[str(cell) for cell in rows[0].values()])
    finally:
        client.disconnect()


def log_in_with_mssql_python(text: str) -> Outcome:
    import mssql_python  # pylint: disable=import-outside-toplevel

    try:
        connection = mssql_python.connect(text)
        cursor = connection.cursor()
        cursor.execute(QUERY)
        row = cursor.fetchone()
        connection.rollback()
        connection.close()
        return Outcome(row=[str(cell) for cell in row])
    except mssql_python.Error as error:
        return Outcome(error=str(error))


def instances_with_impacket(address: str) -> Outcome:
    from impacket import tds  # pylint: disable=import-outside-toplevel

    client = tds.MSSQL(address)
    return Outcome(row=[f"{one['InstanceName']}={one.get('tcp', '-')}" for one in client.getInstances(5)])


def main() -> None:
    kind, arguments = sys.argv[1], json.loads(sys.argv[2])
    kinds = {
        "odbc": log_in_with_odbc,
        "impacket": log_in_with_impacket,
        "impacket-instances": instances_with_impacket,
        "mssql-python": log_in_with_mssql_python,
    }
    outcome = kinds[kind](**arguments)
    print(json.dumps({"row": outcome.row, "error": outcome.error}))


if __name__ == "__main__":
    main()
