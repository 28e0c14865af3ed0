"""What is known of keys of KMS from answers alone, and what a store says of them."""

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

import orjson
from msgspec.structs import replace

from masugata.records.kms import (
    ALIAS,
    FORGET,
    GRANT,
    KEY,
    KEY_MATERIAL,
    ON_DEMAND,
    PENDING_DELETION,
    SCHEDULED,
)

HERE, THERE = "us-east-1", "eu-west-1"
CHANGES = frozenset(
    {
        "CancelKeyDeletion", "CreateAlias", "CreateGrant", "CreateKey", "DeleteAlias",
        "DeleteImportedKeyMaterial", "DisableKey", "EnableKey", "ImportKeyMaterial", "PutKeyPolicy",
        "ReplicateKey", "RevokeGrant", "RotateKeyOnDemand", "ScheduleKeyDeletion",
    }
)  # fmt: skip


class Facts(NamedTuple):
    """A key as its owner sees it; `policy` counts its changes, `replica` is empty where there is none."""

    state: str
    policy: int = 0
    aliases: frozenset[str] = frozenset()
    grants: frozenset[str] = frozenset()
    rotations: int = 0
    replica: str = ""


class OwnKey:
    """A key that one client works with, one call at a time.

    `possible` is what it can be: one thing, but for a call that was not answered, or a window that has
    ended. None is a key that is not there.
    """

    def __init__(self, name: str, sort: str) -> None:
        self.name, self.sort = name, sort
        self.id = ""
        self.possible: set[Facts | None] = {None}
        self.before: Facts | None = None
        self.in_flight = ""
        self.grants: dict[str, str] = {}
        self.proofs: list[tuple[Any, ...]] = []
        self.proven = 0
        self.secret = b""

    @property
    def facts(self) -> Facts | None:
        """What it is for certain; it is asked for only while that is so."""
        [facts] = self.possible
        return facts

    @property
    def certain(self) -> bool:
        """Whether it is known what it is, and that it is there."""
        return len(self.possible) == 1 and self.facts is not None


class Seen(NamedTuple):
    """A key in a store: its id, its facts, and the ids of its grants by their names."""

    id: str
    facts: Facts
    grants: dict[str, str]


def see(records: Any, account: str) -> dict[str, Seen]:
    """All keys by their descriptions; nothing may be there by halves."""
    keys = {region: {key.id: key for key in records.scan(KEY, account, region)} for region in (HERE, THERE)}
    parts = {
        (kind, region): _by_key(records, kind, account, region)
        for kind in (ALIAS, GRANT, KEY_MATERIAL, SCHEDULED)
        for region in (HERE, THERE)
    }
    for (kind, region), found in parts.items():
        left = {one for one in found if one not in keys[region]}
        if kind is SCHEDULED:  # the keeper is still to be told to forget it
            left = {one for one in left if any(entry.what != FORGET for entry in found[one])}
        assert not left, f"{kind.name} without a key in {region}: {left}"
    seen = {}
    for key in keys[HERE].values():
        copies = [key, *(keys[THERE][key.id] for _ in key.replica_regions)]
        for copy in copies:
            check_material(copy, parts[KEY_MATERIAL, copy.region].get(copy.id, []), key)
        grants = {grant.name: grant.id for grant in parts[GRANT, HERE].get(key.id, [])}
        aliases = frozenset(alias.name for alias in parts[ALIAS, HERE].get(key.id, []))
        sid = orjson.loads(key.policy)["Statement"][0]["Sid"]
        version = int(sid[1:]) if sid[1:].isdigit() else 0
        replica = "" if len(copies) == 1 else _settled(copies[1].state)
        facts = Facts(key.state, version, aliases, frozenset(grants), key.on_demand_rotations, replica)
        assert key.description not in seen, "a key was created twice"
        seen[key.description] = Seen(key.id, facts, grants)
    copied = {key.id for key in keys[HERE].values() if key.replica_regions}
    assert set(keys[THERE]) == copied, "a replica without a primary that knows of it"
    return seen


def check_material(key: Any, materials: list[Any], primary: Any) -> None:
    """A key has all the material that it must have, and no rotation was done by halves."""
    known = {material.id: material for material in materials}
    if key.origin == "EXTERNAL":
        sealed = bool(known) and all(material.sealed for material in materials)
        assert sealed or key.state in {"PendingImport", PENDING_DELETION}, key.id
        assert not sealed or key.state != "PendingImport", key.id
        return
    assert known[key.current_material].sealed
    assert all(material.sealed for material in materials)
    rotated = sum(material.rotation_type == ON_DEMAND for material in materials)
    assert len(materials) == rotated + 1
    assert rotated == primary.on_demand_rotations - (primary.on_demand_rotation_start is not None)


def end_window(transaction: Any, account: str, key_id: str, region: str) -> None:
    """Let the waiting period of a key that is to be deleted have ended yesterday."""
    key = transaction.get(KEY, account, key_id, region)
    ended = key.creation_date - timedelta(days=1)
    transaction.put(KEY, account, replace(key, deletion_date=ended), region)


class Trail:
    """The events that a store has more than at the last look."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._known = 0

    def new(self, store: Any) -> tuple[set[str], list[tuple[str, str]], Counter[str]]:
        """Ids of requests; name and id of the changes that were done; what KMS did by itself, by name."""
        requests: set[str] = set()
        changes: list[tuple[str, str]] = []
        own: Counter[str] = Counter()
        latest = self._known
        for region in (HERE, THERE):
            for event in self._rows(store, region):
                latest = max(latest, event.seq)
                body = orjson.loads(event.body)
                request = body.get("requestID")
                if body["eventType"] != "AwsApiCall" or request is None:
                    own[event.name] += 1
                    continue
                requests.add(request)
                if event.name in CHANGES and "errorCode" not in body:
                    changes.append((event.name, request))
        self._known = latest
        return requests, changes, own

    def _rows(self, store: Any, region: str) -> Any:
        before = None
        while page := store.events(self._account, region, before_seq=before, limit=500):
            for event in page:
                if event.seq <= self._known:
                    return
                yield event
            before = page[-1].seq


def _by_key(records: Any, kind: Any, account: str, region: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for record in records.scan(kind, account, region):
        found.setdefault(record.key_id, []).append(record)
    return found


def _settled(state: str) -> str:
    return state if state == PENDING_DELETION else "Enabled"
