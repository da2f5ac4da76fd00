# The key policy: one statement a purpose, from the inputs and the catalogue alone. `jsonencode` over locals, never a
# data source, so that every plan shows the text whole.

locals {
  catalogue = jsondecode(file("${path.module}/catalogue.json"))

  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.region

  # Where a policy is rendered for: the key itself, and each replica. The key's own place is called "" and not by its
  # Region, so that the places are known even where the provider's Region isn't yet.
  places = merge({ "" = local.region }, { for region in keys(var.replica_regions) : region => region })

  symmetric = var.customer_master_key_spec == "SYMMETRIC_DEFAULT"
  usage     = var.key_usage != "ENCRYPT_DECRYPT" ? var.key_usage : local.symmetric ? "ENCRYPT_DECRYPT/symmetric" : "ENCRYPT_DECRYPT/asymmetric"

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
      pinned = [for text in texts : text if !startswith(text, "durable:") && !startswith(text, "permission_set:")]
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
        conditions = [{ operator = "Bool", key = "kms:GrantIsForAWSResource", values = ["true"] }]
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
        for group, entries in {
          for entry in local.principals[purpose.role].by_name : "${entry.partition} ${entry.account} ${entry.operator}" => entry...
          } : {
          sid        = "${purpose.sid}${entries[0].operator == "ArnEquals" ? "Durable" : "PermissionSets"}${entries[0].account}"
          effect     = "Allow"
          principals = { AWS = ["arn:${entries[0].partition}:iam::${entries[0].account}:root"] }
          actions    = purpose.actions
          conditions = concat(purpose.conditions, [{ operator = entries[0].operator, key = "aws:PrincipalArn", values = flatten(entries[*].arns) }])
        }
      ],
    ) if purpose.applies
  ])

  # A service principal is its label, the Region it names (null where it names none) and its suffix. One that the
  # catalogue doesn't know, or knows for keys of another usage, gets what any user of the key gets.
  services = [
    for service in [
      for principal in sort(distinct(var.key_service_users)) : {
        principal = principal
        label     = regex(local.catalogue.service_principal, principal)[0]
        region    = regex(local.catalogue.service_principal, principal)[1]
        entry     = try(local.catalogue.services[regex(local.catalogue.service_principal, principal)[0]], local.catalogue.services["*"])
      }
    ] : merge(service, { suffix = regex("\\.amazonaws\\.com(?:\\.cn)?$", service.principal) })
  ]

  service_statements = {
    for place, region in local.places : place => flatten([
      for service in [
        for service in local.services : merge(service, {
          principal = service.region == null || place == "" ? service.principal : "${service.label}.${region}${service.suffix}"
        })
        ] : [
        for pin in sort(distinct(var.key_service_pins)) : [
          for part in [
            { sid = "", actions = service.entry.actions, conditions = [] },
            { sid = "Grants", actions = service.entry.grant_actions, conditions = [{ operator = "Bool", key = "kms:GrantIsForAWSResource", values = ["true"] }] },
            ] : {
            sid = join("", concat(
              ["Service"],
              [for word in regexall("[a-z0-9]+", trimsuffix(service.principal, service.suffix)) : title(word)],
              [split(":", pin)[1], part.sid],
            ))
            effect     = "Allow"
            principals = { Service = [service.principal] }
            actions    = part.actions
            conditions = concat(
              [
                for condition in service.entry.pins[pin] : {
                  operator = condition.operator
                  key      = condition.key
                  values = [
                    for value in condition.values :
                    replace(replace(replace(value, "{partition}", local.partition), "{account}", local.account), "{region}", region)
                  ]
                }
              ],
              part.conditions,
            )
          } if length(part.actions) > 0
        ]
      ]
    ])
  }

  # The catalogue's patterns that are used, in order, with the values of each parameter. What is wrong with a use is
  # said by a rule (rules.tf), not here.
  patterns = [
    for index, use in var.policy_patterns : {
      # From its second use in one policy on, a pattern's Sids end in which use it is.
      suffix     = length([for other in slice(var.policy_patterns, 0, index) : other if other.name == use.name]) == 0 ? "" : length([for other in slice(var.policy_patterns, 0, index + 1) : other if other.name == use.name])
      statements = local.catalogue.patterns[use.name].statements
      values = {
        for name, parameter in local.catalogue.patterns[use.name].parameters :
        name => try(tolist(use.parameters[name]), tolist(parameter.default), tolist([]))
      }
    } if contains(keys(local.catalogue.patterns), use.name)
  ]

  # A template holds at most one parameter and gives one string for each of the parameter's values; what is listed
  # under "" stands for a template without one.
  pattern_statements = {
    for place, region in local.places : place => flatten([
      for pattern in local.patterns : [
        for statement in pattern.statements : {
          sid    = "${statement.sid}${pattern.suffix}"
          effect = statement.effect
          principals = {
            for type, templates in statement.principal : type => flatten([
              for template in templates : [
                for value in try(pattern.values[regex("\\{([a-z0-9_]+)\\}", local.filled[place][template])[0]], [""]) :
                replace(local.filled[place][template], "/\\{[a-z0-9_]+\\}/", value)
              ]
            ])
          }
          actions = statement.actions
          conditions = flatten([
            for condition in statement.conditions : [
              for key_value in try(pattern.values[regex("\\{([a-z0-9_]+)\\}", local.filled[place][condition.key])[0]], [""]) : {
                operator = condition.operator
                key      = replace(local.filled[place][condition.key], "/\\{[a-z0-9_]+\\}/", key_value)
                values = flatten([
                  for template in condition.values : [
                    for value in try(pattern.values[regex("\\{([a-z0-9_]+)\\}", local.filled[place][template])[0]], [""]) :
                    replace(local.filled[place][template], "/\\{[a-z0-9_]+\\}/", value)
                  ]
                ])
              }
            ] if try(length(pattern.values[condition.when]) > 0, true)
          ])
        } if try(length(pattern.values[statement.when]) > 0, true)
      ]
    ])
  }

  # Every template of the used patterns, with the key's partition, account and Region in it.
  templates = distinct(flatten([
    for pattern in local.patterns : [
      for statement in pattern.statements : concat(
        flatten(values(statement.principal)),
        [for condition in statement.conditions : concat([condition.key], condition.values)],
      )
    ]
  ]))

  filled = {
    for place, region in local.places : place => {
      for template in local.templates : template =>
      replace(replace(replace(template, "{partition}", local.partition), "{account}", local.account), "{region}", region)
    }
  }

  root_statements = [
    for principal in ["arn:${local.partition}:iam::${local.account}:root"] : {
      sid        = "AccountRoot"
      effect     = "Allow"
      principals = { AWS = [principal] }
      actions    = ["kms:*"]
      conditions = []
    } if var.enable_default_root_policy
  ]

  # The generated policy of each place, in its canonical form: lists sorted, without doubles, and always lists.
  generated_policies = {
    for place in keys(local.places) : place => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for statement in concat(
          local.root_statements,
          local.principal_statements,
          local.service_statements[place],
          local.pattern_statements[place],
          ) : merge(
          {
            Sid       = statement.sid
            Effect    = statement.effect
            Principal = { for type, values in statement.principals : type => sort(distinct(values)) }
            Action    = sort(distinct(statement.actions))
            Resource  = "*"
          },
          [
            for block in [
              {
                for operator in distinct(statement.conditions[*].operator) : operator => {
                  for key in distinct([for condition in statement.conditions : condition.key if condition.operator == operator]) :
                  key => sort(distinct(flatten([
                    for condition in statement.conditions : condition.values if condition.operator == operator && condition.key == key
                  ])))
                }
              }
            ] : length(statement.conditions) > 0 ? { Condition = block } : {}
          ]...,
        )
      ]
    })
  }

  # The final policy of each place: a replica's own, else the whole one given, else the generated one.
  policies = {
    for place in keys(local.places) : place => (
      try(var.replica_regions[place].policy, null) != null ? var.replica_regions[place].policy :
      var.policy != null ? var.policy :
      local.generated_policies[place]
    )
  }
}
