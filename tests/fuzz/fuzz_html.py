"""Fuzz target: whatever a value holds, the tokenizer is the standard's, and the detector answers."""

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.html._markup import ATTRIBUTE, Kind, attribute, tokens
from model import html_model

SEEDS = (
    b"<p class='a'>x <b>y</b></p><!-- z --><img src=x onerror=alert(1)>",
    b'"><svg/onload=top["al"+"ert"](1)>',
    b"<a href=\"java&Tab;script&colon;alert(1)\" style='width:e\\78 pression(1)'>",
    b"<style>@import 'x'</style><iframe srcdoc='&lt;script>'></iframe>",
    b"javascript:/*x*/alert`1` '-alert(1)-' {{constructor.constructor('x')()}}",
    b"<![CDATA[x]]><?xml-stylesheet href='x'?></ y><title></title>",
)
PIECES = (
    b"<",
    b">",
    b"--",
    b"/*",
    b"*/",
    b"'",
    b'"',
    b"`",
    b"=",
    b"&#x6a;",
    b"\0",
    b"on",
    b"<a ",
    b"</script",
    b"(",
)


def fuzz_one(data: bytes) -> None:
    """One value; a finding is an exception, or a token that the model has otherwise."""
    found = XSS.detect(data, Place.FORM_FIELD)
    if found is not None and not 0 < found.score <= 100:
        raise AssertionError(found)
    seen = []
    for token in tokens(data, raw_text=False):
        if token.kind in {Kind.START_TAG, Kind.END_TAG}:
            held = [attribute(each) for each in ATTRIBUTE.finditer(data, token.body, token.close)]
            seen.append((token.kind.value, token.name, [(each.name, each.value) for each in held]))
        else:
            seen.append((token.kind.value, None, None))
    if seen != html_model.tokens(data):
        raise AssertionError(seen)
