# The rules that join several inputs. Together they are the preconditions of the key, so that all that are broken are
# reported at once, before anything is created. Each reads `INPUT: what is wrong; what to do`, in Keywright's words.

locals {
  # What AWS offers, written by a program from AWS's own data.
  facts = jsondecode(file("${path.module}/facts.json"))

  fitting_usages = try(local.facts.usages_by_spec[var.customer_master_key_spec], [])

  # What the inputs alone tell, whatever provider the key is made with.
  problems = concat(
    [
      for rule in [
        {
          broken  = !contains(local.fitting_usages, var.key_usage)
          message = "key_usage: `${var.key_usage}` does not fit the spec ${var.customer_master_key_spec}; write ${join(" or ", formatlist("`key_usage = \"%s\"`", local.fitting_usages))}"
        },
        {
          broken  = var.rotation_period_in_days != null && local.replicates
          message = "rotation_period_in_days: is set on a replica, which rotates with its primary; set it on the primary"
        },
        {
          broken  = var.rotation_period_in_days != null && !local.replicates && !local.symmetric
          message = "rotation_period_in_days: is set, but a key of spec ${var.customer_master_key_spec} does not rotate; remove it"
        },
        {
          broken  = var.rotation_period_in_days != null && !local.replicates && local.symmetric && !var.enable_key_rotation
          message = "rotation_period_in_days: is set, but the key does not rotate; remove it, or write `enable_key_rotation = true`"
        },
        {
          broken  = length(var.replica_regions) > 0 && !var.multi_region && !local.replicates
          message = "replica_regions: needs a multi-Region key; write `multi_region = true`, or `replica_primary_key_arn` to replicate another key"
        },
        {
          broken = (
            !var.enable_default_root_policy && var.policy == null && length(var.key_administrator_arns) == 0 &&
            !anytrue([for statement in var.policy_statements : statement.effect == "Allow" && (
              statement.not_actions == null ?
              anytrue([for action in statement.actions : can(regex(local.action_patterns[action], "kms:putkeypolicy"))]) :
              alltrue([for action in statement.not_actions : !can(regex(local.action_patterns[action], "kms:putkeypolicy"))])
            )])
          )
          message = "enable_default_root_policy: is false and there is no administrator, so nobody could ever change the key's policy; name `key_administrator_arns`, or remove it"
        },
        {
          broken  = var.policy != null && length(var.policy_statements) > 0
          message = "policy_statements: would say nothing: `policy` replaces the generated policy, statements and all; remove `policy`, or write the statements into it"
        },
        {
          broken  = var.policy != null && length(var.policy_patterns) > 0
          message = "policy_patterns: would say nothing: `policy` replaces the generated policy, patterns and all; remove `policy`, or write what the patterns say into it"
        },
      ] : rule.message if rule.broken
    ],
    [
      for region in keys(var.replica_regions) : "replica_regions: `${region}` is not an AWS Region; write for example `eu-west-1`"
      if !contains(keys(local.facts.partition_of_region), region)
    ],
    local.pattern_problems,
    local.grant_problems,
  )

  # An action's pattern as an expression for actions in lower case.
  action_patterns = {
    for action in distinct(flatten([
      for statement in var.policy_statements : concat(
        statement.actions == null ? [] : statement.actions,
        statement.not_actions == null ? [] : statement.not_actions,
      )
    ])) : action => "^${replace(replace(lower(action), "*", ".*"), "?", ".")}$"
  }

  fitting_operations = try(local.facts.grant_operations[local.usage], [])

  grant_problems = flatten([
    for index, grant in var.grants : concat(
      [
        for operation in grant.operations :
        "grants[${index}].operations: `${operation}` is no operation of a key for ${var.key_usage} of spec ${var.customer_master_key_spec}; its grants take ${join(", ", local.fitting_operations)}"
        if !contains(local.fitting_operations, operation)
      ],
      [
        for constraints in [grant.constraints] :
        "grants[${index}].constraints: is set, but a key of spec ${var.customer_master_key_spec} takes no encryption context; remove it"
        if constraints != null && !local.symmetric
      ],
    )
  ])

  # The partition of each input that names one.
  partitions = concat(
    flatten([
      for input, texts in { key_administrator_arns = var.key_administrator_arns, key_user_arns = var.key_user_arns } : [
        for text in texts : { input = input, text = text, partition = split(":", trimprefix(text, "durable:"))[1] }
        if !startswith(text, "permission_set:")
      ]
    ]),
    [
      for region in keys(var.replica_regions) : { input = "replica_regions", text = region, partition = local.facts.partition_of_region[region] }
      if contains(keys(local.facts.partition_of_region), region)
    ],
    [
      for service in local.services : {
        input     = "key_service_users"
        text      = service.principal
        partition = try(local.facts.partition_of_region[service.region], "aws-cn")
      } if service.region == null ? endswith(service.principal, ".cn") : contains(keys(local.facts.partition_of_region), service.region)
    ],
    [
      for named in flatten([
        for index, grant in var.grants : [
          { input = "grants[${index}].grantee_principal", text = grant.grantee_principal },
          { input = "grants[${index}].retiring_principal", text = grant.retiring_principal },
        ]
      ]) : { input = named.input, text = named.text, partition = split(":", named.text)[1] } if named.text != null
    ],
    [
      for arn in [var.replica_primary_key_arn] : { input = "replica_primary_key_arn", text = arn, partition = split(":", arn)[1] }
      if local.replicates
    ],
  )

  # The primary's Region and account, null where this instance makes a key of its own.
  primary_region  = local.replicates ? split(":", var.replica_primary_key_arn)[3] : null
  primary_account = local.replicates ? split(":", var.replica_primary_key_arn)[4] : null

  # What depends on where the key is made. At a first plan some of it may not be known yet; it is checked as soon as it is.
  problems_in_place = concat(
    [
      for rule in [
        {
          broken  = var.customer_master_key_spec == "SM2" && local.partition != "aws-cn"
          message = "customer_master_key_spec: `SM2` is a spec that only the Regions of China have; write `ECC_NIST_P256` to sign or agree on keys, or `RSA_4096` to encrypt"
        },
        {
          broken  = !local.replicates && contains(keys(var.replica_regions), local.region)
          message = "replica_regions: `${local.region}` is the key's own Region; remove it from `replica_regions`"
        },
        {
          broken  = local.replicates && contains(keys(var.replica_regions), coalesce(local.primary_region, "none"))
          message = "replica_regions: `${coalesce(local.primary_region, "none")}` is the Region of the primary; remove it from `replica_regions`"
        },
        {
          broken  = local.replicates && local.primary_region == local.region
          message = "replica_primary_key_arn: is a key of ${local.region}, where the replica would be; give the module a provider of another Region"
        },
        {
          broken  = local.replicates && local.primary_account != local.account
          message = "replica_primary_key_arn: is a key of account ${coalesce(local.primary_account, "none")}; a replica is in its primary's account; give the module a provider of that account"
        },
      ] : rule.message if rule.broken
    ],
    [
      for named in local.partitions :
      "${named.input}: `${named.text}` is of the partition `${named.partition}`, and the key of `${local.partition}`; a key lives in one; write one of the partition `${local.partition}`"
      if named.partition != local.partition
    ],
    [
      for index, use in var.policy_patterns :
      "policy_patterns[${index}]: pattern `${use.name}` needs a key in ${join(" or ", formatlist("`%s`", local.catalogue_of_patterns[use.name].key.regions))}, not `${local.region}`; leave the pattern out, or declare another key for it"
      if try(!contains(local.catalogue_of_patterns[use.name].key.regions, local.region), false)
    ],
    [
      for place, bytes in local.policy_bytes :
      "policy: the generated one makes a policy of ${replace(bytes, "/([0-9]+)([0-9]{3})$/", "$1,$2")} bytes; KMS takes 32,768; name fewer; a permission set or an account stands for many principals"
      if bytes > 32768 && var.policy == null
    ],
  )

  policy_bytes = {
    for place, text in local.generated_policies :
    place => length(base64encode(text)) * 3 / 4 - length(regexall("=", base64encode(text)))
  }
}
