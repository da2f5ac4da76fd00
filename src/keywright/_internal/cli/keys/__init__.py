"""The commands that read and change keys on AWS, one module each."""
