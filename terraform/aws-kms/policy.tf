# The key policy: one statement a purpose, from the inputs and the catalogue alone. `jsonencode` over locals, never a
# data source, so that every plan shows the text whole. The purposes are in the files `policy_*.tf`; each gives
# statements of one shape: `sid`, `effect`, `principals` by type, `actions`, and `conditions` as a list; those of one's own
# (`policy_statements.tf`) may also have `not_principals`, `not_actions` and `resources`.

locals {
  catalogue = jsondecode(file("${path.module}/catalogue.json"))

  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.region

  # Where a policy is rendered for: the key itself, and each replica. The key's own place is called "" and not by its
  # Region, so that the places are known even where the provider's Region isn't yet.
  places = merge({ "" = local.region }, { for region in keys(local.replicas) : region => region })

  symmetric = var.customer_master_key_spec == "SYMMETRIC_DEFAULT"

  # The key's usage as the catalogue calls it.
  usage = (
    var.key_usage != "ENCRYPT_DECRYPT" ? var.key_usage :
    local.symmetric ? "ENCRYPT_DECRYPT/symmetric" : "ENCRYPT_DECRYPT/asymmetric"
  )

  root_statements = [
    for principal in ["arn:${local.partition}:iam::${local.account}:root"] : {
      sid        = "AccountRoot"
      effect     = "Allow"
      principals = { AWS = [principal] }
      actions    = ["kms:*"]
      conditions = []
    } if var.enable_default_root_policy
  ]

  # The generated policy of each place in its canonical form: lists sorted, without doubles, and always lists.
  generated_policies = {
    for place in keys(local.places) : place => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for statement in concat(
          local.root_statements,
          local.principal_statements,
          local.service_statements[place],
          local.pattern_statements[place],
          local.own_statements[place],
          ) : {
          for element, value in {
            Sid          = statement.sid
            Effect       = statement.effect
            Principal    = { for type, names in statement.principals : type => sort(distinct(names)) }
            NotPrincipal = { for type, names in try(statement.not_principals, {}) : type => sort(distinct(names)) }
            Action       = sort(distinct(statement.actions))
            NotAction    = sort(distinct(try(statement.not_actions, [])))
            Resource     = [try(statement.resources[0], "*"), sort(distinct(try(statement.resources, [])))][try(length(statement.resources), 1) == 1 ? 0 : 1]
            Condition = {
              for operator in distinct([for condition in statement.conditions : condition.operator]) : operator => {
                for key in distinct([for condition in statement.conditions : condition.key if condition.operator == operator]) : key => sort(distinct(flatten([
                  for condition in statement.conditions : condition.values if condition.operator == operator && condition.key == key
                ])))
              }
            }
          } : element => value if value == null ? false : length(value) > 0
        }
      ]
    })
  }

  # What the entries of `replica_regions` give.
  given_policies = merge(
    { "" = try(local.own_entry.policy, null) },
    { for region in keys(local.replicas) : region => try(var.replica_regions[region].policy, null) },
  )

  # The final policy of each place: a replica's own, else the whole one given, else the generated one.
  policies = {
    for place in keys(local.places) : place => (
      local.given_policies[place] != null ? local.given_policies[place] :
      var.policy != null ? var.policy :
      local.generated_policies[place]
    )
  }
}
