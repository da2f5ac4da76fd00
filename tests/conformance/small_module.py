"""A sound module of one key, small enough to be run through every gate in seconds; tests damage it."""

from __future__ import annotations

from dataclasses import replace

from keywright._internal.conformance.module import Module
from keywright._internal.conformance.source import SourceFile, SourceTree

VERSIONS = """\
terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
  }
}
"""

FILES = {
    "main.tf": """\
resource "aws_kms_key" "this" {
  description         = var.description
  enable_key_rotation = true
  policy              = var.policy
}
""",
    "variables.tf": """\
variable "description" {
  description = "What the key is for."
  type        = string
}

variable "policy" {
  description = "The key policy."
  type        = string
}
""",
    "outputs.tf": """\
output "description" {
  description = "What the key is for."
  value       = aws_kms_key.this.description
}
""",
    "versions.tf": VERSIONS,
    "tests/description.tftest.hcl": """\
mock_provider "aws" {}

run "the_description_is_the_keys" {
  command = plan

  variables {
    description = "One key"
    policy      = "{}"
  }

  assert {
    condition     = output.description == "One key"
    error_message = "The description got lost."
  }
}
""",
    "examples/basic/main.tf": """\
provider "aws" {
  region = "us-east-1"
}

module "key" {
  source = "../../"

  description = "One key"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountRoot"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111122223333:root"] }
        Action    = ["kms:*"]
        Resource  = "*"
      }
    ]
  })
}
""",
    "examples/basic/outputs.tf": "",
    "examples/basic/variables.tf": "",
    "examples/basic/versions.tf": VERSIONS,
}


def small_module(**replaced: tuple[str, str]) -> Module:
    """The module; each keyword names a file by the part of its name before the dot, a text in it, and its replacement.

    The example's and the plan test's keywords are `example` and `plan_test`.
    """
    files = dict(FILES)
    for keyword, (old, new) in replaced.items():
        path = {"example": "examples/basic/main.tf", "plan_test": "tests/description.tftest.hcl"}.get(
            keyword, f"{keyword}.tf"
        )
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    tree = SourceTree(tuple(SourceFile(path, text.encode()) for path, text in sorted(files.items())))
    return Module("small", tree)


def with_file(module: Module, path: str, text: str) -> Module:
    files = (*module.tree.files, SourceFile(path, text.encode()))
    return replace(module, tree=SourceTree(tuple(sorted(files, key=lambda file: file.path))))
