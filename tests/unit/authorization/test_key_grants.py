"""What it costs to find the grants of a key that matter: by counting the records that are read."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from masugata.authorization.resources.kms import key_grants
from masugata.records.kms import GRANT, Grant
from masugata.store.codec import codecs_of
from masugata.store.snapshot import Snapshot, SnapshotBuilder
from property.authorization.grant_world import ACCOUNT, CALLERS, KEY_RECORD, NOW, REGION, USER

MANY = 10_000
CALLER = CALLERS["user"]


class Counting:
    """The records of a snapshot, and how many of them were read or asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.steps = 0

    def count_referring(self, *place: Any) -> int:
        """Counts as one step: it lists nothing."""
        self.steps += 1
        return self._snapshot.count_referring(*place)

    def scan_referring(self, *place: Any) -> Iterator[Grant]:
        """One step, and one more for each record."""
        self.steps += 1
        for record in self._snapshot.scan_referring(*place):
            self.steps += 1
            yield record


def records(others: dict[str, Any]) -> Snapshot:
    """Very many grants that differ in `others`, made from their number, and one more of the caller."""
    plain = Grant(
        id="f" * 64,
        key_id=KEY_RECORD.id,
        creation_date=NOW,
        issuing_account=ACCOUNT,
        grantee=USER,
        operations=("Encrypt", "DescribeKey"),
        context_subset={"volume": "mine", "account": "1"},
    )
    many = (
        replace(plain, id=f"{number:064x}", **{name: make(number) for name, make in others.items()})
        for number in range(MANY)
    )
    builder = SnapshotBuilder()
    codec = codecs_of([GRANT])[GRANT.service, GRANT.name]
    bodies = [(GRANT.key(grant), codec.encode(grant)[0]) for grant in (*many, plain)]
    builder.add(codec, ACCOUNT, REGION, bodies)
    return builder.build(1)


@pytest.mark.parametrize(
    "others",
    [
        {"grantee": lambda number: f"arn:aws:sts::{ACCOUNT}:federated-user/u{number}"},
        {"context_subset": lambda number: {"account": "1", "volume": f"v{number}"}},
        {
            "context_subset": lambda _: None,
            "context_equals": lambda number: {"account": "1", "volume": f"v{number}"},
        },
    ],
    ids=["of others", "for other contexts", "for exactly other contexts"],
)
@pytest.mark.parametrize("action", ["kms:Encrypt", "kms:DescribeKey"])
def test_grants_that_do_not_matter_cost_nothing(others: dict[str, Any], action: str) -> None:
    """Ten thousand grants of others, or for other contexts, are not gone through."""
    counting = Counting(records(others))
    request = {"EncryptionContext": {"account": "1", "volume": "mine"}}
    found = key_grants(KEY_RECORD, ACCOUNT, CALLER, action, request, counting)  # type: ignore[arg-type]
    assert {grant.grantee for grant in found} == {USER}
    assert counting.steps <= 12


def test_a_key_without_grants_costs_one_look() -> None:
    """However many grants the Region has for other keys."""
    counting = Counting(records({"grantee": lambda number: f"arn:aws:iam::{number:012}:root"}))
    other = replace(KEY_RECORD, id="00000000-0000-4000-8000-000000000002")
    assert key_grants(other, ACCOUNT, CALLER, "kms:Encrypt", {}, counting) == ()  # type: ignore[arg-type]
    assert counting.steps == 1


@pytest.mark.parametrize("action", ["kms:ScheduleKeyDeletion", "kms:ListGrants", "kms:ReEncrypt"])
def test_what_no_grant_allows_costs_nothing(action: str) -> None:
    """Operations that cannot be granted are not looked for."""
    counting = Counting(records({"grantee": lambda _: USER}))
    assert key_grants(KEY_RECORD, ACCOUNT, CALLER, action, {}, counting) == ()  # type: ignore[arg-type]
    assert counting.steps == 0
