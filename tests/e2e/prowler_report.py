"""Running Prowler against a server with nothing but its endpoint set, and reading what it found."""

import csv
import json
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from e2e.audited_organizations import CONFIGURATION
from e2e.conftest import Server
from masugata.server import Credentials
from masugata.services import SERVICES

PROGRAM = Path(__file__).parents[2] / ".venv-prowler" / "bin" / "prowler"
SECONDS = 900
_UNBUILT = re.compile(
    r"calling the (?P<operation>\w+) operation: The (?:service `(?P<service>[\w-]+)`"
    r"|operation `\w+` of the service `(?P<of>[\w-]+)`) is not implemented"
)


class Report(NamedTuple):
    """What Prowler found, by check: (status, text); its log lines that tell of errors; a row of its table.

    `failures` are the requests that the server answered with 5xx: (service, operation, status).
    """

    findings: Mapping[str, list[tuple[str, str]]]
    errors: list[str]
    account: Mapping[str, str]
    failures: list[tuple[str, str, int]]

    def statuses(self) -> dict[str, set[str]]:
        """What is said of each check."""
        return {check: {status for status, _ in found} for check, found in self.findings.items()}


class Audited:
    """A server whose answers are noted, to be audited from a folder of its own."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._log = folder / "access.log"

    def audit(
        self, credentials: Mapping[str, str], *services: str, options: Sequence[str] = (), name: str = "all"
    ) -> Report:
        """Run all checks of these services; `name` is that of the run."""
        folder = self._folder / name
        folder.mkdir()
        configuration = folder / "configuration.yaml"
        configuration.write_text(json.dumps(CONFIGURATION))
        environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        environment |= {
            "AWS_ENDPOINT_URL": self.server.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(folder),
            "NO_PROXY": "*",
            **credentials,
        }
        command = [PROGRAM, "aws", "-f", "us-east-1", "--service", *services, "-M", "csv", "-o", folder]
        command += ["--config-file", configuration, "--no-banner", "--log-level", "ERROR", *options]
        answered = self._log.stat().st_size
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        log = done.stdout + done.stderr
        assert done.returncode in (0, 3), log  # 3: some checks failed
        (table,) = folder.glob("prowler-output-*.csv")
        findings, account = defaultdict(list), {}
        with table.open(newline="") as rows:
            for account in csv.DictReader(rows, delimiter=";"):
                findings[account["CHECK_ID"]].append((account["STATUS"], account["STATUS_EXTENDED"]))
        errors = [line for line in log.splitlines() if "ERROR:" in line or "CRITICAL:" in line]
        errors = [line for line in errors if not is_excused(line)]
        return Report(findings, errors, account, self._failures(answered))

    def _failures(self, start: int) -> list[tuple[str, str, int]]:
        """The answers that a server must not give to what is built, from the log of accesses."""
        with self._log.open("rb") as log:
            log.seek(start)
            lines = [orjson.loads(line) for line in log]
        answers = [line for line in lines if "status" in line]
        assert answers, "no access was logged"
        return [
            (answer.get("service", ""), answer.get("operation", ""), answer["status"])
            for answer in answers
            if answer["status"] >= 500 and not _is_unbuilt(answer)
        ]


@contextmanager
def audited(data: Path, folder: Path) -> Iterator[Audited]:
    """A server on a data directory; `folder` is for what is written about it."""
    server = Server(data, ("--log-format", "json", "--access-log", "all"))
    with (folder / "access.log").open("wb") as log:
        server.start(stderr=log)
        try:
            yield Audited(server, folder)
        finally:
            server.stop()


def variables(key: Credentials, token: str | None = None) -> dict[str, str]:
    """Credentials as programs read them from their environment."""
    found = {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]}
    return found if token is None else found | {"AWS_SESSION_TOKEN": token}


def is_excused(line: str) -> bool:
    """What no server can help, and what is not built and says so.

    Prowler looks at EC2, too; its list of escalations has an action of a service that AWS ended, which its
    own library refuses.
    """
    if "InvalidActionPatternError" in line and "codestar" in line:
        return True
    unbuilt = _UNBUILT.search(line)
    if unbuilt is None:
        return False
    service = unbuilt["service"] or unbuilt["of"]
    return unbuilt["operation"] not in SERVICES.get(service, {})


def _is_unbuilt(answer: Mapping[str, str]) -> bool:
    """Whether it is the answer to an operation that is not built: 501 NotImplemented."""
    built = answer.get("operation") in SERVICES.get(answer.get("service", ""), {})
    return answer.get("error") == "NotImplemented" and not built
