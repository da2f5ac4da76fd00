"""The keys of a file in another tool's language: a Terraform root module, CloudFormation templates, StackSets."""
