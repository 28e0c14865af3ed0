"""Reads `snapshot.bin`, which scripts/build_managed_policies.py writes; see masugata.authorization.packed.

A line of the index says name, path, default version, creation and update in Unix seconds, offset and size
of its document. The lines are in order of names.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from masugata.authorization.packed import Packed, open_packed
from masugata.errors import MasugataError

_FILE = Path(__file__).with_name("snapshot.bin")
_FORM = b"masugata-managed-policies 1"


class UnknownManagedPolicyError(MasugataError):
    """No AWS managed policy of the snapshot has this ARN."""


class ManagedPolicy(msgspec.Struct, frozen=True):
    """An AWS managed policy without its document.

    `policy_id` is made from the ARN (the snapshot does not know AWS's own), so it never changes;
    `description` is empty for the same reason. Dates are aware, UTC.
    """

    name: str
    path: str
    arn: str
    policy_id: str
    default_version_id: str
    create_date: datetime
    update_date: datetime
    description: str = ""

    def document(self) -> str:
        """The JSON text of the default version."""
        return document(self.arn, self.arn.split(":", 2)[1])


@lru_cache(maxsize=1)
def _snapshot() -> Packed:
    packed = open_packed(_FILE, _FORM)
    # the leading newline lets every name be found as a whole
    return packed._replace(table=b"\n" + packed.table)


def _find(arn: str, partition: str) -> list[str] | None:
    """The index fields of the policy of exactly this ARN."""
    prefix = f"arn:{partition}:iam::aws:policy/"
    name = arn.rpartition("/")[2]
    # no name has a tab or newline: what is found is never less or more than one line's first field
    if not arn.startswith(prefix) or not name or not name.isprintable():
        return None
    table = _snapshot().table
    start = table.find(f"\n{name}\t".encode()) + 1
    if start == 0:
        return None
    fields = table[start : table.index(b"\n", start)].decode().split("\t")
    return fields if arn == f"{prefix[:-1]}{fields[1]}{name}" else None


def _policy(fields: list[str], partition: str) -> ManagedPolicy:
    name, path, version, created, updated = fields[:5]
    arn = f"arn:{partition}:iam::aws:policy{path}{name}"
    digest = hashlib.sha256(arn.encode()).digest()
    return ManagedPolicy(
        name=name,
        path=path,
        arn=arn,
        policy_id="ANPA" + base64.b32encode(digest).decode()[:17],
        default_version_id=version,
        create_date=datetime.fromtimestamp(int(created), UTC),
        update_date=datetime.fromtimestamp(int(updated), UTC),
    )


@lru_cache(maxsize=1024)
def get(arn: str, partition: str = "aws") -> ManagedPolicy | None:
    """The AWS managed policy of exactly this ARN in `partition`, or None."""
    fields = _find(arn, partition)
    return None if fields is None else _policy(fields, partition)


@lru_cache(maxsize=2)
def all_policies(partition: str = "aws") -> Sequence[ManagedPolicy]:
    """Every AWS managed policy, in order of names."""
    lines = _snapshot().table.decode().strip("\n").split("\n")
    return tuple(_policy(line.split("\t"), partition) for line in lines)


# cached: every request reads the documents attached to its principal, and equal texts that are the
# same object cost nothing to compare
@lru_cache(maxsize=128)
def document(arn: str, partition: str = "aws") -> str:
    """The JSON text of the policy's default version; raises `UnknownManagedPolicyError`.

    The snapshot is of the partition `aws`; in other partitions the ARNs inside name theirs.
    """
    fields = _find(arn, partition)
    if fields is None:
        raise UnknownManagedPolicyError(f"`{arn[:2048]}` is no AWS managed policy in partition `{partition}`")
    text = _snapshot().text(int(fields[5]), int(fields[6])).decode()
    return text if partition == "aws" else text.replace('"arn:aws:', f'"arn:{partition}:')
