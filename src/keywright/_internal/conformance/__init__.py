"""The gates that let a stranger trust the module and the tool, the release they stand for, and its verification."""
