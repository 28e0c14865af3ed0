"""Clients that change and use keys of KMS without end, and keep what they were answered."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import boto3
import botocore.config
import orjson
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from e2e.conftest import Server
from fault.kms_facts import HERE, THERE, Facts, OwnKey
from masugata.records.kms import DISABLED, ENABLED, PENDING_DELETION, PENDING_IMPORT
from unit.services.kms.importing import import_material

SORTS = {
    "symmetric": {},
    "multi-region": {"MultiRegion": True},
    "imported": {"Origin": "EXTERNAL"},
    "ECC_NIST_P256": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "RSA_2048": {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
    "HMAC_256": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
}
WEIGHTS = (6, 4, 3, 4, 1, 2)
SIGNING = {"ECC_NIST_P256": "ECDSA_SHA_256", "RSA_2048": "RSASSA_PSS_SHA_256"}
MOST_ROTATIONS = 20


class Shared:
    """What all clients of a server that lives for a while have in common."""

    def __init__(self, server: Server) -> None:
        self.account = server.account
        self.here, self.there = (_client(server, region) for region in (HERE, THERE))
        self.progress = threading.Condition()
        self.done = 0
        self.enough = threading.Event()
        self.losing = threading.Event()
        """Whether who answers was killed, so that a call may be lost."""


class Actor:
    """Has keys of its own; all that it was answered is in them and in `acknowledged`."""

    def __init__(self, number: int, seed: int) -> None:
        self.keys: list[OwnKey] = []
        self.acknowledged: set[str] = set()
        self.wrong: list[str] = []
        self.random = Random(seed)
        self._number, self._made = number, 0
        self._shared: Shared

    def work(self, shared: Shared) -> None:
        """Make calls until it is enough or the server is gone."""
        self._shared = shared
        while not shared.enough.is_set():
            try:
                self._step()
            except EndpointConnectionError as error:
                # Nothing was sent. Tests beside this one may have used up all ports just now.
                cause = repr(error.kwargs.get("error"))
                if not shared.losing.is_set() and f"[Errno {errno.EADDRNOTAVAIL}]" not in cause:
                    self.wrong.append(cause)
            except (HTTPClientError, KeyError) as error:
                # To botocore an answer that ended after its head, by a kill, is one without members.
                if not shared.losing.is_set():
                    self.wrong.append(repr(error))
            except Exception as error:  # noqa: BLE001  # whatever it is, it is told
                self.wrong.append(repr(error))
                return
            with shared.progress:
                shared.done += 1
                shared.progress.notify_all()

    def _step(self) -> None:
        usable = [key for key in self.keys[-40:] if key.certain]
        if not usable or self.random.random() < 0.12:
            self._create()
            return
        key = self.random.choice(usable)
        assert key.facts is not None
        acts = [act for act, may in self._acts(key, key.facts) if may]
        if acts:
            self.random.choice(acts)(key, key.facts)

    def _acts(self, key: OwnKey, facts: Facts) -> Iterator[tuple[Callable[[OwnKey, Facts], None], bool]]:
        enabled, there = facts.state == ENABLED, facts.state in {ENABLED, DISABLED}
        encrypts = key.sort in {"symmetric", "multi-region", "imported"}
        for _ in range(3):
            yield self._use, enabled
        yield self._disable, enabled
        yield self._enable, facts.state == DISABLED
        yield self._policy, there
        yield self._alias, there and len(facts.aliases) < 5
        yield self._delete_alias, there and bool(facts.aliases)
        yield self._grant, enabled
        yield self._revoke, enabled and bool(facts.grants)
        rotates = encrypts and key.sort != "imported"
        yield self._rotate, enabled and rotates and facts.rotations < MOST_ROTATIONS
        yield self._replicate, enabled and key.sort == "multi-region" and not facts.replica
        yield self._delete_replica, facts.replica == ENABLED
        yield self._import, facts.state == PENDING_IMPORT
        yield self._delete_material, enabled and key.sort == "imported"
        yield self._delete, there and not facts.replica and self.random.random() < 0.5
        yield self._keep, facts.state == PENDING_DELETION and self.random.random() < 0.3

    def _change(self, name: str, key: OwnKey, after: Facts, call: Callable[[], Any]) -> Any:
        """A call after which the key is this; until it is answered it may be that, or what it was."""
        key.before = key.facts
        key.possible, key.in_flight = {key.facts, after}, name
        answer = call()
        self._keep_answer(answer)
        key.possible, key.in_flight = {after}, ""
        return answer

    def _keep_answer(self, answer: Any) -> None:
        self.acknowledged.add(answer["ResponseMetadata"]["RequestId"])

    def _create(self) -> None:
        self._made += 1
        sort = self.random.choices(tuple(SORTS), WEIGHTS)[0]
        key = OwnKey(f"client-{self._number}-{self._made}", sort)
        self.keys.append(key)
        after = Facts(PENDING_IMPORT if sort == "imported" else ENABLED)

        def create() -> Any:
            answer = self._kms.create_key(Description=key.name, **SORTS[sort])
            key.id = answer["KeyMetadata"]["KeyId"]  # of an answer that was cut off there is none
            return answer

        self._change("CreateKey", key, after, create)

    @property
    def _kms(self) -> Any:
        return self._shared.here

    def _use(self, key: OwnKey, _: Facts) -> None:
        """Get something that must be good for as long as the key is."""
        if key.sort in SIGNING:
            message, algorithm = os.urandom(20), SIGNING[key.sort]
            answer = self._kms.sign(KeyId=key.id, Message=message, SigningAlgorithm=algorithm)
            proof = ("sign", message, answer["Signature"])
        elif key.sort == "HMAC_256":
            message = os.urandom(20)
            answer = self._kms.generate_mac(KeyId=key.id, Message=message, MacAlgorithm="HMAC_SHA_256")
            proof = ("mac", message, answer["Mac"])
        else:
            context = {"table": key.name, "number": str(len(key.proofs))}
            if self.random.random() < 0.5:
                plaintext = os.urandom(20)
                answer = self._kms.encrypt(KeyId=key.id, Plaintext=plaintext, EncryptionContext=context)
            else:
                answer = self._kms.generate_data_key(
                    KeyId=key.id, KeySpec="AES_256", EncryptionContext=context
                )
                plaintext = answer["Plaintext"]
            proof = ("decrypt", answer["CiphertextBlob"], context, plaintext)
        key.proofs.append(proof)
        self._keep_answer(answer)

    def _disable(self, key: OwnKey, facts: Facts) -> None:
        after = facts._replace(state=DISABLED)
        self._change("DisableKey", key, after, lambda: self._kms.disable_key(KeyId=key.id))

    def _enable(self, key: OwnKey, facts: Facts) -> None:
        after = facts._replace(state=ENABLED)
        self._change("EnableKey", key, after, lambda: self._kms.enable_key(KeyId=key.id))

    def _policy(self, key: OwnKey, facts: Facts) -> None:
        root = f"arn:aws:iam::{self._shared.account}:root"
        statement = {
            "Sid": f"v{facts.policy + 1}",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": "kms:*",
            "Resource": "*",
        }
        policy = orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
        after = facts._replace(policy=facts.policy + 1)
        self._change(
            "PutKeyPolicy", key, after, lambda: self._kms.put_key_policy(KeyId=key.id, Policy=policy)
        )

    def _alias(self, key: OwnKey, facts: Facts) -> None:
        name = f"alias/{key.name}-{self.random.randrange(10**9)}"
        after = facts._replace(aliases=facts.aliases | {name})
        self._change(
            "CreateAlias", key, after, lambda: self._kms.create_alias(AliasName=name, TargetKeyId=key.id)
        )

    def _delete_alias(self, key: OwnKey, facts: Facts) -> None:
        name = self.random.choice(sorted(facts.aliases))
        after = facts._replace(aliases=facts.aliases - {name})
        self._change("DeleteAlias", key, after, lambda: self._kms.delete_alias(AliasName=name))

    def _grant(self, key: OwnKey, facts: Facts) -> None:
        name = f"g{self.random.randrange(10**9)}"
        root = f"arn:aws:iam::{self._shared.account}:root"
        operations = ["Decrypt"] if "decrypt" in {proof[0] for proof in key.proofs} else ["DescribeKey"]
        after = facts._replace(grants=facts.grants | {name})

        def create() -> Any:
            answer = self._kms.create_grant(
                KeyId=key.id, GranteePrincipal=root, Operations=operations, Name=name
            )
            key.grants[name] = answer["GrantId"]
            return answer

        self._change("CreateGrant", key, after, create)

    def _revoke(self, key: OwnKey, facts: Facts) -> None:
        name = self.random.choice(sorted(facts.grants))
        after = facts._replace(grants=facts.grants - {name})
        self._change(
            "RevokeGrant",
            key,
            after,
            lambda: self._kms.revoke_grant(KeyId=key.id, GrantId=key.grants[name]),
        )

    def _rotate(self, key: OwnKey, facts: Facts) -> None:
        after = facts._replace(rotations=facts.rotations + 1)
        try:
            self._change(
                "RotateKeyOnDemand", key, after, lambda: self._kms.rotate_key_on_demand(KeyId=key.id)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":  # one before is still at work
                raise
            key.possible, key.in_flight = {facts}, ""

    def _replicate(self, key: OwnKey, facts: Facts) -> None:
        after = facts._replace(replica=ENABLED)
        self._change(
            "ReplicateKey", key, after, lambda: self._kms.replicate_key(KeyId=key.id, ReplicaRegion=THERE)
        )

    def _delete_replica(self, key: OwnKey, facts: Facts) -> None:
        after, there = facts._replace(replica=PENDING_DELETION), self._shared.there
        self._change(
            "ScheduleKeyDeletion",
            key,
            after,
            lambda: there.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7),
        )

    def _import(self, key: OwnKey, facts: Facts) -> None:
        key.secret = key.secret or os.urandom(32)
        after = facts._replace(state=ENABLED)
        self._change("ImportKeyMaterial", key, after, lambda: import_material(self._kms, key.id, key.secret))

    def _delete_material(self, key: OwnKey, facts: Facts) -> None:
        after = facts._replace(state=PENDING_IMPORT)
        self._change(
            "DeleteImportedKeyMaterial",
            key,
            after,
            lambda: self._kms.delete_imported_key_material(KeyId=key.id),
        )

    def _delete(self, key: OwnKey, facts: Facts) -> None:
        after = facts._replace(state=PENDING_DELETION)
        self._change(
            "ScheduleKeyDeletion",
            key,
            after,
            lambda: self._kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7),
        )

    def _keep(self, key: OwnKey, facts: Facts) -> None:
        after = facts._replace(state=DISABLED)
        self._change("CancelKeyDeletion", key, after, lambda: self._kms.cancel_key_deletion(KeyId=key.id))


def prove(shared: Shared, key: OwnKey, proof: tuple[Any, ...]) -> None:
    """What the key gave once is good; if it cannot be used now, that is said and nothing else."""
    sort, *parts = proof
    facts = key.facts
    usable = facts is not None and facts.state == ENABLED
    try:
        if sort == "decrypt":
            blob, context, plaintext = parts
            answer = shared.here.decrypt(CiphertextBlob=blob, EncryptionContext=context)
            assert answer["Plaintext"] == plaintext
        elif sort == "sign":
            message, signature = parts
            algorithm = SIGNING[key.sort]
            answer = shared.here.verify(
                KeyId=key.id, Message=message, Signature=signature, SigningAlgorithm=algorithm
            )
            assert answer["SignatureValid"]
        else:
            message, mac = parts
            answer = shared.here.verify_mac(
                KeyId=key.id, Message=message, Mac=mac, MacAlgorithm="HMAC_SHA_256"
            )
            assert answer["MacValid"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        refusals = {"DisabledException", "KMSInvalidStateException"}
        if facts is None:  # a ciphertext names a key, which may never have been
            refusals = {"AccessDeniedException", "NotFoundException"}
        assert not usable, (key.name, code)
        assert code in refusals, (key.name, code, facts)
    else:
        assert usable, f"{key.name} is used though it is {facts}"


def _client(server: Server, region: str) -> Any:
    key = server.admin()
    return boto3.client(
        "kms",
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
        config=botocore.config.Config(
            retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60, max_pool_connections=10
        ),
    )
