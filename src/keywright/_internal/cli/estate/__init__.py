"""The commands on keys that are there already: scan, report, adopt and what they need."""
