variable "description" {
  description = "What the key is for; at most 8,192 characters."
  type        = string
  default     = "Customer-managed key, declared with Keywright"
  nullable    = false

  validation {
    condition     = length(var.description) <= 8192
    error_message = "description: is longer than 8,192 characters; shorten it"
  }
}

variable "aliases" {
  description = "Names of the key; the first is the primary one. The `alias/` prefix is added where it is missing."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for alias in var.aliases : !startswith(trimprefix(alias, "alias/"), "aws/")])
    error_message = join("\n", [
      for alias in var.aliases : "aliases: `${alias}` is reserved for AWS managed keys; choose a name that does not begin with `aws/`"
      if startswith(trimprefix(alias, "alias/"), "aws/")
    ])
  }

  validation {
    condition = alltrue([for alias in var.aliases : can(regex("^[a-zA-Z0-9/_-]+$", trimprefix(alias, "alias/")))])
    error_message = join("\n", [
      for alias in var.aliases : "aliases: `${alias}` may hold only letters, digits, `/`, `_` and `-`; write for example `my-app`"
      if !can(regex("^[a-zA-Z0-9/_-]+$", trimprefix(alias, "alias/")))
    ])
  }

  validation {
    condition = alltrue([for alias in var.aliases : length("alias/${trimprefix(alias, "alias/")}") <= 256])
    error_message = join("\n", [
      for alias in var.aliases : "aliases: `${alias}` is longer than 256 characters with its `alias/` prefix; shorten it"
      if length("alias/${trimprefix(alias, "alias/")}") > 256
    ])
  }

  validation {
    condition = length(distinct([for alias in var.aliases : trimprefix(alias, "alias/")])) == length(var.aliases)
    error_message = join("\n", [
      for name in distinct([for alias in var.aliases : trimprefix(alias, "alias/")]) : "aliases: names `alias/${name}` twice; keep one of them"
      if length([for alias in var.aliases : alias if trimprefix(alias, "alias/") == name]) > 1
    ])
  }

  validation {
    condition     = length(var.aliases) <= 50
    error_message = "aliases: holds ${length(var.aliases)} aliases; KMS takes 50 a key; remove some, or declare another key"
  }
}

variable "key_usage" {
  description = "What the key does: `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`. Must fit `customer_master_key_spec`. A change makes a new key."
  type        = string
  default     = "ENCRYPT_DECRYPT"
  nullable    = false

  validation {
    condition     = contains(["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"], var.key_usage)
    error_message = "key_usage: `${var.key_usage}` is not a value of this field; write `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`"
  }
}

variable "customer_master_key_spec" {
  description = "The kind of key: `SYMMETRIC_DEFAULT`, or an RSA, ECC, HMAC, ML-DSA or SM2 spec. A change makes a new key."
  type        = string
  default     = "SYMMETRIC_DEFAULT"
  nullable    = false

  # The specs of `facts.json`; a test holds the two together.
  validation {
    condition = contains([
      "ECC_NIST_EDWARDS25519",
      "ECC_NIST_P256",
      "ECC_NIST_P384",
      "ECC_NIST_P521",
      "ECC_SECG_P256K1",
      "HMAC_224",
      "HMAC_256",
      "HMAC_384",
      "HMAC_512",
      "ML_DSA_44",
      "ML_DSA_65",
      "ML_DSA_87",
      "RSA_2048",
      "RSA_3072",
      "RSA_4096",
      "SM2",
      "SYMMETRIC_DEFAULT",
    ], var.customer_master_key_spec)
    error_message = (
      startswith(var.customer_master_key_spec, "ML_KEM_") ?
      "customer_master_key_spec: `${var.customer_master_key_spec}` is for encapsulating keys (ENCAPSULATE_DECAPSULATE), a usage that this interface does not offer; choose another spec" :
      "customer_master_key_spec: `${var.customer_master_key_spec}` is not a key spec; write for example `SYMMETRIC_DEFAULT`, `RSA_4096`, `ECC_NIST_P256` or `HMAC_256`"
    )
  }
}

