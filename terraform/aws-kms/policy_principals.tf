# Administrators, users, and the users' grants to AWS services.

locals {
  administrator_actions = flatten([
    for group, applies in {
      always             = true
      symmetric_rotation = local.symmetric
      public_key         = !local.symmetric && var.key_usage != "GENERATE_VERIFY_MAC"
      multi_region       = var.multi_region || local.replicates
    } : local.catalogue.roles.administrators[group] if applies
  ])

  # Who is named, by role. A pinned principal is written as it is. The others are matched by name: their account is
  # the principal, narrowed by aws:PrincipalArn, so they survive deletion and re-creation.
  principals = {
    for role, texts in { administrators = var.key_administrator_arns, users = var.key_user_arns } : role => {
      pinned = [
        for text in texts : text if !startswith(text, "durable:") && !startswith(text, "permission_set:")
      ]
      by_name = concat(
        [
          for text in texts : {
            partition = split(":", text)[2]
            account   = split(":", text)[5]
            operator  = "ArnEquals"
            arns      = [trimprefix(text, "durable:")]
          } if startswith(text, "durable:")
        ],
        [
          for name in [for text in texts : trimprefix(text, "permission_set:") if startswith(text, "permission_set:")] : {
            partition = local.partition
            account   = length(split("/", name)) > 1 ? split("/", name)[0] : local.account
            operator  = "ArnLike"
            # IAM Identity Center ends a role's name in 16 characters of its own; `?` stands for each of them, so that a
            # permission set whose name merely begins the same does not match.
            arns = [
              for path in ["", "*/"] : format(
                "arn:%s:iam::%s:role/aws-reserved/sso.amazonaws.com/%sAWSReservedSSO_%s_????????????????",
                local.partition,
                length(split("/", name)) > 1 ? split("/", name)[0] : local.account,
                path,
                reverse(split("/", name))[0],
              )
            ]
          }
        ],
      )
    }
  }

  principal_statements = flatten([
    for purpose in [
      { sid = "KeyAdministrators", role = "administrators", actions = local.administrator_actions, conditions = [], applies = true },
      { sid = "KeyUsers", role = "users", actions = local.catalogue.roles.users[local.usage], conditions = [], applies = true },
      {
        sid        = "KeyUsersGrants"
        role       = "users"
        actions    = local.catalogue.roles.grants
        conditions = [local.for_aws_services]
        applies    = contains(local.catalogue.roles.grant_usages, local.usage)
      },
      ] : concat(
      [
        for pinned in [local.principals[purpose.role].pinned] : {
          sid        = purpose.sid
          effect     = "Allow"
          principals = { AWS = pinned }
          actions    = purpose.actions
          conditions = purpose.conditions
        } if length(pinned) > 0
      ],
      [
        # Keyed by partition, account and operator; a space sorts before whatever an account or partition goes on with.
        for entries in values({
          for entry in local.principals[purpose.role].by_name : "${entry.partition} ${entry.account} ${entry.operator}" => entry...
          }) : {
          sid        = "${purpose.sid}${entries[0].operator == "ArnEquals" ? "Durable" : "PermissionSets"}${entries[0].account}"
          effect     = "Allow"
          principals = { AWS = ["arn:${entries[0].partition}:iam::${entries[0].account}:root"] }
          actions    = purpose.actions
          conditions = concat(purpose.conditions, [
            { operator = entries[0].operator, key = "aws:PrincipalArn", values = flatten(entries[*].arns) },
          ])
        }
      ],
    ) if purpose.applies
  ])

  for_aws_services = { operator = "Bool", key = "kms:GrantIsForAWSResource", values = ["true"] }
}
