"""Who can use a key: effective access over a snapshot of key policies, grants, IAM and Organizations."""
