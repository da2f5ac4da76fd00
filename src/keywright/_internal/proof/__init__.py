"""What a key policy allows: evaluating requests, searching counterexamples, claims, findings, difference."""
