"""Runs Terraform and OpenTofu on the module, and writes root modules that call it."""
