"""Values of 64 KB that are made to take the detector of scripts long; the first is an honest document."""

SIZE = 65_536
# What puts the rest into other states of a page: text, a tag, a quoted value, a comment, a script, and all
# contexts at once with a comment of a script.
_STARTS = (b"", b"<a ", b'"', b"<!--", b"<script>", b"/**/'=\"")
_PIECES = (
    # Tags and attributes.
    b"<", b"<a ", b"<a>", b"</a", b"<a b=c>", b"<p title=''>", b"<x:y a:b=c>", b"<img src=fa>",
    b"</title><a>", b"a ", b"a\nb=", b"a=b ", b'a="b" ', b"a='b'", b'"a="', b"'><a b='", b'<a b="', b"/=",
    b"=", b'"\n', b"<a\0", b"<a a a a a ", b"<a =", b"onclick=a ", b"<p onclick=1>", b"<a v-on:b=c() >",
    b"<form>", b"<base>",
    b"a b c d '= ", b"=a b c d ", b"a / =", b"a=\" b=' ", b"a\x01=b ", b"o\0nx=",
    # Comments, sections and raw text, and what ends them.
    b"<!--", b"<!--[if", b"<!--[if a]>", b"-->", b"--!>", b"<!", b"<?x", b"<![CDATA[", b"]]>", b"</script",
    b"<script>", b"<x:script>", b"<style>", b"<style>a\\61/**/", b"<svg><style><!--",
    b'<noscript><p title="</noscript>', b"<math><mtext><table><mglyph><style>", b"<template>",
    b"<iframe srcdoc=\"<iframe srcdoc='",
    # Addresses, references and styles.
    b"javascript:", b"java\tscript:", b"<a href=javascript:", b"<a href='j\tava&tab;'>", b'<a href="&#106;',
    b"&#x6a;", b"&Tab;", b"&", b"data:;base64,", b"<p style='&#101;\\65xpression", b'<p style="/*">',
    b"-o-link", b"expression (",
    # Scripts.
    b"alert", b"a=alert,", b"alert`", b"(alert,", b"top['", b"self[/a/", b"constructor", b"{{constructor",
    b"eval(", b"fetch(a", b"script:/*", b"onerror=a;throw", b"document.cookie", b"location=", b"call`",
    b"![]", b"';a(", b"'+a.b.c",
    # What is read twice.
    b"/**/", b"/*", b"al<b>ert", b"a<b>c", b"o<x>n", b"a\xe2\x80\x8b(", b"\xef\xbc\x9c",
    b"<\xef\xbc\x9cscript",
)  # fmt: skip
_ROW = b'<tr class="x"><td style="color: red">a &amp; b</td><td><a href="/x?a=b:c">it\'s</a></td></tr>\n'

VALUES = {"an honest table": (_ROW * SIZE)[:SIZE]} | {
    f"{start!r} {piece!r}"[:60]: (start + piece * (SIZE // len(piece)))[:SIZE]
    for piece in _PIECES
    for start in _STARTS
}
"""By what they are made of."""