variable "enable_key_rotation" {
  description = "Whether KMS rotates the key. Counts for symmetric `ENCRYPT_DECRYPT` keys; for every other key it is left out by itself."
  type        = bool
  default     = true
  nullable    = false
}

variable "rotation_period_in_days" {
  description = "Days between two rotations, 90 to 2560; null means AWS's 365. An error where the key does not rotate."
  type        = number
  default     = null

  validation {
    condition = (
      var.rotation_period_in_days == null ? true :
      var.rotation_period_in_days >= 90 && var.rotation_period_in_days <= 2560 && floor(var.rotation_period_in_days) == var.rotation_period_in_days
    )
    error_message = "rotation_period_in_days: is not from 90 to 2560; write a whole number of days from 90 to 2560"
  }
}

variable "deletion_window_in_days" {
  description = "Days from the key's destruction to its real deletion, 7 to 30; until then it can be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_in_days >= 7 && var.deletion_window_in_days <= 30 && floor(var.deletion_window_in_days) == var.deletion_window_in_days
    error_message = "deletion_window_in_days: is not from 7 to 30; write a whole number of days from 7 to 30"
  }
}

variable "is_enabled" {
  description = "Whether the key can be used."
  type        = bool
  default     = true
  nullable    = false
}

variable "multi_region" {
  description = "Makes a multi-Region primary, which replicas need. A change makes a new key."
  type        = bool
  default     = false
  nullable    = false
}

