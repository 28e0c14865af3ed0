"""Writes files of many small texts in the form that src/masugata/authorization/packed.py describes."""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping

DICTIONARY_SIZE = 32 * 1024  # deflate sees no further back


def pack(form: str, header: Mapping[str, str], texts: Iterable[tuple[list[str], bytes]]) -> bytes:
    """The file of `texts`: the fields that its line of the index begins with, and each text."""
    texts = list(texts)
    dictionary = common_words(text.decode() for _, text in texts)
    lines = []
    packed = []
    offset = 0
    for fields, text in texts:
        packed.append(compress(text, dictionary))
        lines.append("\t".join([*fields, str(offset), str(len(packed[-1]))]) + "\n")
        offset += len(packed[-1])
    packed_index = compress("".join(lines).encode())
    packed_dictionary = compress(dictionary)
    sizes = {"index": str(len(packed_index)), "dictionary": str(len(packed_dictionary))}
    head = [form, *(f"{name}: {value}" for name, value in {**header, **sizes}.items()), "\n"]
    return b"".join(["\n".join(head).encode(), packed_index, packed_dictionary, *packed])


def common_words(documents: Iterable[str]) -> bytes:
    """What most documents repeat, as a deflate dictionary: the most useful words last.

    A word is one item of the JSON text with its comma; what only one document says is of no use.
    """
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(set(document.replace(",", ",\n").splitlines()))
    useful = sorted(
        (word for word, count in counts.items() if count > 1),
        key=lambda word: (counts[word] * (len(word) - 3), word),
    )
    return "".join(useful).encode()[-DICTIONARY_SIZE:]


def compress(data: bytes, dictionary: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=dictionary)
    return packer.compress(data) + packer.flush()
