"""The gates, one module each: `check(bench)` runs what it is named for and tells what it saw."""
