"""`keywright init`: a keys file to start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from keywright.errors import UnwritableFile

SCHEMA = "keys.schema.json"
"""The JSON Schema beside the starter, which its first line names to editors."""

STARTER = (
    f"# yaml-language-server: $schema={SCHEMA}\n"
    """\
# A stack is a set of keys. Its name and a key's name are the key's identity on AWS: rename neither while it lives.
# Every field is explained in docs/keys-file.md.
stack: my-stack
region: us-east-1
# account: "111122223333"      # refuse to work on any other account

# claims:                      # what must hold of every key's policy, checked before each change
#   - nobody outside [111122223333] can [kms:Decrypt]

defaults:                      # merged into each key
  tags: {Environment: dev}

keys:
  app-data:
    description: Application data
    aliases: [my-app]
    # Who may administer the key, and not use it; and who may use it, and not administer it. `durable` names a role
    # in a way that survives its being deleted and created again; a bare ARN is pinned to the role of today.
    # key_administrator_arns: [{durable: "arn:aws:iam::111122223333:role/kms-admin"}, {permission_set: KeyAdmins}]
    # key_user_arns: [{durable: "arn:aws:iam::111122223333:role/app"}]
    # key_service_users: [logs.us-east-1.amazonaws.com]    # AWS services, for this account only
    # patterns:                                            # `keywright policy patterns` lists them
    #   - name: minimum-waiting-window
    #     parameters: {days: 30}
    # multi_region: true
    # replica_regions: {eu-west-1: {}}

  # signing:
  #   customer_master_key_spec: ECC_NIST_P256
  #   key_usage: SIGN_VERIFY
"""
)


def init(path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("keys.yaml")) -> None:
    """Write a commented keys file to start from, and its JSON Schema for editors. Never overwrites a file."""
    from keywright._internal.keysfile.schema import file_schema

    _write_new(path, STARTER)
    schema = path.with_name(SCHEMA)
    if not schema.exists():
        _write_new(schema, json.dumps(file_schema(), indent=2) + "\n")
    typer.echo(f"wrote {path} and {schema}, which editors complete it by; next: keywright validate {path}", err=True)


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UnwritableFile(f"`{path}` exists", "name another file") from None
    except OSError as error:
        raise UnwritableFile(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error
