"""`masugata policy test`: cases of requests and policies against what they should decide."""

from collections.abc import Iterator

import click
import orjson

from masugata.cli._json_values import Located, UnreadableError, read_file, read_values
from masugata.cli._options import json_option
from masugata.cli._policy_cases import KIND, Result, check, run


@click.command("test", epilog="Example: masugata policy test cases.jsonl")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@json_option
@click.pass_context
def test_command(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Run the cases in FILE..., as JSON Lines or a JSON array; `-` is standard input.

    A case has `kind` ("decision"), `id`, `request`, `policies` and `expect`. All files are read before the
    first case runs. Exit status: 0 all decided as expected, 1 some not (a case of an unknown kind, or
    one with a malformed policy, is not as expected), 2 a file cannot be read or holds no case.
    """
    cases = [located for file in files for located in _read(file)]
    if not cases:
        raise UnreadableError(f"{', '.join(files)}: no case of kind `{KIND}`")
    for located in cases:
        check(located)
    summary = {"cases": 0, "ok": 0, "different": 0, "errors": 0, "skipped": 0}
    for result in map(run, cases):
        summary["cases"] += 1
        summary[_column(result)] += 1
        if as_json:
            click.echo(orjson.dumps(result.to_dict()))
        elif not result.ok:
            click.echo(_line(result))
    click.echo(orjson.dumps({"summary": summary}) if as_json else _sum(summary))
    ctx.exit(0 if summary["ok"] == summary["cases"] else 1)


def _read(file: str) -> Iterator[Located]:
    name = "standard input" if file == "-" else file
    yield from read_values(read_file(file), name)


def _column(result: Result) -> str:
    if result.ok:
        return "ok"
    return {"error": "errors", "skipped": "skipped"}.get(result.got.partition(":")[0], "different")


def _line(result: Result) -> str:
    mark = click.style("-" if result.got.startswith("skipped") else "✗", fg="red")
    if not result.why:
        return f"{mark} {result.where} {result.id}: {result.got}"
    return f"{mark} {result.where} {result.id}: expected {result.expected}, got {result.got} {result.why}"


def _sum(summary: dict[str, int]) -> str:
    parts = [f"{summary['ok']} of {summary['cases']} cases as expected"]
    parts += [f"{summary[name]} {name}" for name in ("different", "errors", "skipped") if summary[name]]
    return ", ".join(parts)
