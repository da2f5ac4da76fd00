# A key that makes and checks message authentication codes, for example of tokens.

provider "aws" {
  region = var.region
}

module "key" {
  source = "../.."

  description              = "Authenticates tokens"
  aliases                  = ["example-hmac"]
  key_usage                = "GENERATE_VERIFY_MAC"
  customer_master_key_spec = "HMAC_256"

  # The roles that IAM Identity Center makes for this permission set, whatever their names end in.
  key_administrator_arns = ["permission_set:KeyAdministrators"]
}
