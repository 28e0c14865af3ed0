"""Forms with files, well-formed and not."""

import pytest

from masugata.engines.waf.parsing.multipart import parse_multipart

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n2\r\n'
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="cat.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x89PNG\0\r\n"
    b"--x--\r\n"
)  # fmt: skip


def field(disposition: bytes, content: bytes = b"v", more: bytes = b"") -> bytes:
    """A form of one part."""
    return b"--x\r\nContent-Disposition: " + disposition + more + b"\r\n\r\n" + content + b"\r\n--x--"


def test_fields_and_files() -> None:
    """Names, file names, types and contents, without the line end that belongs to the delimiter."""
    form = parse_multipart(FORM, b"x", cut=False)
    assert form.well_formed
    assert [(part.name, part.file_names, part.content_type, part.content) for part in form.parts] == [
        (b"a", (), b"", b"1\r\n2"),
        (b"f", (b"cat.png",), b"image/png", b"\x89PNG\0"),
    ]


@pytest.mark.parametrize(
    ("disposition", "name", "file_names"),
    [
        (b"form-data; name=a", b"a", ()),
        (b'form-data;NAME="a;b"', b"a;b", ()),
        (b'form-data; name="a\\"b"', b'a"b', ()),
        (b'form-data; name="a"; filename=""', b"a", ()),
        (b'form-data; name="a"; filename="x"; filename="../y"', b"a", (b"x", b"../y")),
        (b"form-data; name=a; filename*=UTF-8''%2e%2e%2fx+y", b"a", (b"UTF-8''../x+y",)),
        (b'form-data; name=a; filename="=?UTF-8?B?Li4v?=x"', b"a", (b"=?UTF-8?B?Li4v?=x", b"../x")),
        (
            b'form-data; name=a; filename="=?utf-8?q?=2e.=2Fx_y?="',
            b"a",
            (b"=?utf-8?q?=2e.=2Fx_y?=", b"../x y"),
        ),
        (b'form-data; name=a; filename="=?utf-8?B?L?="', b"a", (b"=?utf-8?B?L?=",)),
        (b'form-data; name="a', b"a", ()),
        (b"form-data;\r\n name=a", b"a", ()),
        (b"", b"", ()),
    ],
)
def test_dispositions(disposition: bytes, name: bytes, file_names: tuple[bytes, ...]) -> None:
    """Quoted and bare, folded and twice; an empty file name makes no file."""
    (part,) = parse_multipart(field(disposition), b"x", cut=False).parts
    assert (part.name, part.file_names) == (name, file_names)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"a=1&b=2", id="a form that is none"),
        pytest.param(b"evil\r\n" + FORM, id="a preamble"),
        pytest.param(FORM + b"evil", id="an epilogue"),
        pytest.param(FORM.removesuffix(b"--x--\r\n"), id="no end"),
        pytest.param(FORM.replace(b"\r\n\r\n1", b"\r\n1"), id="no end of the headers"),
        pytest.param(FORM.replace(b"Content-Disposition", b"X"), id="no disposition"),
        pytest.param(FORM.replace(b"2\r\n--x", b"2--x"), id="a delimiter within a line"),
        pytest.param(b"--x\r\n" * 1_000, id="too many parts"),
    ],
)
def test_malformed(body: bytes) -> None:
    """What parsers could read in two ways says so, and the raw body is looked at."""
    assert not parse_multipart(body, b"x", cut=False).well_formed
    assert not parse_multipart(FORM, b"", cut=False).well_formed


def test_a_body_that_is_cut_may_have_no_end() -> None:
    """Of an upload that is larger than what is looked at, the beginning is well-formed."""
    assert parse_multipart(FORM[:-10], b"x", cut=True).well_formed


@pytest.mark.parametrize(
    ("more", "content", "alternative"),
    [
        (b"\r\nContent-Transfer-Encoding: base64", b"PHNjcmlwdD4=", b"<script>"),
        (b"\r\nContent-Transfer-Encoding: quoted-printable", b"=3Cscript=3E", b"<script>"),
        (b"\r\nContent-Type: text/plain; charset=utf-16le", "<b>".encode("utf-16-le"), b"<b>"),
        (b"\r\nContent-Type: text/plain; charset=utf-7", b"+ADw-b+AD4-", b"<b>"),
    ],
)
def test_other_readings(more: bytes, content: bytes, alternative: bytes) -> None:
    """Old encodings of parts are undone, and the content is still there as it came."""
    (part,) = parse_multipart(field(b"form-data; name=a", content, more), b"x", cut=False).parts
    assert part.content == content
    assert part.alternatives == (alternative,)


def test_line_ends_alone() -> None:
    """Lenient parsers take a bare newline for the end of a line."""
    form = parse_multipart(FORM.replace(b"\r\n", b"\n"), b"x", cut=False)
    assert [part.name for part in form.parts] == [b"a", b"f"]
