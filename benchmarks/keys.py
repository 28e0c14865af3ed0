"""What the engine and the keeper add to the bare cryptography, side by side in one run.

On the left a call of `cryptography` with a key object at hand (AES-GCM with one key and a fresh vector), on
the right the same of ours: encryption by the engine, which derives a key for each ciphertext, and all else by
material in this process, brought along sealed as each request does. CPU time of one call in microseconds, the
median of ROUNDS rounds taken in turn; fails beyond the limits.

    python benchmarks/keys.py [--json]
"""

import hashlib
import hmac
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDH, ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from masugata.engines import keys
from masugata.keeper.local_materials import MATERIAL_PURPOSE, LocalMaterials, material_identity
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.sealing import RootKeeper

ROUNDS = 15
BUDGET = 0.02  # seconds of one measurement
LIMITS = {"encrypt 32 B": 5.0, "RSA-2048 PSS sign": 1.3}
KEY_ID, MATERIAL_ID = "mrk-" + "a" * 32, "b" * 64
SPECS = (
    "SYMMETRIC_DEFAULT",
    "HMAC_256",
    "RSA_2048",
    "ECC_NIST_P256",
    "ECC_NIST_EDWARDS25519",
    "ML_DSA_65",
    "ML_KEM_768",
)

Pair = tuple[Callable[[], object], Callable[[], object]]


def symmetric() -> dict[str, Pair]:
    """Encrypting and decrypting 32 bytes and 4 KiB: AES-GCM under one key, and the engine."""
    secret, bare = os.urandom(32), AESGCM(os.urandom(32))
    context = keys.canonical_context({"shop": "tokyo"})
    rows: dict[str, Pair] = {}
    for name, size in (("32 B", 32), ("4 KiB", 4096)):
        text, vector = os.urandom(size), os.urandom(12)
        sealed = bare.encrypt(vector, text, context)

        def encrypt(text: bytes = text) -> bytes:
            return keys.encrypt(secret, KEY_ID, MATERIAL_ID, text, context, random=os.urandom(28))

        blob = encrypt()
        rows[f"encrypt {name}"] = (
            lambda text=text: bare.encrypt(os.urandom(12), text, context),  # type: ignore[misc]  # a default
            encrypt,
        )
        rows[f"decrypt {name}"] = (
            lambda vector=vector, sealed=sealed: bare.decrypt(vector, sealed, context),  # type: ignore[misc]
            lambda blob=blob: keys.decrypt(secret, blob, context),  # type: ignore[misc]
        )
    return rows


