# A multi-Region key, and a replica made by a second instance of the module under a provider of the replica's Region.
# Both are made in one run, from nothing. Unlike an inline replica, this one has aliases.

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "replica"
  region = var.replica_region
}

module "primary" {
  source = "../.."

  description  = "Data that is read in two Regions"
  aliases      = ["example-two-providers"]
  multi_region = true
}

module "replica" {
  source = "../.."

  providers = {
    aws = aws.replica
  }

  aliases                 = ["example-two-providers"]
  replica_primary_key_arn = module.primary.key_arn

  # The entry of the provider's own Region describes this very replica.
  replica_regions = {
    (var.replica_region) = { description = "Data that is read in two Regions (replica)" }
  }
}
