"""Cloudsplaining, a real auditor of permissions, reads an account over the endpoint."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import policy
from policies import allow

PROGRAM = Path(__file__).parents[2] / ".venv-cloudsplaining" / "bin" / "cloudsplaining"


def run(server: Any, folder: Path, *arguments: str) -> str:
    """What a cloudsplaining command prints; only endpoint, credentials and Region are set."""
    if not PROGRAM.exists():
        pytest.skip("NO CLOUDSPLAINING: make it with `scripts/env peer cloudsplaining`")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_SHARED_CREDENTIALS_FILE": str(server.data / "credentials"),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(folder),
        "NO_PROXY": "*",
    }
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.nightly
def test_download_and_scan(own_server, tmp_path):
    """The download holds the account, and the scan finds the policy that grants too much and no other."""
    iam = own_server.client("iam")
    for name, actions in (("too-much", ["s3:*", "iam:PassRole"]), ("little", ["s3:ListAllMyBuckets"])):
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(policy(allow(actions))))
        iam.create_role(
            RoleName=f"{name}-role",
            AssumeRolePolicyDocument=json.dumps(
                policy(
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "ec2.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                )
            ),
        )
        arn = f"arn:aws:iam::{own_server.account}:policy/{name}"
        iam.attach_role_policy(RoleName=f"{name}-role", PolicyArn=arn)
    iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")
    folder = tmp_path / "auditor"
    folder.mkdir()
    run(own_server, folder, "download", "--profile", "admin", "--output", str(folder))
    downloaded = json.loads((folder / "admin.json").read_text())
    roles = {role["RoleName"] for role in downloaded["RoleDetailList"]}
    assert roles == {"too-much-role", "little-role", "AWSServiceRoleForAmazonGuardDuty"}
    run(
        own_server,
        folder,
        "scan",
        "--input-file",
        "admin.json",
        "--output",
        str(folder),
        "--skip-open-report",
    )
    results = json.loads((folder / "iam-results-admin.json").read_text())
    found = {p["PolicyName"]: p for p in results["customer_managed_policies"].values()}
    assert set(found) == {"too-much", "little"}
    assert "s3:getobject" in {action.lower() for action in found["too-much"]["DataExfiltration"]["findings"]}
    assert found["little"]["DataExfiltration"]["findings"] == []
    assert (folder / "iam-report-admin.html").stat().st_size > 100_000
