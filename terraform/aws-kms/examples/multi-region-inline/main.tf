# A multi-Region key and its replicas, made by one instance of the module with one provider.

provider "aws" {
  region = var.region
}

module "key" {
  source = "../.."

  description  = "Data that is read in several Regions"
  aliases      = ["example-multi-region"]
  multi_region = true

  # The policy of each replica names its own Region's CloudWatch Logs.
  key_service_users = ["logs.${var.region}.amazonaws.com"]

  replica_regions = {
    "eu-west-1" = {}
    "eu-west-2" = { description = "Replica for the standby site", enabled = false }
  }
}
