"""NIST's vectors of what the engine builds on: key derivation and AES key wrap with padding."""

import json
from pathlib import Path

from masugata.engines.keys import InvalidCiphertextError
from masugata.engines.keys.derivation import first_block
from masugata.engines.keys.wrapping import unwrap_with_aes

VECTORS = Path(__file__).parents[3] / "vectors/nist"


def vectors(name: str) -> list[dict[str, str | None]]:
    """The vectors of one file."""
    return json.loads((VECTORS / f"{name}.json").read_text())["vectors"]


def test_key_derivation() -> None:
    """SP 800-108 in counter mode with HMAC-SHA256, outputs of up to a block."""
    found = vectors("kbkdf-counter-hmac-sha256")
    for vector in found:
        block = first_block(bytes.fromhex(vector["key"]), bytes.fromhex(vector["fixed_input"]))
        assert block.hex().startswith(vector["output"])
    assert {len(vector["output"]) for vector in found} == {32, 40, 64}


def test_key_unwrapping() -> None:
    """SP 800-38F's KWP with AES-256: good ones unwrap, bad ones are refused."""
    found = vectors("kwp-aes-256")
    for vector in found:
        try:
            plaintext = unwrap_with_aes(bytes.fromhex(vector["key"]), bytes.fromhex(vector["wrapped"])).hex()
        except InvalidCiphertextError:
            plaintext = None
        assert plaintext == vector["plaintext"], vector["count"]
    assert {vector["plaintext"] is None for vector in found} == {True, False}
