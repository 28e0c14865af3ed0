"""`masugata apply` and `masugata export` against a server of its own."""

import json

import pytest

from masugata.testing.server_process import server_process

FILE = """policy_types: [SERVICE_CONTROL_POLICY]
policies:
  stay:
    content:
      Version: 2012-10-17
      Statement: {Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*"}
root:
  policies: [stay]
accounts:
  tokyo:
    email: tokyo@example.com
    id: 444455556666
    iam:
      users:
        hanako: {access_keys: 1}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server, with nothing in it but `admin`; its folder is what `--data` names."""
    folder = tmp_path_factory.mktemp("server")
    with server_process(folder) as server:
        yield folder, server


def test_from_a_file_to_a_file(masugata, running, tmp_path):
    """Dry run, apply, nothing left to do, export and again nothing: by exit status and by words."""
    folder, server = running
    file = tmp_path / "organization.yaml"
    file.write_text(FILE)
    data = ("--data", folder)
    before = masugata("apply", file, "--dry-run", *data)
    assert (before.status, before.err) == (1, "")
    assert before.out.startswith("+ create organization\n")
    assert "+ create tokyo: user `hanako`\n" in before.out
    with pytest.raises(Exception, match="AWSOrganizationsNotInUse"):
        server.client("organizations").describe_organization()
    done = masugata("apply", file, "--json", *data)
    assert done.status == 0, done.err
    told = json.loads(done.out)
    assert told["made"] == len(told["changes"]) > 5
    assert {"action": "create", "what": "organization", "account": "management"}.items() <= told["changes"][
        0
    ].items()
    again = masugata("apply", file, "--dry-run", *data)
    assert (again.status, again.out) == (0, "No difference.\n")
    assert masugata("apply", file, *data).out == "No difference.\n0 changes made.\n"
    environment = json.loads(masugata("env", "--profile", "tokyo.hanako", "--json", *data).out)
    assert environment["AWS_ACCESS_KEY_ID"] in (folder / "credentials").read_text()
    assert environment["AWS_SECRET_ACCESS_KEY"] not in done.out
    exported = masugata("export", *data)
    assert (exported.status, exported.err) == (0, "")
    other = tmp_path / "exported.yaml"
    other.write_text(exported.out)
    assert masugata("apply", other, "--dry-run", "--prune", *data).status == 0
    elsewhere = masugata("apply", other, "--dry-run", *data, "--endpoint", server.endpoint_url)
    assert elsewhere.status == 0


def test_a_broken_file_changes_nothing(masugata, running, tmp_path):
    """Each rule has its line, on standard error or as JSON, and the exit status is 2."""
    folder, server = running
    file = tmp_path / "organization.yaml"
    file.write_text(FILE.replace("Deny", "Denied").replace("[stay]", "[gone]"))
    last = _last_event(server)
    found = masugata("apply", file, "--data", folder)
    assert found.status == 2
    assert found.out == ""
    [grammar, reference] = found.err.splitlines()
    assert grammar.startswith(f"{file}:6:18: The provided policy document")
    assert reference == f"{file}:8:14: there is no policy `gone` in `policies`"
    told = json.loads(masugata("apply", file, "--data", folder, "--json").out)
    assert [(problem["line"], problem["column"]) for problem in told["problems"]] == [(6, 18), (8, 14)]
    assert _last_event(server) == last


def _last_event(server):
    """The newest event that is not of asking for it."""
    listed = server.client("cloudtrail").lookup_events(MaxResults=50)["Events"]
    return next((event["EventId"] for event in listed if event["EventName"] != "LookupEvents"), None)


def test_without_a_server(masugata, tmp_path):
    """Nothing runs, or there is no key: it says what to do."""
    file = tmp_path / "organization.yaml"
    file.write_text(FILE)
    found = masugata("apply", file, "--data", tmp_path / "nowhere")
    assert found.status == 2
    assert "run `masugata up` first" in found.err
    found = masugata("export", "--endpoint", "http://127.0.0.1:1", "--data", tmp_path / "nowhere")
    assert found.status == 2
    assert "cannot read" in found.err


def test_up_begins_with_an_organization(tmp_path):
    """The first answer of a server that was started with a file comes from what it describes."""
    file = tmp_path / "organization.yaml"
    file.write_text(FILE)
    folder = tmp_path / "data"
    folder.mkdir()
    with server_process(folder, organization=file) as server:
        found = server.client("organizations").describe_account(AccountId="444455556666")["Account"]
        assert found["Name"] == "tokyo"
    assert "[tokyo.hanako]" in (folder / "credentials").read_text()


def test_up_with_a_broken_file_does_not_start(masugata, tmp_path):
    """The file is told to be wrong before anything is made."""
    file = tmp_path / "organization.yaml"
    file.write_text("x: 1")
    found = masugata("up", "--organization", file, "--data", tmp_path / "data", "--port", "0")
    assert found.status == 2
    assert found.err.startswith(f"{file}:1:1: the file has no `x`")
    assert not (tmp_path / "data").exists()
    found = masugata("up", "--organization", file, "--data", tmp_path / "data", "--workers", "2")
    assert found.status == 2
    assert "--organization needs one worker" in found.err
