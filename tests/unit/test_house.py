"""The rules of the house that no other tool holds."""

import re
import subprocess
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from masugata.limits import LIMITS
from masugata.settings import Settings
from masugata.wire.errors import ERROR_NAMES

ROOT = Path(__file__).parents[2]
MAXIMUM_LINES = 400

# Where packages come from and where someone's checkout lies are no business of the repository.
# The patterns are put together from parts, or this file would hold what it forbids.
FORBIDDEN = {
    "host of a package registry": re.compile(
        "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs", "crates" + r"\.io"])
    ),
    "option that names an index": re.compile(r"--(extra-)?" + r"index-url[ =]|--find" + "-links[ =]"),
    "path of one machine": re.compile(
        r"(?<![A-Za-z0-9_.$}])/(?:work/[a-z]|root/[a-z.]|(?:Users|home)/[a-z]+/)"
    ),
}


def _tracked() -> list[Path]:
    """Files that git knows or would take, or in an export all files outside caches."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    hidden = re.compile(r"/(\.(?!ci/)[^/]+|__pycache__|typings|dist|build)/")
    found = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in found if not hidden.search(f"/{path.relative_to(ROOT).as_posix()}")]


def _text(path: Path) -> str | None:
    """The file's text, or None for binary files."""
    content = path.read_bytes()
    return None if b"\0" in content else content.decode()


TRACKED = _tracked()


def test_there_is_something_to_check() -> None:
    """The other tests here look at files: the package, the tests and the decisions are among them."""
    names = {path.relative_to(ROOT).as_posix() for path in TRACKED}
    assert {"pyproject.toml", "src/masugata/__init__.py", "docs/adr/index.md"} <= names


def test_no_strange_file_name() -> None:
    """Names are portable; a URL that a program took for a path is not."""
    names = [path.relative_to(ROOT).as_posix() for path in TRACKED]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._/-]+", name)] == []


def test_every_page_is_in_the_index_of_its_kind() -> None:
    """Each how-to, tutorial, explanation and reference page can be found from the index."""
    index = (ROOT / "docs/index.md").read_text()
    for folder in ("how-to", "tutorial", "explanation", "reference"):
        own = ROOT / "docs" / folder / "index.md"
        listing = own.read_text() if own.exists() else index
        prefix = "" if own.exists() else f"{folder}/"
        pages = {path.name for path in (ROOT / "docs" / folder).glob("*.md")} - {"index.md"}
        assert {page for page in pages if f"({prefix}{page})" not in listing} == set(), folder


def test_no_source_file_is_too_long() -> None:
    """A file under src/ that has grown beyond its limit is two files."""
    sources = [path for path in TRACKED if path.suffix == ".py" and path.is_relative_to(ROOT / "src")]
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in sources}
    assert {name: lines for name, lines in lengths.items() if lines > MAXIMUM_LINES} == {}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_addresses_and_no_machine(what: str) -> None:
    """No text file holds the host of a package registry, an index option or a path of one machine."""
    found = []
    for path in TRACKED:
        text = _text(path)
        match = FORBIDDEN[what].search(text) if text is not None else None
        if match:
            found.append(f"{path.relative_to(ROOT).as_posix()}: {match.group()}")
    assert found == []


def test_forbidden_patterns_find_what_they_forbid() -> None:
    """The patterns match real examples, and no address or path that is fine."""
    bad = {
        "host of a package registry": "https://" + "py" + "pi.org/simple",
        "option that names an index": "--extra-" + "index-url https://example.com",
        "path of one machine": "cd /" + "work/main",
    }
    fine = (
        "https://example.com/home/user/x arn:aws:iam::111122223333:root /var/lib/masugata ../work/x $R/root/a"
    )
    for what, pattern in FORBIDDEN.items():
        assert pattern.search(bad[what]), what
        assert not pattern.search(fine), what


