"""Key policies in the files of other tools: Terraform plans, and CloudFormation and CDK templates."""
