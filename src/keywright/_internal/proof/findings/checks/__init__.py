"""The checks, one file for each fault of policies; `registry` finds them by themselves."""