def test_no_credentials() -> None:
    """No text file holds what an AWS client prints when it is given keys."""
    given = re.compile(r'"(?:SecretAccessKey|SessionToken|ServicePassword)": *"[A-Za-z0-9+/=]{36,}"')
    found = [path.name for path in TRACKED if (text := _text(path)) is not None and given.search(text)]
    assert found == []
    assert given.search('"SecretAccessKey": "' + "a" * 40 + '"')


def test_every_decision_is_in_the_index() -> None:
    """Each ADR is listed once with its title and status, numbers have no gaps, and no link is dead."""
    records = sorted(path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [name[:4] for name in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    expected = []
    for name in records:
        lines = (ROOT / "docs/adr" / name).read_text().splitlines()
        title, status = lines[0].partition(". ")[2], lines[2].removeprefix("- Status: ")
        expected.append(f"| [{name[:4]}]({name}) | {title} | {status} |")
    index = (ROOT / "docs/adr/index.md").read_text().splitlines()
    assert [line for line in index if line.startswith("| [")] == expected


def test_links_between_documents_are_alive() -> None:
    """A relative link in a Markdown file leads to a file."""
    dead = []
    for path in (path for path in TRACKED if path.suffix == ".md"):
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(), flags=re.DOTALL)
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
        inside = [target for target in targets if "://" not in target]
        dead += [f"{path.name}: {target}" for target in inside if not (path.parent / target).exists()]
    assert dead == []


def test_every_setting_is_documented() -> None:
    """The table of settings names exactly the fields of `Settings`, and their plain defaults."""
    page = (ROOT / "docs/reference/settings.md").read_text().partition("## Files")[0]
    rows = [re.split(r"(?<!\\)\|", line) for line in page.splitlines() if line.startswith("| `")]
    documented = {name: row[3].strip() for row in rows for name in re.findall(r"`(\w+)`", row[1])}
    assert list(documented) == [field.name for field in fields(Settings)]
    for field in fields(Settings):
        if field.default not in (None, (), MISSING):
            assert documented[field.name].strip("`") == str(field.default).replace("False", "false")


def test_every_limit_is_documented() -> None:
    """The table of limits names exactly those that there are, and AWS's values."""
    page = (ROOT / "docs/reference/settings.md").read_text()
    rows = re.findall(r"^\| `([\w.-]+\.[\w.-]+)` \| ([0-9,]+) \|$", page, re.MULTILINE)
    assert {name: int(value.replace(",", "")) for name, value in rows} == dict(LIMITS)


def test_every_common_error_is_documented() -> None:
    """The table of errors has each error that any service can answer, under its names in both families."""
    page = (ROOT / "docs/reference/errors.md").read_text().partition("## How")[0]
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    documented = {(query, row[2].strip(" `")) for row in rows for query in re.findall(r"`(\w+)`", row[1])}
    assert {(name.query, name.json) for name in ERROR_NAMES.values()} - documented == set()


def test_the_console_script_is_the_packaged_one() -> None:
    """The `masugata` that scripts/env writes calls the function that pyproject.toml names."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, function = scripts["masugata"].split(":")
    written = (ROOT / "scripts/env").read_text()
    assert f"\nfrom {module} import {function}\n\nsys.exit({function}())\n" in written


def test_locks_hold_every_requirement_with_hashes() -> None:
    """Each declared run-time dependency is locked, and each locked line has an exact version and a hash."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\s<>=~!\[;]", line, maxsplit=1)[0].lower() for line in project["dependencies"]}
    locked = (ROOT / "requirements/run.txt").read_text()
    assert declared <= set(re.findall(r"^([a-z0-9-]+)==", locked, flags=re.MULTILINE))
    for path in (ROOT / "requirements").glob("*.txt"):
        code = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
        entries = "\n".join(code).replace("\\\n", " ").splitlines()
        wrong = [
            line
            for line in entries
            if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:", line)
        ]
        assert wrong == [], path.name
