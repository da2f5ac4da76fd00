variable "description" {
  description = "What the key is for. At most 8192 characters."
  type        = string
  default     = "Customer-managed key, declared with Keywright"
  nullable    = false

  validation {
    condition     = length(var.description) <= 8192
    error_message = "`description` is longer than 8192 characters."
  }
}

variable "aliases" {
  description = "Names of the key; the first is the primary one. The `alias/` prefix is added where it is missing."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for alias in var.aliases : !startswith(trimprefix(alias, "alias/"), "aws/")])
    error_message = "`aliases` has a name that is reserved for AWS managed keys; choose a name that does not begin with `aws/`."
  }

  validation {
    condition     = alltrue([for alias in var.aliases : can(regex("^[a-zA-Z0-9/_-]+$", trimprefix(alias, "alias/")))])
    error_message = "`aliases` may hold only letters, digits, `/`, `_` and `-`."
  }

  validation {
    condition     = alltrue([for alias in var.aliases : length("alias/${trimprefix(alias, "alias/")}") <= 256])
    error_message = "`aliases` has a name that is longer than 256 characters with its `alias/` prefix."
  }

  validation {
    condition     = length(distinct([for alias in var.aliases : trimprefix(alias, "alias/")])) == length(var.aliases)
    error_message = "`aliases` names an alias twice."
  }
}

variable "key_usage" {
  description = "What the key does: `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`. Must fit `customer_master_key_spec`."
  type        = string
  default     = "ENCRYPT_DECRYPT"
  nullable    = false

  validation {
    condition     = contains(["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"], var.key_usage)
    error_message = "`key_usage` must be ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC or KEY_AGREEMENT."
  }
}

variable "customer_master_key_spec" {
  description = "The kind of key: `SYMMETRIC_DEFAULT`, or an RSA, ECC, HMAC, ML-DSA or SM2 spec."
  type        = string
  default     = "SYMMETRIC_DEFAULT"
  nullable    = false

  # The list is written by `make generate` from AWS's own service model.
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
    error_message = "`customer_master_key_spec` is not a key spec that this interface offers; write for example SYMMETRIC_DEFAULT, RSA_4096, ECC_NIST_P256 or HMAC_256."
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
    error_message = "`rotation_period_in_days` must be a whole number from 90 to 2560."
  }
}

variable "deletion_window_in_days" {
  description = "Days between the destruction of the key and its real deletion, 7 to 30. Until then it can be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_in_days >= 7 && var.deletion_window_in_days <= 30 && floor(var.deletion_window_in_days) == var.deletion_window_in_days
    error_message = "`deletion_window_in_days` must be a whole number from 7 to 30."
  }
}

variable "is_enabled" {
  description = "Whether the key can be used."
  type        = bool
  default     = true
  nullable    = false
}

variable "multi_region" {
  description = "Makes a multi-Region primary, which is what replicas need. It can't be changed later."
  type        = bool
  default     = false
  nullable    = false
}

variable "policy" {
  description = "A whole key policy as JSON, in place of the generated one. At most 32,768 bytes."
  type        = string
  default     = null

  validation {
    condition     = var.policy == null ? true : can(keys(jsondecode(var.policy)))
    error_message = "`policy` is not valid JSON."
  }

  validation {
    condition = var.policy == null || !can(keys(jsondecode(var.policy))) ? true : try(alltrue([
      for statement in flatten([jsondecode(var.policy).Statement]) :
      contains(["Allow", "Deny"], statement.Effect) && (can(statement.Principal) || can(statement.NotPrincipal))
    ]) && length(flatten([jsondecode(var.policy).Statement])) > 0, false)
    error_message = "`policy` is not a key policy: it needs a `Statement`, each with an `Effect` of Allow or Deny and a `Principal`."
  }

  validation {
    condition     = var.policy == null ? true : length(base64encode(var.policy)) * 3 / 4 - length(regexall("=", base64encode(var.policy))) <= 32768
    error_message = "`policy` has more than the 32,768 bytes that KMS takes."
  }
}

variable "key_administrator_arns" {
  description = "Who may administer, and not use, the key: `arn:aws:iam::ACCOUNT:role/NAME`, `durable:ARN`, `permission_set:NAME` or `permission_set:ACCOUNT/NAME`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for principal in var.key_administrator_arns : startswith(principal, "permission_set:") || length(regexall("[*?]", principal)) == 0
    ])
    error_message = "`key_administrator_arns` has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`."
  }

  validation {
    condition = alltrue([
      for principal in var.key_administrator_arns : !startswith(principal, "permission_set:") || can(regex("^permission_set:([0-9]{12}/)?[a-zA-Z0-9_+=,.@-]{1,32}$", principal))
    ])
    error_message = "`key_administrator_arns` has what is not a permission set; write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`."
  }

  validation {
    condition = alltrue([
      for principal in var.key_administrator_arns : startswith(principal, "permission_set:") || length(regexall("[*?]", principal)) > 0 || anytrue([
        can(regex("^(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(root|(user|role)/[\\x21-\\x7e]+)$", principal)),
        can(regex("^arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]+/[a-zA-Z0-9_+=,.@-]+|federated-user/[a-zA-Z0-9_+=,.@-]+)$", principal)),
      ])
    ])
    error_message = "`key_administrator_arns` has what is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`."
  }

  validation {
    condition     = length(distinct(var.key_administrator_arns)) == length(var.key_administrator_arns)
    error_message = "`key_administrator_arns` names a principal twice."
  }
}

