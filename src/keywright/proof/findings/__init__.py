"""Findings: faults of key policies that can be seen without asking who may do what."""
