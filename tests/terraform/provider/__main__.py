"""A stand-in for `hashicorp/aws`: its schema and rules for KMS, over boto3. A test fixture, never shipped.

Run by an engine as a provider plugin; `mirror.py` lays it out where an engine finds it.
"""

from __future__ import annotations

import tf.provider
from protocol import Servicer
from tf import runner

# The runner takes its servicer from that module. The framework's own plans creates without asking the resource
# and knows no list blocks, so the protocol is served by ours.
tf.provider.ProviderServicer = Servicer

if __name__ == "__main__":
    runner.run_provider(None)
