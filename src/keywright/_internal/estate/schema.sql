-- A snapshot of keys, format 1 (PRAGMA user_version). docs/scan.md describes it for readers of the file.
-- Times are ISO 8601 in UTC. Columns named *_json hold one JSON value; NULL means: not read, or not there to be read.
-- What has to do with keys alone is here; a package that collects more adds tables of its own and changes none of these.

CREATE TABLE scan (                     -- one row
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    version      TEXT NOT NULL,         -- of Keywright
    started_at   TEXT NOT NULL,
    finished_at  TEXT,                  -- NULL: the scan was stopped; --resume goes on
    options_json TEXT NOT NULL          -- what was asked for
);

CREATE TABLE account (
    account      TEXT PRIMARY KEY,
    name         TEXT NOT NULL DEFAULT '',
    partition    TEXT NOT NULL,
    role_arn     TEXT,                  -- the role that was assumed to read it; NULL: the caller's own account
    identities_json TEXT,               -- ARNs of its roles and users, where grants made them worth reading
    regions_json TEXT,                  -- the Regions to read
    finished_at  TEXT
);

CREATE TABLE region (
    account      TEXT NOT NULL,
    region       TEXT NOT NULL,
    listed_at    TEXT NOT NULL,         -- when its keys and aliases had been listed
    PRIMARY KEY (account, region)
) WITHOUT ROWID;

CREATE TABLE policy (                   -- each text once, however many keys have it
    sha256       TEXT PRIMARY KEY,
    text         TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE key (
    arn          TEXT PRIMARY KEY,
    account      TEXT NOT NULL,
    region       TEXT NOT NULL,
    key_id       TEXT NOT NULL,
    manager      TEXT,                  -- CUSTOMER or AWS; NULL: not known
    read_at      TEXT,                  -- NULL: listed, and not read yet
    metadata_json TEXT,                 -- DescribeKey
    policy_sha256 TEXT REFERENCES policy (sha256),
    rotation_json TEXT,                 -- GetKeyRotationStatus; NULL also for keys that have no automatic rotation
    tags_json    TEXT,                  -- ListResourceTags
    grants_json  TEXT,                  -- ListGrants
    last_use_json TEXT                  -- GetKeyLastUsage; NULL also where it wasn't asked for
) WITHOUT ROWID;
CREATE INDEX key_by_place ON key (account, region);
CREATE INDEX key_by_id ON key (account, key_id);

CREATE TABLE alias (
    account      TEXT NOT NULL,
    region       TEXT NOT NULL,
    name         TEXT NOT NULL,
    key_id       TEXT,                  -- NULL: AWS shows no target
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE INDEX alias_by_key ON alias (account, region, key_id);

CREATE TABLE not_read (
    account      TEXT NOT NULL,
    region       TEXT NOT NULL DEFAULT '',
    key          TEXT NOT NULL DEFAULT '',
    operation    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    PRIMARY KEY (account, region, key, operation)
) WITHOUT ROWID;

CREATE TABLE call (                     -- requests sent, repeated ones too
    operation    TEXT PRIMARY KEY,
    count        INTEGER NOT NULL
) WITHOUT ROWID;