variable "policy" {
  description = "A whole key policy as JSON, in place of the generated one; at most 32,768 bytes."
  type        = string
  default     = null

  validation {
    condition     = var.policy == null ? true : can(keys(jsondecode(var.policy)))
    error_message = "policy: is not a key policy: it is not valid JSON, or no object; write a policy document"
  }

  validation {
    condition = var.policy == null || !can(keys(jsondecode(var.policy))) ? true : try(
      length(flatten([jsondecode(var.policy).Statement])) > 0 &&
      length(setsubtract(keys(jsondecode(var.policy)), ["Version", "Id", "Statement"])) == 0 &&
      contains(["2012-10-17", "2008-10-17"], try(jsondecode(var.policy).Version, "2012-10-17")) &&
      alltrue([
        for statement in flatten([jsondecode(var.policy).Statement]) : alltrue([
          contains(["Allow", "Deny"], statement.Effect),
          can(statement.Principal) != can(statement.NotPrincipal),
          can(statement.Action) != can(statement.NotAction),
          !(can(statement.Resource) && can(statement.NotResource)),
          length(setsubtract(keys(statement), ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"])) == 0,
        ])
      ]),
      false,
    )
    error_message = "policy: is not a key policy: it needs a `Statement`, each with an `Effect` of Allow or Deny, one of `Principal` and `NotPrincipal`, one of `Action` and `NotAction`, and nothing that is no element of a policy; correct it"
  }

  validation {
    condition     = var.policy == null ? true : length(base64encode(var.policy)) * 3 / 4 - length(regexall("=", base64encode(var.policy))) <= 32768
    error_message = "policy: has more bytes than the 32,768 that KMS takes; write it shorter, or without spaces"
  }

  validation {
    condition     = var.policy == null ? true : !can(regex("[^\\t\\n\\r\\x{20}-\\x{ff}]", var.policy))
    error_message = "policy: holds a character which KMS does not take in a policy; replace it"
  }
}

variable "key_administrator_arns" {
  description = "Who may administer, and not use, the key: an ARN such as `arn:aws:iam::ACCOUNT:role/NAME`, `durable:ARN`, `permission_set:NAME` or `permission_set:ACCOUNT/NAME`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for text in var.key_administrator_arns : can(regex(join("|", [
        "^(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[\\w+=,.@-]{1,64}$",
        "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:root$",
        "^arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[\\w+=,.@-]{1,64}/|federated-user/)[\\w+=,.@-]{1,64}$",
        "^permission_set:([0-9]{12}/)?[\\w+=,.@-]{1,32}$",
      ]), text))
    ])
    error_message = join("\n", [
      for text in var.key_administrator_arns : format("key_administrator_arns: `%s` %s", text, (
        startswith(text, "permission_set:") ? "is not a permission set; write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`, the name of at most 32 characters" :
        can(regex("^durable:arn:aws(-[a-z]+)*:iam::[0-9]{12}:root$", text)) ? "is an account, which has no role to outlive; write `${trimprefix(text, "durable:")}` without `durable`" :
        can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
        can(regex("^(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}$", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
        can(regex("^(durable:)?[0-9]{12}$", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
        can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
        can(regex("\\.amazonaws\\.com(\\.cn)?$", text)) ? "is a service; name it under `key_service_users`" :
        can(regex("^(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        can(regex("^(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::[^:]*:", text)) && !can(regex("^(durable:)?arn:[^:]*:[^:]*::[0-9]{12}:", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
      ))
      if !can(regex(join("|", [
        "^(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[\\w+=,.@-]{1,64}$",
        "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:root$",
        "^arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[\\w+=,.@-]{1,64}/|federated-user/)[\\w+=,.@-]{1,64}$",
        "^permission_set:([0-9]{12}/)?[\\w+=,.@-]{1,32}$",
      ]), text))
    ])
  }

  validation {
    condition = length(distinct(var.key_administrator_arns)) == length(var.key_administrator_arns)
    error_message = join("\n", [
      for text in distinct(var.key_administrator_arns) : "key_administrator_arns: names `${text}` twice; keep one of them"
      if length([for other in var.key_administrator_arns : other if other == text]) > 1
    ])
  }
}

variable "key_user_arns" {
  description = "Who may use the key cryptographically; the same forms as `key_administrator_arns`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for text in var.key_user_arns : can(regex(join("|", [
        "^(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[\\w+=,.@-]{1,64}$",
        "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:root$",
        "^arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[\\w+=,.@-]{1,64}/|federated-user/)[\\w+=,.@-]{1,64}$",
        "^permission_set:([0-9]{12}/)?[\\w+=,.@-]{1,32}$",
      ]), text))
    ])
    error_message = join("\n", [
      for text in var.key_user_arns : format("key_user_arns: `%s` %s", text, (
        startswith(text, "permission_set:") ? "is not a permission set; write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`, the name of at most 32 characters" :
        can(regex("^durable:arn:aws(-[a-z]+)*:iam::[0-9]{12}:root$", text)) ? "is an account, which has no role to outlive; write `${trimprefix(text, "durable:")}` without `durable`" :
        can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
        can(regex("^(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}$", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
        can(regex("^(durable:)?[0-9]{12}$", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
        can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
        can(regex("\\.amazonaws\\.com(\\.cn)?$", text)) ? "is a service; name it under `key_service_users`" :
        can(regex("^(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        can(regex("^(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::[^:]*:", text)) && !can(regex("^(durable:)?arn:[^:]*:[^:]*::[0-9]{12}:", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
      ))
      if !can(regex(join("|", [
        "^(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[\\w+=,.@-]{1,64}$",
        "^arn:aws(-[a-z]+)*:iam::[0-9]{12}:root$",
        "^arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[\\w+=,.@-]{1,64}/|federated-user/)[\\w+=,.@-]{1,64}$",
        "^permission_set:([0-9]{12}/)?[\\w+=,.@-]{1,32}$",
      ]), text))
    ])
  }

  validation {
    condition = length(distinct(var.key_user_arns)) == length(var.key_user_arns)
    error_message = join("\n", [
      for text in distinct(var.key_user_arns) : "key_user_arns: names `${text}` twice; keep one of them"
      if length([for other in var.key_user_arns : other if other == text]) > 1
    ])
  }
}

variable "key_service_users" {
  description = "AWS service principals that use the key, for example `logs.us-east-1.amazonaws.com`, pinned to the key's own account."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for service in var.key_service_users : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?$", service))])
    error_message = join("\n", [
      for service in var.key_service_users : "key_service_users: `${service}` is not a service principal; write for example `logs.us-east-1.amazonaws.com`"
      if !can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?$", service))
    ])
  }

  validation {
    condition = length(distinct(var.key_service_users)) == length(var.key_service_users)
    error_message = join("\n", [
      for service in distinct(var.key_service_users) : "key_service_users: names `${service}` twice; keep one of them"
      if length([for other in var.key_service_users : other if other == service]) > 1
    ])
  }
}

variable "key_service_pins" {
  description = "How services are held to the key's own account, one statement a pin: `kms:CallerAccount`, `aws:SourceAccount` (or what AWS documents in its place), or both."
  type        = list(string)
  default     = ["kms:CallerAccount", "aws:SourceAccount"]
  nullable    = false

  validation {
    condition     = length(var.key_service_pins) > 0
    error_message = "key_service_pins: is empty; name at least one, or remove the field"
  }

  validation {
    condition     = alltrue([for pin in var.key_service_pins : contains(["kms:CallerAccount", "aws:SourceAccount"], pin)])
    error_message = "key_service_pins: is not a value of this field; write `kms:CallerAccount` or `aws:SourceAccount`"
  }
}

variable "policy_patterns" {
  description = "Patterns of the catalogue that the generated policy also holds, each with the values of its parameters."
  type = list(object({
    name       = string
    parameters = optional(map(list(string)), {})
  }))
  default  = []
  nullable = false
}

variable "enable_default_root_policy" {
  description = "Whether the account root keeps `kms:*`, so that the key is never orphaned and IAM policies can grant access to it."
  type        = bool
  default     = true
  nullable    = false
}

variable "bypass_policy_lockout_safety_check" {
  description = "Skips AWS's own check that the caller can still change the policy afterwards. A key locked out this way needs AWS Support."
  type        = bool
  default     = false
  nullable    = false
}

variable "replica_regions" {
  description = "Replicas by Region. What one leaves out it takes from the primary: its description, deletion window and policy, the policy's Region-bound services being the replica's Region's."
  type = map(object({
    description             = optional(string)
    deletion_window_in_days = optional(number)
    enabled                 = optional(bool, true)
    policy                  = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for replica in values(var.replica_regions) : replica.description == null ? true : length(replica.description) <= 8192])
    error_message = join("\n", [
      for region, replica in var.replica_regions : "replica_regions[\"${region}\"].description: is longer than 8,192 characters; shorten it"
      if replica.description == null ? false : length(replica.description) > 8192
    ])
  }

  validation {
    condition = alltrue([
      for replica in values(var.replica_regions) : replica.deletion_window_in_days == null ? true :
      replica.deletion_window_in_days >= 7 && replica.deletion_window_in_days <= 30 && floor(replica.deletion_window_in_days) == replica.deletion_window_in_days
    ])
    error_message = "replica_regions: a `deletion_window_in_days` is not from 7 to 30; write a whole number of days from 7 to 30"
  }

  validation {
    condition     = alltrue([for replica in values(var.replica_regions) : replica.policy == null ? true : can(keys(jsondecode(replica.policy)))])
    error_message = "replica_regions: a `policy` is not a key policy: it is not valid JSON, or no object; write a policy document"
  }

  validation {
    condition = alltrue([
      for replica in values(var.replica_regions) : replica.policy == null || !can(keys(jsondecode(replica.policy))) ? true : try(
        length(flatten([jsondecode(replica.policy).Statement])) > 0 &&
        length(setsubtract(keys(jsondecode(replica.policy)), ["Version", "Id", "Statement"])) == 0 &&
        contains(["2012-10-17", "2008-10-17"], try(jsondecode(replica.policy).Version, "2012-10-17")) &&
        alltrue([
          for statement in flatten([jsondecode(replica.policy).Statement]) : alltrue([
            contains(["Allow", "Deny"], statement.Effect),
            can(statement.Principal) != can(statement.NotPrincipal),
            can(statement.Action) != can(statement.NotAction),
            !(can(statement.Resource) && can(statement.NotResource)),
            length(setsubtract(keys(statement), ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"])) == 0,
          ])
        ]),
        false,
      )
    ])
    error_message = "replica_regions: a `policy` is not a key policy: it needs a `Statement`, each with an `Effect` of Allow or Deny, one of `Principal` and `NotPrincipal`, one of `Action` and `NotAction`, and nothing that is no element of a policy; correct it"
  }

  validation {
    condition = alltrue([
      for replica in values(var.replica_regions) : replica.policy == null ? true :
      length(base64encode(replica.policy)) * 3 / 4 - length(regexall("=", base64encode(replica.policy))) <= 32768 && !can(regex("[^\\t\\n\\r\\x{20}-\\x{ff}]", replica.policy))
    ])
    error_message = "replica_regions: a `policy` has more bytes than the 32,768 that KMS takes, or holds a character which KMS does not take in a policy; write it shorter, and in the characters up to U+00FF"
  }
}

variable "replica_primary_key_arn" {
  description = "The ARN of a multi-Region primary to replicate into the provider's Region, instead of creating a key."
  type        = string
  default     = null

  validation {
    condition     = var.replica_primary_key_arn == null ? true : can(regex("^arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:[0-9]{12}:key/mrk-[0-9a-f]{32}$", var.replica_primary_key_arn))
    error_message = "replica_primary_key_arn: `${coalesce(var.replica_primary_key_arn, "null")}` is not the ARN of a multi-Region key; write `arn:aws:kms:REGION:ACCOUNT:key/mrk-…`"
  }
}

variable "tags" {
  description = "Tags of the key and of every replica; at most 50, none beginning with `aws:`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 50
    error_message = "tags: holds ${length(var.tags)} tags; KMS takes at most 50; remove some"
  }

  validation {
    condition = alltrue([for name in keys(var.tags) : !startswith(lower(name), "aws:")])
    error_message = join("\n", [
      for name in keys(var.tags) : "tags: `${name}` begins with `aws:`, which is reserved; choose another name" if startswith(lower(name), "aws:")
    ])
  }

  validation {
    condition = alltrue([for name in keys(var.tags) : can(regex("^(?s:.){1,128}$", name))])
    error_message = join("\n", [
      for name in keys(var.tags) : "tags: `${name}` is not a tag's name of 1 to 128 characters; ${name == "" ? "name the tag" : "shorten it"}"
      if !can(regex("^(?s:.){1,128}$", name))
    ])
  }

  validation {
    condition = alltrue([for value in values(var.tags) : can(regex("^(?s:.){0,256}$", value))])
    error_message = join("\n", [
      for name, value in var.tags : "tags[\"${name}\"]: is longer than the 256 characters of a tag's value; shorten it" if !can(regex("^(?s:.){0,256}$", value))
    ])
  }

  validation {
    condition = alltrue([for name, value in var.tags : !can(regex("[^\\pL\\pZ\\pN_.:/=+@-]", "${name}${value}"))])
    error_message = join("\n", flatten([
      for name, value in var.tags : [
        for text in [name, value] :
        "tags[\"${name}\"]: holds `${regex("[^\\pL\\pZ\\pN_.:/=+@-]", text)}`, which tags may not; use letters, digits, spaces and `_.:/=+-@`"
        if can(regex("[^\\pL\\pZ\\pN_.:/=+@-]", text))
      ]
    ]))
  }
}
