"""The commands on effective access: who can, why, and taking up what other tools collected."""
