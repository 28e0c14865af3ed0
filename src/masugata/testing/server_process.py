"""A masugata server in a process of its own, for programs that are not in this one."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from masugata.errors import MasugataError
from masugata.server import Credentials, read_credentials

_STOPPED_WITHIN = 30  # seconds
_FOREIGN = ("AWS_", "MASUGATA_")


@dataclass(frozen=True)
class ServerProcess:
    """A running server: where it is, its first account, and the keys of its user `admin`."""

    endpoint_url: str
    account: str
    region: str
    admin: Credentials = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, with what any AWS client needs to act as `admin` there.

        For `subprocess.run(…, env=masugata_server.environment)`, or monkeypatch.setenv.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.admin.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.admin.secret_access_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of `admin`; `options` are those of boto3's `Session.client`."""
        import boto3  # noqa: PLC0415  programs in other languages do without

        key = {
            "aws_access_key_id": self.admin.access_key_id,
            "aws_secret_access_key": self.admin.secret_access_key,
        }
        given = {"endpoint_url": self.endpoint_url, "region_name": self.region, **key, **options}
        return boto3.Session().client(service, **given)


@contextmanager
def server_process(
    folder: Path,
    *,
    account: str = "111122223333",
    region: str = "us-east-1",
    limits: Mapping[str, int] | None = None,
    organization: str | os.PathLike[str] | None = None,
) -> Iterator[ServerProcess]:
    """Start `masugata up --ephemeral` on a free port of this machine, and stop it at the end.

    `folder` takes its credentials file, `account` is 12 digits, `limits` are quotas that are other than
    AWS's, `organization` is a file that describes what is there from the beginning. Raises `MasugataError`
    if it does not start.
    """
    options = ["--ephemeral", "--json", "--port", "0", "--data", str(folder), "--account-id", account]
    if organization is not None:
        options += ["--organization", os.fspath(organization)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    environment["MASUGATA_LIMITS"] = ",".join(f"{name}={value}" for name, value in (limits or {}).items())
    process = subprocess.Popen(  # noqa: S603  the program is this one
        [sys.executable, "-m", "masugata", "up", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None  # noqa: S101  # INVARIANT: it was asked for
    try:
        line = process.stdout.readline()
        if not line:
            raise MasugataError("the server ended before it was ready; what it said is above")
        admin = read_credentials(folder / "credentials", "admin")
        yield ServerProcess(orjson.loads(line)["url"], account, region, admin)
    finally:
        process.terminate()
        process.stdout.close()
        process.wait(_STOPPED_WITHIN)
