-- Who there is, beside the keys of schema.sql. Policies are kept once by text; [name, sha256] refers to one.

CREATE TABLE IF NOT EXISTS iam_policy (
    sha256       TEXT PRIMARY KEY,
    text         TEXT NOT NULL,
    about        INTEGER NOT NULL       -- what its actions can match: 1 KMS, 2 IAM or STS, 3 both, 0 neither
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS iam_account (
    account      TEXT PRIMARY KEY,      -- its roles, users and groups were read
    read_at      TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS iam_principal (
    arn          TEXT PRIMARY KEY,
    account      TEXT NOT NULL,
    kind         TEXT NOT NULL,         -- role or user
    unique_id    TEXT NOT NULL,         -- AROA… or AIDA…
    policies_json TEXT NOT NULL,        -- attached and inline, a user's groups' included
    boundary_json TEXT,
    tags_json    TEXT NOT NULL,
    trust        TEXT,                  -- a role's trust policy
    last_used    TEXT,                  -- of a role; NULL: AWS shows no use
    missing      TEXT NOT NULL          -- what of its policies couldn't be read; empty: nothing
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS organization (
    id           TEXT PRIMARY KEY,      -- empty: the accounts belong to none
    management_account TEXT NOT NULL,
    read_at      TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS organization_account (
    account      TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    path         TEXT NOT NULL,         -- as aws:PrincipalOrgPaths has it
    service_control_json TEXT NOT NULL, -- by level, from the root to the account
    resource_control_json TEXT NOT NULL
) WITHOUT ROWID;
