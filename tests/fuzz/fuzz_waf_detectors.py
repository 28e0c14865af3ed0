"""Fuzz target: whatever a value holds, its decodings are bounded, and the detectors answer."""

from masugata.engines.waf import detectors
from masugata.engines.waf.decoding import DEEPEST, layers
from masugata.engines.waf.detectors import Place

SEEDS = (
    b"; c'a't${IFS}/e?c/p[a]sswd | {ls,-l} `id` $(who) & w^h^o^ami",
    b"..%252f..%c0%af....//..;/%uff0e0x2e0x2e0x5c/.../etc/passwd\0.png",
    b"${${lower:j}${::-n}${env:X:-d}i:ldap://x} %{(#a=@java.lang.Runtime@getRuntime())} rO0AB",
    (b"http://a@0251.0376.0251.0376:80/ http://[::ffff:169.254.169.254]/ gopher://127.1/ file:///x"),
    b"<?php ${'x'}($_GET[0]); O:8:\"stdClass\":1:{ php://input {{7*7}} <%= system('id') %>",
    b"__proto__ constructor.prototype $1:constructor:constructor [$ne] *)(uid=*))(|(uid=*",
    (b"<!DOCTYPE a [<!ENTITY % b SYSTEM 'x'>]> <!--#exec cmd='x' -->\r\nSet-Cookie: a=b\r\nRCPT TO:<a@b>"),
)
PIECES = (
    b"../",
    b"${",
    b"}",
    b";",
    b"|",
    b"`",
    b"'",
    b"\\",
    b"%25",
    b"\xc0\xae",
    b"http://",
    b"0x",
    b"{{",
    b"<?",
    b"$",
    b"(",
    b"\n",
    b"/*",
    b"*/",
)
_DETECTORS = tuple(getattr(detectors, name) for name in detectors.__all__ if name.isupper())
_PLACES = tuple(Place)


def fuzz_one(data: bytes) -> None:
    """One value in one place; a finding is an exception, or an answer that is none."""
    found = layers(data)
    if len(found) > 1 + 2 * DEEPEST or max(map(len, found)) > len(data):
        raise AssertionError(found)
    place = _PLACES[len(data) % len(_PLACES)]
    for detector in _DETECTORS:
        for layer in found:
            evidence = detector.detect(layer, place)
            if evidence is not None and not (0 < evidence.score <= 100 and evidence.reason):
                raise AssertionError(evidence)
