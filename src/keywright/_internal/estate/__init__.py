"""What is there: everything read from accounts into a snapshot, and reading it back."""
