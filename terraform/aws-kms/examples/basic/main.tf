# A symmetric key that rotates every year, with an alias. IAM policies of its own account say who may use it.

provider "aws" {
  region = var.region
}

module "key" {
  source = "../.."

  description = "Application data"
  aliases     = ["example-basic"]
}
