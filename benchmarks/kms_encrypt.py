"""kms:Encrypt of 32 bytes over HTTP beside moto_server, and with 100,000 keys beside one.

masugata verifies the signature, evaluates key policy and IAM policies, encrypts under a key derived for the
ciphertext, and has the event on the disk before it answers; moto_server runs with its checks off.
CONNECTIONS requests are under way at once; in the large installation they are for USED different keys in
turn. What counts are requests per second of CPU that the server's processes use together, keeper and workers
included.

    python benchmarks/kms_encrypt.py [--json]
"""

import base64
import itertools
import json
import random
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from _http import Connection, Server, masugata, moto_server, report
from _kms_installation import build

MANY = 100_000
USED = 1_000
CONNECTIONS = 32
ROUNDS = 7
CALLS, MOTO_CALLS, SIGN_CALLS = 4_000, 320, 1_000
FASTER, SLOWER = 10, 1.2

PLAINTEXT = base64.b64encode(bytes(range(32))).decode()


def per_cpu_second(server: Server, requests: Sequence[bytes], calls: int) -> float:
    """How many of these requests the server answers with a second of CPU."""
    connections = [Connection(server.port) for _ in range(CONNECTIONS)]
    following = itertools.cycle(requests)
    before = server.cpu_seconds()
    try:
        for _ in range(calls // CONNECTIONS):
            for connection in connections:
                connection.send(next(following))
            for connection in connections:
                status, body = connection.receive()
                if status != 200:
                    raise RuntimeError(f"answered {status}: {body[:500]!r}")
        return calls // CONNECTIONS * CONNECTIONS / (server.cpu_seconds() - before)
    finally:
        for connection in connections:
            connection.close()


def encryptions(server: Server, keys: Sequence[str]) -> list[bytes]:
    """A call for each of these keys."""
    return [server.kms("Encrypt", KeyId=key, Plaintext=PLAINTEXT) for key in keys]


def new_key(server: Server, spec: str, usage: str) -> str:
    """The id of a new key."""
    answer = Connection(server.port).expect(server.kms("CreateKey", KeySpec=spec, KeyUsage=usage))
    return str(json.loads(answer)["KeyMetadata"]["KeyId"])


def main() -> None:
    """Measure all of them in turn."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        few_keys = build(few, 1)
        many_keys = random.Random(MANY).sample(build(many, MANY), USED)  # noqa: S311  # not a secret
        with masugata(few) as small, masugata(many) as large, moto_server() as moto:
            of_moto = encryptions(moto, [new_key(moto, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")])
            of_few, of_many = encryptions(small, few_keys), encryptions(large, many_keys)
            signer = new_key(small, "RSA_2048", "SIGN_VERIFY")
            signing = small.kms(
                "Sign", KeyId=signer, Message=PLAINTEXT, SigningAlgorithm="RSASSA_PSS_SHA_256"
            )
            per_cpu_second(small, of_few, CALLS)  # warm
            per_cpu_second(large, of_many, CALLS)
            rounds = [
                (
                    per_cpu_second(small, of_few, CALLS),
                    per_cpu_second(moto, of_moto, MOTO_CALLS),
                    per_cpu_second(large, of_many, CALLS),
                )
                for _ in range(ROUNDS)
            ]
            signatures = statistics.median(
                per_cpu_second(small, [signing], SIGN_CALLS) for _ in range(ROUNDS)
            )
    own, peer, of_large = (statistics.median(column) for column in zip(*rounds, strict=True))
    faster = statistics.median(ours / theirs for ours, theirs, _ in rounds)
    slower = statistics.median(ours / theirs for ours, _, theirs in rounds)
    report(
        {
            "masugata": own,
            "moto_server": peer,
            "faster": faster,
            "of_many": of_large,
            "slower": slower,
            "rsa_2048_sign": signatures,
            "limits": {"faster": FASTER, "slower": SLOWER},
        },
        [
            f"Encrypt of 32 bytes, requests per second of CPU, {CONNECTIONS} at once, median of {ROUNDS}",
            f"  masugata      {own:8.0f}   signature, policies, event on the disk",
            f"  moto_server   {peer:8.0f}   no checks",
            f"  ratio         {faster:8.1f}   (limit {FASTER})",
            f"  {MANY} keys   {of_large:8.0f}   {USED} of them used",
            f"  slower        {slower:8.2f}   (limit {SLOWER})",
            f"  RSA-2048 Sign {signatures:8.0f}   (for information)",
        ],
    )


if __name__ == "__main__":
    main()