variable "key_user_arns" {
  description = "Who may use the key cryptographically; the same forms as `key_administrator_arns`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for principal in var.key_user_arns : startswith(principal, "permission_set:") || length(regexall("[*?]", principal)) == 0
    ])
    error_message = "`key_user_arns` has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`."
  }

  validation {
    condition = alltrue([
      for principal in var.key_user_arns : !startswith(principal, "permission_set:") || can(regex("^permission_set:([0-9]{12}/)?[a-zA-Z0-9_+=,.@-]{1,32}$", principal))
    ])
    error_message = "`key_user_arns` has what is not a permission set; write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`."
  }

  validation {
    condition = alltrue([
      for principal in var.key_user_arns : startswith(principal, "permission_set:") || length(regexall("[*?]", principal)) > 0 || anytrue([
        can(regex("^(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(root|(user|role)/[\\x21-\\x7e]+)$", principal)),
        can(regex("^arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]+/[a-zA-Z0-9_+=,.@-]+|federated-user/[a-zA-Z0-9_+=,.@-]+)$", principal)),
      ])
    ])
    error_message = "`key_user_arns` has what is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`."
  }

  validation {
    condition     = length(distinct(var.key_user_arns)) == length(var.key_user_arns)
    error_message = "`key_user_arns` names a principal twice."
  }
}

variable "key_service_users" {
  description = "AWS service principals that use the key, for example `logs.us-east-1.amazonaws.com`, pinned to the key's own account."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for service in var.key_service_users : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?$", service))])
    error_message = "`key_service_users` has what is not a service principal; write for example `logs.us-east-1.amazonaws.com`."
  }

  validation {
    condition     = length(distinct(var.key_service_users)) == length(var.key_service_users)
    error_message = "`key_service_users` names a service twice."
  }
}

variable "key_service_pins" {
  description = "How services are held to the key's own account, one statement a pin: `kms:CallerAccount`, `aws:SourceAccount` (or what AWS documents in its place), or both."
  type        = list(string)
  default     = ["kms:CallerAccount", "aws:SourceAccount"]
  nullable    = false

  validation {
    condition     = length(var.key_service_pins) > 0 && alltrue([for pin in var.key_service_pins : contains(["kms:CallerAccount", "aws:SourceAccount"], pin)])
    error_message = "`key_service_pins` must hold `kms:CallerAccount`, `aws:SourceAccount` or both."
  }
}

variable "policy_patterns" {
  description = "Patterns of the catalogue that the generated policy also holds, each with its parameters."
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
    condition     = alltrue([for replica in values(var.replica_regions) : replica.description == null ? true : length(replica.description) <= 8192])
    error_message = "`replica_regions` has a `description` that is longer than 8192 characters."
  }

  validation {
    condition = alltrue([
      for replica in values(var.replica_regions) : replica.deletion_window_in_days == null ? true :
      replica.deletion_window_in_days >= 7 && replica.deletion_window_in_days <= 30 && floor(replica.deletion_window_in_days) == replica.deletion_window_in_days
    ])
    error_message = "`replica_regions` has a `deletion_window_in_days` that is not a whole number from 7 to 30."
  }
}

variable "replica_primary_key_arn" {
  description = "The ARN of a multi-Region primary to replicate into the provider's Region, instead of creating a key."
  type        = string
  default     = null

  validation {
    condition     = var.replica_primary_key_arn == null ? true : can(regex("^arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:[0-9]{12}:key/mrk-[0-9a-f]{32}$", var.replica_primary_key_arn))
    error_message = "`replica_primary_key_arn` is not the ARN of a multi-Region key; write `arn:aws:kms:REGION:ACCOUNT:key/mrk-…`."
  }
}

variable "tags" {
  description = "Tags of the key and of every replica. At most 50, none beginning with `aws:`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 50
    error_message = "`tags` holds more than the 50 tags that KMS takes."
  }

  validation {
    condition     = alltrue([for name in keys(var.tags) : !startswith(lower(name), "aws:")])
    error_message = "`tags` has a name that begins with `aws:`; those are reserved."
  }

  validation {
    condition = alltrue([
      for name, value in var.tags : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", name)) && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))
    ])
    error_message = "`tags` has a tag that is too long or holds a character that tags may not."
  }
}
