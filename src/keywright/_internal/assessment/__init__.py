"""What is wrong with keys that are there: findings and claims over a snapshot. No AWS, no files."""
