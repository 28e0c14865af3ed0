"""A slow and obvious model of ciphertexts: every byte written out from the standards.

Key derivation is NIST SP 800-108 (counter mode, HMAC-SHA256), encryption NIST SP 800-38D (GCM) on top of AES
for single blocks. It shares nothing with the engine.
"""

import hashlib
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

_R = 0xE1 << 120


class Opened(NamedTuple):
    """What a ciphertext says, and what is in it."""

    key_id: str
    material_id: str
    plaintext: bytes


def canonical_context(context: dict[str, str]) -> bytes:
    """For each pair, by the code points of the keys: both texts in UTF-8, behind lengths of four bytes."""
    written = b""
    for name in sorted(context, key=lambda text: [ord(character) for character in text]):
        for text in (name, context[name]):
            written += len(text.encode("utf-8")).to_bytes(4, "big") + text.encode("utf-8")
    return written


def encrypt(
    material: bytes, key_id: str, material_id: str, plaintext: bytes, context: dict[str, str], random: bytes
) -> bytes:
    """The ciphertext: header, nonce, initialization vector, encrypted bytes, tag."""
    multi_region = key_id.startswith("mrk-")
    header = bytes([1, 1, int(multi_region)])
    header += bytes.fromhex(key_id.replace("mrk-", "").replace("-", ""))
    header += bytes.fromhex(material_id)
    nonce, vector = random[:16], random[16:]
    additional = header + nonce + vector + canonical_context(context)
    encrypted, tag = gcm(derived(material, nonce), vector, plaintext, additional)
    return header + nonce + vector + encrypted + tag


def decrypt(material: bytes, ciphertext: bytes, context: dict[str, str]) -> Opened | None:
    """What `encrypt` was given, or None."""
    if len(ciphertext) < 95 or ciphertext[0] != 1 or ciphertext[1] != 1 or ciphertext[2] > 1:
        return None
    digits, material_id = ciphertext[3:19].hex(), ciphertext[19:51].hex()
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    key_id = "mrk-" + digits if ciphertext[2] == 1 else "-".join(parts)
    nonce, vector = ciphertext[51:67], ciphertext[67:79]
    key = derived(material, nonce)
    plaintext, _ = gcm(key, vector, ciphertext[79:-16], b"")  # CTR is its own inverse
    again = encrypt(material, key_id, material_id, plaintext, context, nonce + vector)
    return Opened(key_id, material_id, plaintext) if again == ciphertext else None


def derived(material: bytes, nonce: bytes) -> bytes:
    """HMAC-SHA256 over counter, label, zero, nonce and length in bits."""
    message = b"\0\0\0\1" + b"masugata kms data" + b"\0" + nonce + b"\0\0\1\0"
    key = material.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def gcm(key: bytes, vector: bytes, plaintext: bytes, additional: bytes) -> tuple[bytes, bytes]:
    """Encrypted bytes and tag; the initialization vector has 96 bits."""
    counters = [vector + number.to_bytes(4, "big") for number in range(1, len(plaintext) // 16 + 3)]
    stream = b"".join(block(key, counter) for counter in counters[1:])
    encrypted = bytes(one ^ other for one, other in zip(plaintext, stream, strict=False))
    hashed = padded(additional) + padded(encrypted)
    hashed += (len(additional) * 8).to_bytes(8, "big") + (len(encrypted) * 8).to_bytes(8, "big")
    sub_key, total = int.from_bytes(block(key, bytes(16)), "big"), 0
    for place in range(0, len(hashed), 16):
        total = product(total ^ int.from_bytes(hashed[place : place + 16], "big"), sub_key)
    mask = int.from_bytes(block(key, counters[0]), "big")
    return encrypted, (total ^ mask).to_bytes(16, "big")


def block(key: bytes, data: bytes) -> bytes:
    """AES-256 of one block."""
    return Cipher(AES256(key), ECB()).encryptor().update(data)  # noqa: S305  # one block is what AES does


def padded(data: bytes) -> bytes:
    """Filled with zeros to whole blocks."""
    return data + bytes(-len(data) % 16)


def product(x: int, y: int) -> int:
    """The product in GF(2^128), bits in GCM's order."""
    result = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            result ^= y
        y = y >> 1 ^ (_R if y & 1 else 0)
    return result