def by_material() -> dict[str, Pair]:
    """Operations of the keeper, and the same with a key object."""
    root = RootKeeper(RootKeyRing({1: os.urandom(32)}), "benchmark")
    materials: LocalMaterials = root.materials
    sealed = {
        spec: materials.generate("444455556666", KEY_ID, spec, keys.KEY_SPECS[spec].usages[-1])
        for spec in SPECS
    }
    decrypting = materials.generate("444455556666", KEY_ID, "RSA_2048", "ENCRYPT_DECRYPT")
    signing = materials.generate("444455556666", KEY_ID, "ECC_NIST_P256", "SIGN_VERIFY")
    objects = {spec: opened(root, material) for spec, material in sealed.items()}
    digest = hashlib.sha256(b"espresso").digest()
    pss, oaep = PSS(MGF1(SHA256()), 32), OAEP(MGF1(SHA256()), SHA256(), None)
    prehashed, ecdsa = Prehashed(SHA256()), ECDSA(Prehashed(SHA256()))
    rsa, p256 = objects["RSA_2048"], objects["ECC_NIST_P256"]
    ed25519, ml_dsa, ml_kem = (objects[s] for s in ("ECC_NIST_EDWARDS25519", "ML_DSA_65", "ML_KEM_768"))
    decrypting_rsa, signing_p256 = opened(root, decrypting), opened(root, signing)
    public_key = materials.public_key(sealed["ECC_NIST_P256"])
    peer: Any = load_der_public_key(public_key)
    ciphertext = keys.encrypt_with_public_key(
        "RSA_2048", materials.public_key(decrypting), "RSAES_OAEP_SHA_256", b"espresso"
    )
    capsule = keys.encapsulate("ML_KEM_768", materials.public_key(sealed["ML_KEM_768"])).ciphertext
    secret, bare = os.urandom(32), AESGCM(os.urandom(32))

    def sign(spec: str, algorithm: str, message: bytes, message_type: str) -> Callable[[], bytes]:
        return lambda: materials.sign(sealed[spec], algorithm, message, message_type)

    return {
        "encrypt 32 B by material": (
            lambda: bare.encrypt(os.urandom(12), secret, b""),
            lambda: materials.encrypt(sealed["SYMMETRIC_DEFAULT"], secret, b""),
        ),
        "HMAC-SHA-256": (
            lambda: hmac.digest(secret, b"espresso", "sha256"),
            lambda: materials.generate_mac(sealed["HMAC_256"], b"espresso"),
        ),
        "RSA-2048 PSS sign": (
            lambda: rsa.sign(digest, pss, prehashed),
            sign("RSA_2048", "RSASSA_PSS_SHA_256", digest, "DIGEST"),
        ),
        "RSA-2048 OAEP decrypt": (
            lambda: decrypting_rsa.decrypt(ciphertext, oaep),
            lambda: materials.decrypt(decrypting, "RSAES_OAEP_SHA_256", ciphertext, b""),
        ),
        "ECDSA P-256 sign": (
            lambda: signing_p256.sign(digest, ecdsa),
            lambda: materials.sign(signing, "ECDSA_SHA_256", digest, "DIGEST"),
        ),
        "ECDH P-256": (
            lambda: p256.exchange(ECDH(), peer),
            lambda: materials.derive_shared_secret(sealed["ECC_NIST_P256"], public_key),
        ),
        "Ed25519 sign": (
            lambda: ed25519.sign(b"espresso"),
            sign("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", b"espresso", "RAW"),
        ),
        "ML-DSA-65 sign": (
            lambda: ml_dsa.sign(b"espresso"),
            sign("ML_DSA_65", "ML_DSA_SHAKE_256", b"espresso", "RAW"),
        ),
        "ML-KEM-768 decapsulate": (
            lambda: ml_kem.decapsulate(capsule),
            lambda: materials.decapsulate(sealed["ML_KEM_768"], capsule),
        ),
    }


def opened(root: RootKeeper, material: Any) -> Any:
    """The key object of a material, for the bare call; None for a secret without one."""
    secret = root.unseal(MATERIAL_PURPOSE, material.sealed, material_identity(material))
    return load_der_private_key(secret, None) if keys.KEY_SPECS[material.spec].asymmetric else None


def calls_of(call: Callable[[], object]) -> int:
    """How many calls fill the budget."""
    start = time.perf_counter()
    for _ in range(5):
        call()
    return max(5, int(BUDGET / ((time.perf_counter() - start) / 5)))


def timed(call: Callable[[], object], calls: int) -> float:
    """CPU microseconds of one call."""
    start = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - start) / calls * 1e6


def main() -> None:
    """Measure all in turn, print medians and ratios, fail beyond a limit."""
    rows = {**symmetric(), **by_material()}
    counts = {name: calls_of(bare) for name, (bare, _) in rows.items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in rows}
    for _ in range(ROUNDS):
        for name, (bare, ours) in rows.items():
            times[name].append((timed(bare, counts[name]), timed(ours, counts[name])))
    medians = {
        name: [statistics.median(side) for side in zip(*each, strict=True)] for name, each in times.items()
    }
    ratios = {name: statistics.median(ours / bare for bare, ours in each) for name, each in times.items()}
    if "--json" in sys.argv:
        print(json.dumps({"microseconds": medians, "ratios": ratios, "limits": LIMITS, "rounds": ROUNDS}))
    else:
        print(f"CPU time of one call in µs, bare and ours; median of {ROUNDS} rounds")
        for name, (bare_time, our_time) in medians.items():
            limit = f"   (limit {LIMITS[name]})" if name in LIMITS else ""
            print(f"  {name:26} {bare_time:8.2f} {our_time:8.2f}   x {ratios[name]:5.2f}{limit}")
    missed = [name for name, limit in LIMITS.items() if ratios[name] > limit]
    if missed:
        sys.exit(f"beyond the limit: {', '.join(missed)}")


if __name__ == "__main__":
    main()
