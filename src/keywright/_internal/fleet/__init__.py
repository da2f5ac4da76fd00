"""Many accounts: which they are, how each is worked on, a wave at a time, on this machine or on several."""
