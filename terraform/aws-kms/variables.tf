# Written by `make docs` from Keywright's model, whose rules and words these are: change them there.

variable "description" {
  description = "What the key is for; at most 8,192 characters."
  type        = string
  default     = "Customer-managed key, declared with Keywright"
  nullable    = false

  validation {
    condition     = !(var.description == null ? false : length(var.description) > 8192)
    error_message = "description: is longer than 8,192 characters; shorten it"
  }
}

variable "aliases" {
  description = "Names of the key; the first is the primary one. The `alias/` prefix is added where it is missing."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for text in var.aliases : !(try(trimprefix(text, "alias/"), null) == null ? true : can(regex("(?:\\Aaws/)|(?:[^a-zA-Z0-9/_-]|\\A\\z)|(?:\\A(?s:.){251,}\\z)", try(trimprefix(text, "alias/"), null))))])
    error_message = join("\n", [
      for text in var.aliases : format("aliases: `${text == null ? "null" : text}` %s", (
        try(trimprefix(text, "alias/"), null) == null ? "is not text; write it in quotes" :
        can(regex("\\Aaws/", try(trimprefix(text, "alias/"), null))) ? "is reserved for AWS managed keys; choose a name that does not begin with `aws/`" :
        can(regex("[^a-zA-Z0-9/_-]|\\A\\z", try(trimprefix(text, "alias/"), null))) ? "may hold only letters, digits, `/`, `_` and `-`; write for example `my-app`" :
        "is longer than 256 characters with its `alias/` prefix; shorten it"
      ))
      if try(trimprefix(text, "alias/"), null) == null ? true : can(regex("(?:\\Aaws/)|(?:[^a-zA-Z0-9/_-]|\\A\\z)|(?:\\A(?s:.){251,}\\z)", try(trimprefix(text, "alias/"), null)))
    ])
  }

  validation {
    condition = alltrue([for text in distinct([for text in var.aliases : trimprefix(text, "alias/") if text != null]) : !(length([for other in [for text in var.aliases : trimprefix(text, "alias/") if text != null] : other if other == text]) > 1)])
    error_message = join("\n", [
      for text in distinct([for text in var.aliases : trimprefix(text, "alias/") if text != null]) : "aliases: names `alias/${text}` twice; keep one of them"
      if length([for other in [for text in var.aliases : trimprefix(text, "alias/") if text != null] : other if other == text]) > 1
    ])
  }

  validation {
    condition     = !(length(var.aliases) > 50)
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

  validation {
    condition = !(!contains([
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
    ], var.customer_master_key_spec))
    error_message = format("customer_master_key_spec: `%s` %s", var.customer_master_key_spec, (
      startswith(var.customer_master_key_spec, "ML_KEM_") ? "is for encapsulating keys (ENCAPSULATE_DECAPSULATE), a usage that this interface does not offer; choose another spec" :
      "is not a key spec; write for example `SYMMETRIC_DEFAULT`, `RSA_4096`, `ECC_NIST_P256` or `HMAC_256`"
    ))
  }
}

variable "enable_key_rotation" {
  description = "Whether KMS rotates the key; plays no part for keys that have no automatic rotation."
  type        = bool
  default     = true
  nullable    = false
}

variable "rotation_period_in_days" {
  description = "Days between two rotations, 90 to 2560; null means AWS's 365."
  type        = number
  default     = null

  validation {
    condition     = !(var.rotation_period_in_days == null ? false : var.rotation_period_in_days < 90 || var.rotation_period_in_days > 2560 || floor(var.rotation_period_in_days) != var.rotation_period_in_days)
    error_message = "rotation_period_in_days: is not from 90 to 2560; write a whole number of days from 90 to 2560"
  }
}

variable "deletion_window_in_days" {
  description = "Days from the key's destruction to its real deletion, 7 to 30; until then it can be restored."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = !(var.deletion_window_in_days == null ? false : var.deletion_window_in_days < 7 || var.deletion_window_in_days > 30 || floor(var.deletion_window_in_days) != var.deletion_window_in_days)
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
    condition     = !(var.policy == null ? false : !can(keys(jsondecode(var.policy))))
    error_message = "policy: is not a key policy: it is not valid JSON, or no object; write a policy document"
  }

  validation {
    condition = !(var.policy == null || !can(keys(jsondecode(var.policy))) ? false : !try(
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
    ))
    error_message = "policy: is not a key policy: it needs a `Statement`, each with an `Effect` of Allow or Deny, one of `Principal` and `NotPrincipal`, one of `Action` and `NotAction`, and nothing that is no element of a policy; correct it"
  }

  validation {
    condition     = !(var.policy == null ? false : length(base64encode(var.policy)) * 3 / 4 - length(regexall("=", base64encode(var.policy))) > 32768)
    error_message = "policy: has more bytes than the 32,768 that KMS takes; write it shorter, or without spaces"
  }

  validation {
    condition     = !(var.policy == null ? false : can(regex("[^\\t\\n\\r\\x20-\\xff]", var.policy)))
    error_message = format("policy: %s", "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", var.policy), "")}`, which KMS does not take in a policy; replace it")
  }
}

variable "key_administrator_arns" {
  description = "Who may administer, and not use, the key: an ARN such as `arn:aws:iam::ACCOUNT:role/NAME`, `durable:ARN`, `permission_set:NAME` or `permission_set:ACCOUNT/NAME`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for text in var.key_administrator_arns : can(regex("\\A(?:(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64}|permission_set:([0-9]{12}/)?[a-zA-Z0-9_+=,.@-]{1,32})\\z", text))])
    error_message = join("\n", [
      for text in var.key_administrator_arns : format("key_administrator_arns: `${text == null ? "null" : text}` %s", (
        text == null ? "is not text; write it in quotes" :
        can(regex("\\Apermission_set:", text)) ? "is not a permission set; write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`, the name of at most 32 characters" :
        can(regex("\\Adurable:arn:aws(-[a-z]+)*:iam::[0-9]{12}:root\\z", text)) ? "is an account, which has no role to outlive; write `${trimprefix(text, "durable:")}` without `durable`" :
        can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
        can(regex("\\A(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}\\z", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
        can(regex("\\A(durable:)?[0-9]{12}\\z", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
        can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
        can(regex("\\.amazonaws\\.com(\\.cn)?\\z", text)) ? "is a service; name it under `key_service_users`" :
        can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::([^:]{0,11}|[^:]{13,}|[^:]*[^0-9:][^:]*):", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
      ))
      if !can(regex("\\A(?:(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64}|permission_set:([0-9]{12}/)?[a-zA-Z0-9_+=,.@-]{1,32})\\z", text))
    ])
  }

  validation {
    condition = alltrue([for text in distinct([for text in var.key_administrator_arns : text if text != null]) : !(length([for other in [for text in var.key_administrator_arns : text if text != null] : other if other == text]) > 1)])
    error_message = join("\n", [
      for text in distinct([for text in var.key_administrator_arns : text if text != null]) : "key_administrator_arns: names `${text}` twice; keep one of them"
      if length([for other in [for text in var.key_administrator_arns : text if text != null] : other if other == text]) > 1
    ])
  }
}

variable "key_user_arns" {
  description = "Who may use the key cryptographically; the same forms as `key_administrator_arns`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for text in var.key_user_arns : can(regex("\\A(?:(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64}|permission_set:([0-9]{12}/)?[a-zA-Z0-9_+=,.@-]{1,32})\\z", text))])
    error_message = join("\n", [
      for text in var.key_user_arns : format("key_user_arns: `${text == null ? "null" : text}` %s", (
        text == null ? "is not text; write it in quotes" :
        can(regex("\\Apermission_set:", text)) ? "is not a permission set; write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`, the name of at most 32 characters" :
        can(regex("\\Adurable:arn:aws(-[a-z]+)*:iam::[0-9]{12}:root\\z", text)) ? "is an account, which has no role to outlive; write `${trimprefix(text, "durable:")}` without `durable`" :
        can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
        can(regex("\\A(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}\\z", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
        can(regex("\\A(durable:)?[0-9]{12}\\z", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
        can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
        can(regex("\\.amazonaws\\.com(\\.cn)?\\z", text)) ? "is a service; name it under `key_service_users`" :
        can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::([^:]{0,11}|[^:]{13,}|[^:]*[^0-9:][^:]*):", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
        "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
      ))
      if !can(regex("\\A(?:(durable:)?arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64}|permission_set:([0-9]{12}/)?[a-zA-Z0-9_+=,.@-]{1,32})\\z", text))
    ])
  }

  validation {
    condition = alltrue([for text in distinct([for text in var.key_user_arns : text if text != null]) : !(length([for other in [for text in var.key_user_arns : text if text != null] : other if other == text]) > 1)])
    error_message = join("\n", [
      for text in distinct([for text in var.key_user_arns : text if text != null]) : "key_user_arns: names `${text}` twice; keep one of them"
      if length([for other in [for text in var.key_user_arns : text if text != null] : other if other == text]) > 1
    ])
  }
}

variable "key_service_users" {
  description = "AWS services that use the key, for example `logs.us-east-1.amazonaws.com`, pinned to the key's account."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for text in var.key_service_users : can(regex("\\A(?:[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?)\\z", text))])
    error_message = join("\n", [
      for text in var.key_service_users : format("key_service_users: `${text == null ? "null" : text}` %s", (
        text == null ? "is not text; write it in quotes" :
        "is not a service principal; write for example `logs.us-east-1.amazonaws.com`"
      ))
      if !can(regex("\\A(?:[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?)\\z", text))
    ])
  }

  validation {
    condition = alltrue([for text in distinct([for text in var.key_service_users : text if text != null]) : !(length([for other in [for text in var.key_service_users : text if text != null] : other if other == text]) > 1)])
    error_message = join("\n", [
      for text in distinct([for text in var.key_service_users : text if text != null]) : "key_service_users: names `${text}` twice; keep one of them"
      if length([for other in [for text in var.key_service_users : text if text != null] : other if other == text]) > 1
    ])
  }
}

variable "key_service_pins" {
  description = "How services are held to the key's own account: one statement a pin."
  type        = list(string)
  default     = ["kms:CallerAccount", "aws:SourceAccount"]
  nullable    = false

  validation {
    condition     = !(try(length(var.key_service_pins) == 0, false))
    error_message = "key_service_pins: is empty; name at least one, or remove the field"
  }

  validation {
    condition = alltrue([for text in var.key_service_pins : contains(["kms:CallerAccount", "aws:SourceAccount"], coalesce(text, "null"))])
    error_message = join("\n", [
      for text in var.key_service_pins : "key_service_pins: `${coalesce(text, "null")}` is not a value of this field; write `kms:CallerAccount` or `aws:SourceAccount`"
      if !contains(["kms:CallerAccount", "aws:SourceAccount"], coalesce(text, "null"))
    ])
  }
}

variable "policy_patterns" {
  description = "Patterns of the catalogue that the generated policy also holds, each with its parameters' values."
  type = list(object({
    name       = string
    parameters = optional(map(list(string)), {})
  }))
  default  = []
  nullable = false
}

variable "policy_statements" {
  description = "Statements of one's own that the generated policy also holds, behind all others."
  type = list(object({
    sid            = optional(string)
    effect         = optional(string, "Allow")
    actions        = optional(list(string))
    not_actions    = optional(list(string))
    principals     = optional(list(object({ type = string, identifiers = list(string) })))
    not_principals = optional(list(object({ type = string, identifiers = list(string) })))
    resources      = optional(list(string), ["*"])
    conditions     = optional(list(object({ test = string, variable = string, values = list(string) })), [])
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(statement == null)])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}]: is not a mapping of fields; write its fields"
      if statement == null
    ])
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try((statement.actions == null) == (statement.not_actions == null), false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}]: has ${statement.actions == null ? "neither `actions` nor `not_actions`; write `actions`" : "both `actions` and `not_actions`; keep one of them, or make two statements"}"
      if try((statement.actions == null) == (statement.not_actions == null), false)
    ])
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try((statement.principals == null) == (statement.not_principals == null), false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}]: has ${statement.principals == null ? "neither `principals` nor `not_principals`; write `principals`" : "both `principals` and `not_principals`; keep one of them, or make two statements"}"
      if try((statement.principals == null) == (statement.not_principals == null), false)
    ])
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try(statement.not_principals != null && statement.effect == "Allow", false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}]: allows everybody but some; name `principals`, or write `effect = \"Deny\"`"
      if try(statement.not_principals != null && statement.effect == "Allow", false)
    ])
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : contains(["Allow", "Deny"], coalesce(try(statement.effect, "Allow"), "null"))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}].effect: `${coalesce(try(statement.effect, "Allow"), "null")}` is not a value of this field; write `Allow` or `Deny`"
      if !contains(["Allow", "Deny"], coalesce(try(statement.effect, "Allow"), "null"))
    ])
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for text in try(statement.sid, null) == null ? [] : [statement.sid] : !(text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text)))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for text in try(statement.sid, null) == null ? [] : [statement.sid] : format("policy_statements[${index}].sid: `${text == null ? "null" : text}` %s", (
          text == null ? "is not text; write it in quotes" :
          "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", text), "")}`, which KMS does not take in a policy; replace it"
        ))
        if text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text))
      ]
    ]))
  }

  validation {
    condition = alltrue([for sid in distinct([for statement in var.policy_statements : statement.sid if try(statement.sid, null) != null]) : !(length([for other in var.policy_statements : other if try(other.sid == sid, false)]) > 1)])
    error_message = join("\n", [
      for sid in distinct([for statement in var.policy_statements : statement.sid if try(statement.sid, null) != null]) : "policy_statements: names two statements `${sid}`; give each a `sid` of its own, or none"
      if length([for other in var.policy_statements : other if try(other.sid == sid, false)]) > 1
    ])
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try(length(statement.actions) == 0, false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}].actions: is empty; name at least one, or remove the field"
      if try(length(statement.actions) == 0, false)
    ])
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for text in try(statement.actions, null) == null ? [] : statement.actions : can(regex("\\A(?:\\*|[kK][mM][sS]:[a-zA-Z*?]+)\\z", text))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for text in try(statement.actions, null) == null ? [] : statement.actions : format("policy_statements[${index}].actions: `${text == null ? "null" : text}` %s", (
          text == null ? "is not text; write it in quotes" :
          "is not an action of KMS; write for example `kms:Decrypt`"
        ))
        if !can(regex("\\A(?:\\*|[kK][mM][sS]:[a-zA-Z*?]+)\\z", text))
      ]
    ]))
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try(length(statement.not_actions) == 0, false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}].not_actions: is empty; name at least one, or remove the field"
      if try(length(statement.not_actions) == 0, false)
    ])
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for text in try(statement.not_actions, null) == null ? [] : statement.not_actions : can(regex("\\A(?:\\*|[kK][mM][sS]:[a-zA-Z*?]+)\\z", text))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for text in try(statement.not_actions, null) == null ? [] : statement.not_actions : format("policy_statements[${index}].not_actions: `${text == null ? "null" : text}` %s", (
          text == null ? "is not text; write it in quotes" :
          "is not an action of KMS; write for example `kms:Decrypt`"
        ))
        if !can(regex("\\A(?:\\*|[kK][mM][sS]:[a-zA-Z*?]+)\\z", text))
      ]
    ]))
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try(length(statement.resources) == 0, false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}].resources: is empty; name at least one, or remove the field"
      if try(length(statement.resources) == 0, false)
    ])
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for text in try(statement.resources, null) == null ? [] : statement.resources : !(text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text)))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for text in try(statement.resources, null) == null ? [] : statement.resources : format("policy_statements[${index}].resources: `${text == null ? "null" : text}` %s", (
          text == null ? "is not text; write it in quotes" :
          "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", text), "")}`, which KMS does not take in a policy; replace it"
        ))
        if text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text))
      ]
    ]))
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try(length(statement.principals) == 0, false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}].principals: is empty; name at least one, or remove the field"
      if try(length(statement.principals) == 0, false)
    ])
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.principals, null) == null ? [] : statement.principals : contains(["AWS", "Service", "Federated", "*"], coalesce(try(entry.type, "null"), "null"))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.principals, null) == null ? [] : statement.principals : "policy_statements[${index}].principals[${number}].type: `${coalesce(try(entry.type, "null"), "null")}` is not a value of this field; write `AWS`, `Service`, `Federated` or `*`"
        if !contains(["AWS", "Service", "Federated", "*"], coalesce(try(entry.type, "null"), "null"))
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.principals, null) == null ? [] : statement.principals : !(try(length(entry.identifiers) == 0, true))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.principals, null) == null ? [] : statement.principals : "policy_statements[${index}].principals[${number}].identifiers: is empty; name at least one, or remove the field"
        if try(length(entry.identifiers) == 0, true)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : !(text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text)))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [
          for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : format("policy_statements[${index}].principals[${number}].identifiers: `${text == null ? "null" : text}` %s", (
            text == null ? "is not text; write it in quotes" :
            "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", text), "")}`, which KMS does not take in a policy; replace it"
          ))
          if text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : !(entry.type == "*" && text != "*")]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [
          for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : "policy_statements[${index}].principals[${number}]: names `${text}` with the type `*`, which stands for everybody; write the type `AWS` or `Service`"
          if entry.type == "*" && text != "*"
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [for text in try(entry.type == "AWS" ? entry.identifiers : [], []) : !(text == "*" ? false : !can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text)))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [
          for text in try(entry.type == "AWS" ? entry.identifiers : [], []) : format("policy_statements[${index}].principals[${number}]: names `${text == null ? "null" : text}`, which %s", (
            text == null ? "is not text; write it in quotes" :
            can(regex("\\A(durable|permission_set):", text)) ? "is a form that only `key_administrator_arns` and `key_user_arns` take; write the ARN of a role, user or account root" :
            can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
            can(regex("\\A(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}\\z", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
            can(regex("\\A(durable:)?[0-9]{12}\\z", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
            can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
            can(regex("\\.amazonaws\\.com(\\.cn)?\\z", text)) ? "is a service; name it under `key_service_users`" :
            can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
            can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::([^:]{0,11}|[^:]{13,}|[^:]*[^0-9:][^:]*):", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
            "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
          ))
          if text == "*" ? false : !can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [for text in try(entry.type == "Service" ? entry.identifiers : [], []) : can(regex("\\A(?:[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?)\\z", text))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.principals, null) == null ? [] : statement.principals : [
          for text in try(entry.type == "Service" ? entry.identifiers : [], []) : format("policy_statements[${index}].principals[${number}]: names `${text == null ? "null" : text}`, which %s", (
            text == null ? "is not text; write it in quotes" :
            "is not a service principal; write for example `logs.us-east-1.amazonaws.com`"
          ))
          if !can(regex("\\A(?:[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?)\\z", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue([for index, statement in var.policy_statements : !(try(length(statement.not_principals) == 0, false))])
    error_message = join("\n", [
      for index, statement in var.policy_statements : "policy_statements[${index}].not_principals: is empty; name at least one, or remove the field"
      if try(length(statement.not_principals) == 0, false)
    ])
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : contains(["AWS", "Service", "Federated", "*"], coalesce(try(entry.type, "null"), "null"))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : "policy_statements[${index}].not_principals[${number}].type: `${coalesce(try(entry.type, "null"), "null")}` is not a value of this field; write `AWS`, `Service`, `Federated` or `*`"
        if !contains(["AWS", "Service", "Federated", "*"], coalesce(try(entry.type, "null"), "null"))
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : !(try(length(entry.identifiers) == 0, true))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : "policy_statements[${index}].not_principals[${number}].identifiers: is empty; name at least one, or remove the field"
        if try(length(entry.identifiers) == 0, true)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : !(text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text)))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [
          for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : format("policy_statements[${index}].not_principals[${number}].identifiers: `${text == null ? "null" : text}` %s", (
            text == null ? "is not text; write it in quotes" :
            "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", text), "")}`, which KMS does not take in a policy; replace it"
          ))
          if text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : !(entry.type == "*" && text != "*")]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [
          for text in try(entry.identifiers, null) == null ? [] : entry.identifiers : "policy_statements[${index}].not_principals[${number}]: names `${text}` with the type `*`, which stands for everybody; write the type `AWS` or `Service`"
          if entry.type == "*" && text != "*"
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [for text in try(entry.type == "AWS" ? entry.identifiers : [], []) : !(text == "*" ? false : !can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text)))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [
          for text in try(entry.type == "AWS" ? entry.identifiers : [], []) : format("policy_statements[${index}].not_principals[${number}]: names `${text == null ? "null" : text}`, which %s", (
            text == null ? "is not text; write it in quotes" :
            can(regex("\\A(durable|permission_set):", text)) ? "is a form that only `key_administrator_arns` and `key_user_arns` take; write the ARN of a role, user or account root" :
            can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
            can(regex("\\A(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}\\z", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
            can(regex("\\A(durable:)?[0-9]{12}\\z", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
            can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
            can(regex("\\.amazonaws\\.com(\\.cn)?\\z", text)) ? "is a service; name it under `key_service_users`" :
            can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
            can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::([^:]{0,11}|[^:]{13,}|[^:]*[^0-9:][^:]*):", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
            "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
          ))
          if text == "*" ? false : !can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [for text in try(entry.type == "Service" ? entry.identifiers : [], []) : can(regex("\\A(?:[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?)\\z", text))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.not_principals, null) == null ? [] : statement.not_principals : [
          for text in try(entry.type == "Service" ? entry.identifiers : [], []) : format("policy_statements[${index}].not_principals[${number}]: names `${text == null ? "null" : text}`, which %s", (
            text == null ? "is not text; write it in quotes" :
            "is not a service principal; write for example `logs.us-east-1.amazonaws.com`"
          ))
          if !can(regex("\\A(?:[a-z0-9-]+(\\.[a-z0-9-]+)*\\.amazonaws\\.com(\\.cn)?)\\z", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [for text in [try(entry.test, null)] : can(regex("\\A(?:((ForAllValues|ForAnyValue):)?((StringEquals|StringEqualsIgnoreCase|StringLike|NumericEquals|NumericLessThan|NumericLessThanEquals|NumericGreaterThan|NumericGreaterThanEquals|DateEquals|DateLessThan|DateLessThanEquals|DateGreaterThan|DateGreaterThanEquals|Bool|BinaryEquals|IpAddress|ArnEquals|ArnLike|StringNotEquals|StringNotEqualsIgnoreCase|StringNotLike|NumericNotEquals|DateNotEquals|NotIpAddress|ArnNotEquals|ArnNotLike)(IfExists)?|Null))\\z", text))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [
          for text in [try(entry.test, null)] : format("policy_statements[${index}].conditions[${number}].test: `${text == null ? "null" : text}` %s", (
            text == null ? "is not text; write it in quotes" :
            "is not a condition operator; write for example `StringEquals`"
          ))
          if !can(regex("\\A(?:((ForAllValues|ForAnyValue):)?((StringEquals|StringEqualsIgnoreCase|StringLike|NumericEquals|NumericLessThan|NumericLessThanEquals|NumericGreaterThan|NumericGreaterThanEquals|DateEquals|DateLessThan|DateLessThanEquals|DateGreaterThan|DateGreaterThanEquals|Bool|BinaryEquals|IpAddress|ArnEquals|ArnLike|StringNotEquals|StringNotEqualsIgnoreCase|StringNotLike|NumericNotEquals|DateNotEquals|NotIpAddress|ArnNotEquals|ArnNotLike)(IfExists)?|Null))\\z", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [for text in [try(entry.variable, null)] : can(regex("\\A(?:[a-zA-Z0-9-]+:[^\\s](?s:.)*)\\z", text))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [
          for text in [try(entry.variable, null)] : format("policy_statements[${index}].conditions[${number}].variable: `${text == null ? "null" : text}` %s", (
            text == null ? "is not text; write it in quotes" :
            "is not a condition key; write for example `aws:PrincipalOrgID`"
          ))
          if !can(regex("\\A(?:[a-zA-Z0-9-]+:[^\\s](?s:.)*)\\z", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [for text in [try(entry.variable, null)] : !(text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text)))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [
          for text in [try(entry.variable, null)] : format("policy_statements[${index}].conditions[${number}].variable: `${text == null ? "null" : text}` %s", (
            text == null ? "is not text; write it in quotes" :
            "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", text), "")}`, which KMS does not take in a policy; replace it"
          ))
          if text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text))
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : !(try(length(entry.values) == 0, true))]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : "policy_statements[${index}].conditions[${number}].values: is empty; name at least one, or remove the field"
        if try(length(entry.values) == 0, true)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, statement in var.policy_statements : [for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [for text in try(entry.values, null) == null ? [] : entry.values : !(text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text)))]]]))
    error_message = join("\n", flatten([
      for index, statement in var.policy_statements : [
        for number, entry in try(statement.conditions, null) == null ? [] : statement.conditions : [
          for text in try(entry.values, null) == null ? [] : entry.values : format("policy_statements[${index}].conditions[${number}].values: `${text == null ? "null" : text}` %s", (
            text == null ? "is not text; write it in quotes" :
            "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", text), "")}`, which KMS does not take in a policy; replace it"
          ))
          if text == null ? true : can(regex("[^\\t\\n\\r\\x20-\\xff]", text))
        ]
      ]
    ]))
  }
}

variable "grants" {
  description = "Grants on the key; on a replica, grants of that replica."
  type = list(object({
    name               = string
    grantee_principal  = string
    operations         = list(string)
    retiring_principal = optional(string)
    constraints = optional(object({
      encryption_context_equals = optional(map(string))
      encryption_context_subset = optional(map(string))
    }))
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([for index, grant in var.grants : !(grant == null)])
    error_message = join("\n", [
      for index, grant in var.grants : "grants[${index}]: is not a mapping of fields; write its fields"
      if grant == null
    ])
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for text in [try(grant.name, null)] : can(regex("\\A(?:[a-zA-Z0-9:/_-]{1,256})\\z", text))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for text in [try(grant.name, null)] : format("grants[${index}].name: `${text == null ? "null" : text}` %s", (
          text == null ? "is not text; write it in quotes" :
          "is not a name for a grant; use 1 to 256 letters, digits and `:/_-`"
        ))
        if !can(regex("\\A(?:[a-zA-Z0-9:/_-]{1,256})\\z", text))
      ]
    ]))
  }

  validation {
    condition = alltrue([for name in distinct([for grant in var.grants : grant.name if try(grant.name, null) != null]) : !(length([for other in var.grants : other if try(other.name == name, false)]) > 1)])
    error_message = join("\n", [
      for name in distinct([for grant in var.grants : grant.name if try(grant.name, null) != null]) : "grants: names two grants `${name}`; give each a name of its own"
      if length([for other in var.grants : other if try(other.name == name, false)]) > 1
    ])
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for text in [try(grant.grantee_principal, null)] : can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for text in [try(grant.grantee_principal, null)] : format("grants[${index}].grantee_principal: `${text == null ? "null" : text}` %s", (
          text == null ? "is not text; write it in quotes" :
          can(regex("\\A(durable|permission_set):", text)) ? "is a form that only `key_administrator_arns` and `key_user_arns` take; write the ARN of a role, user or account root" :
          can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
          can(regex("\\A(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}\\z", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
          can(regex("\\A(durable:)?[0-9]{12}\\z", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
          can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
          can(regex("\\.amazonaws\\.com(\\.cn)?\\z", text)) ? "is a service; name it under `key_service_users`" :
          can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
          can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::([^:]{0,11}|[^:]{13,}|[^:]*[^0-9:][^:]*):", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
          "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
        ))
        if !can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text))
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for text in try(grant.retiring_principal, null) == null ? [] : [grant.retiring_principal] : can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for text in try(grant.retiring_principal, null) == null ? [] : [grant.retiring_principal] : format("grants[${index}].retiring_principal: `${text == null ? "null" : text}` %s", (
          text == null ? "is not text; write it in quotes" :
          can(regex("\\A(durable|permission_set):", text)) ? "is a form that only `key_administrator_arns` and `key_user_arns` take; write the ARN of a role, user or account root" :
          can(regex("[*?]", text)) ? "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`" :
          can(regex("\\A(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}\\z", text)) ? "is the unique id that is left of a deleted role or user; name the role that has its place now by its ARN" :
          can(regex("\\A(durable:)?[0-9]{12}\\z", text)) ? "is an account's number; write `arn:aws:iam::${trimprefix(text, "durable:")}:root`" :
          can(regex(":group/", text)) ? "is a group, which KMS takes for no principal; name the role its members use" :
          can(regex("\\.amazonaws\\.com(\\.cn)?\\z", text)) ? "is a service; name it under `key_service_users`" :
          can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts):[^:]+:", text)) ? "names a Region, which IAM has none of; write `arn:aws:iam::ACCOUNT:role/NAME`" :
          can(regex("\\A(durable:)?arn:aws(-[a-z]+)*:(iam|sts)::([^:]{0,11}|[^:]{13,}|[^:]*[^0-9:][^:]*):", text)) ? "has no account of twelve digits; write `arn:aws:iam::ACCOUNT:role/NAME`" :
          "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`"
        ))
        if !can(regex("\\A(?:arn:aws(-[a-z]+)*:iam::[0-9]{12}:(user|role)/([!-)+->@-~]+/)?[a-zA-Z0-9_+=,.@-]{1,64}|arn:aws(-[a-z]+)*:iam::[0-9]{12}:root|arn:aws(-[a-z]+)*:sts::[0-9]{12}:(assumed-role/[a-zA-Z0-9_+=,.@-]{1,64}/|federated-user/)[a-zA-Z0-9_+=,.@-]{1,64})\\z", text))
      ]
    ]))
  }

  validation {
    condition = alltrue([for index, grant in var.grants : !(try(length(grant.operations) == 0, true))])
    error_message = join("\n", [
      for index, grant in var.grants : "grants[${index}].operations: is empty; name at least one, or remove the field"
      if try(length(grant.operations) == 0, true)
    ])
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for text in try(grant.operations, null) == null ? [] : grant.operations : contains(["CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "Sign", "Verify", "VerifyMac"], coalesce(text, "null"))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for text in try(grant.operations, null) == null ? [] : grant.operations : "grants[${index}].operations: `${coalesce(text, "null")}` is not an operation that a grant can allow; write for example `Decrypt`"
        if !contains(["CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "Sign", "Verify", "VerifyMac"], coalesce(text, "null"))
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for text in try(distinct(grant.operations), []) : !(length([for other in grant.operations : other if other == text]) > 1)]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for text in try(distinct(grant.operations), []) : "grants[${index}].operations: names `${text}` twice; keep one of them"
        if length([for other in grant.operations : other if other == text]) > 1
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : !(try((found.encryption_context_equals == null) == (found.encryption_context_subset == null), false))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : "grants[${index}].constraints: holds ${found.encryption_context_equals == null ? "no constraint" : "both constraints"}; write `encryption_context_equals` or `encryption_context_subset`"
        if try((found.encryption_context_equals == null) == (found.encryption_context_subset == null), false)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : !(try(length(found.encryption_context_equals) == 0, false))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : "grants[${index}].constraints.encryption_context_equals: is empty; name at least one, or remove the field"
        if try(length(found.encryption_context_equals) == 0, false)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : !(try(length(found.encryption_context_equals) > 8, false))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : "grants[${index}].constraints.encryption_context_equals: holds ${length(found.encryption_context_equals)} pairs; KMS takes 8; remove some"
        if try(length(found.encryption_context_equals) > 8, false)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : [for name, text in try(found.encryption_context_equals, null) == null ? {} : found.encryption_context_equals : !(text == null ? true : length(text) > 384)]]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : [
          for name, text in try(found.encryption_context_equals, null) == null ? {} : found.encryption_context_equals : "grants[${index}].constraints.encryption_context_equals: has a value for `${name}` of more than 384 characters; shorten it"
          if text == null ? true : length(text) > 384
        ]
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : !(try(length(found.encryption_context_subset) == 0, false))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : "grants[${index}].constraints.encryption_context_subset: is empty; name at least one, or remove the field"
        if try(length(found.encryption_context_subset) == 0, false)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : !(try(length(found.encryption_context_subset) > 8, false))]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : "grants[${index}].constraints.encryption_context_subset: holds ${length(found.encryption_context_subset)} pairs; KMS takes 8; remove some"
        if try(length(found.encryption_context_subset) > 8, false)
      ]
    ]))
  }

  validation {
    condition = alltrue(flatten([for index, grant in var.grants : [for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : [for name, text in try(found.encryption_context_subset, null) == null ? {} : found.encryption_context_subset : !(text == null ? true : length(text) > 384)]]]))
    error_message = join("\n", flatten([
      for index, grant in var.grants : [
        for found in try(grant.constraints, null) == null ? [] : [grant.constraints] : [
          for name, text in try(found.encryption_context_subset, null) == null ? {} : found.encryption_context_subset : "grants[${index}].constraints.encryption_context_subset: has a value for `${name}` of more than 384 characters; shorten it"
          if text == null ? true : length(text) > 384
        ]
      ]
    ]))
  }
}

variable "enable_default_root_policy" {
  description = "Whether the account root keeps `kms:*`, so that the key is never orphaned."
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
  description = "Replicas by Region. What one leaves out it takes from the primary: its description, deletion window and policy, the policy's Region-bound services being the replica's Region's. With `replica_primary_key_arn`, the entry of the provider's own Region describes this very replica."
  type = map(object({
    description             = optional(string)
    deletion_window_in_days = optional(number)
    enabled                 = optional(bool, true)
    policy                  = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for region, replica in var.replica_regions : !(try(replica.description, null) == null ? false : length(try(replica.description, null)) > 8192)])
    error_message = join("\n", [
      for region, replica in var.replica_regions : "replica_regions[\"${region}\"].description: is longer than 8,192 characters; shorten it"
      if try(replica.description, null) == null ? false : length(try(replica.description, null)) > 8192
    ])
  }

  validation {
    condition = alltrue([for region, replica in var.replica_regions : !(try(replica.deletion_window_in_days, null) == null ? false : try(replica.deletion_window_in_days, null) < 7 || try(replica.deletion_window_in_days, null) > 30 || floor(try(replica.deletion_window_in_days, null)) != try(replica.deletion_window_in_days, null))])
    error_message = join("\n", [
      for region, replica in var.replica_regions : "replica_regions[\"${region}\"].deletion_window_in_days: is not from 7 to 30; write a whole number of days from 7 to 30"
      if try(replica.deletion_window_in_days, null) == null ? false : try(replica.deletion_window_in_days, null) < 7 || try(replica.deletion_window_in_days, null) > 30 || floor(try(replica.deletion_window_in_days, null)) != try(replica.deletion_window_in_days, null)
    ])
  }

  validation {
    condition = alltrue([for region, replica in var.replica_regions : !(try(replica.policy, null) == null ? false : !can(keys(jsondecode(try(replica.policy, null)))))])
    error_message = join("\n", [
      for region, replica in var.replica_regions : "replica_regions[\"${region}\"].policy: is not a key policy: it is not valid JSON, or no object; write a policy document"
      if try(replica.policy, null) == null ? false : !can(keys(jsondecode(try(replica.policy, null))))
    ])
  }

  validation {
    condition = alltrue([for region, replica in var.replica_regions : !(try(replica.policy, null) == null || !can(keys(jsondecode(try(replica.policy, null)))) ? false : !try(
      length(flatten([jsondecode(try(replica.policy, null)).Statement])) > 0 &&
      length(setsubtract(keys(jsondecode(try(replica.policy, null))), ["Version", "Id", "Statement"])) == 0 &&
      contains(["2012-10-17", "2008-10-17"], try(jsondecode(try(replica.policy, null)).Version, "2012-10-17")) &&
      alltrue([
        for statement in flatten([jsondecode(try(replica.policy, null)).Statement]) : alltrue([
          contains(["Allow", "Deny"], statement.Effect),
          can(statement.Principal) != can(statement.NotPrincipal),
          can(statement.Action) != can(statement.NotAction),
          !(can(statement.Resource) && can(statement.NotResource)),
          length(setsubtract(keys(statement), ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"])) == 0,
        ])
      ]),
      false,
    ))])
    error_message = join("\n", [
      for region, replica in var.replica_regions : "replica_regions[\"${region}\"].policy: is not a key policy: it needs a `Statement`, each with an `Effect` of Allow or Deny, one of `Principal` and `NotPrincipal`, one of `Action` and `NotAction`, and nothing that is no element of a policy; correct it"
      if try(replica.policy, null) == null || !can(keys(jsondecode(try(replica.policy, null)))) ? false : !try(
        length(flatten([jsondecode(try(replica.policy, null)).Statement])) > 0 &&
        length(setsubtract(keys(jsondecode(try(replica.policy, null))), ["Version", "Id", "Statement"])) == 0 &&
        contains(["2012-10-17", "2008-10-17"], try(jsondecode(try(replica.policy, null)).Version, "2012-10-17")) &&
        alltrue([
          for statement in flatten([jsondecode(try(replica.policy, null)).Statement]) : alltrue([
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
  }

  validation {
    condition = alltrue([for region, replica in var.replica_regions : !(try(replica.policy, null) == null ? false : length(base64encode(try(replica.policy, null))) * 3 / 4 - length(regexall("=", base64encode(try(replica.policy, null)))) > 32768)])
    error_message = join("\n", [
      for region, replica in var.replica_regions : "replica_regions[\"${region}\"].policy: has more bytes than the 32,768 that KMS takes; write it shorter, or without spaces"
      if try(replica.policy, null) == null ? false : length(base64encode(try(replica.policy, null))) * 3 / 4 - length(regexall("=", base64encode(try(replica.policy, null)))) > 32768
    ])
  }

  validation {
    condition = alltrue([for region, replica in var.replica_regions : !(try(replica.policy, null) == null ? false : can(regex("[^\\t\\n\\r\\x20-\\xff]", try(replica.policy, null))))])
    error_message = join("\n", [
      for region, replica in var.replica_regions : format("replica_regions[\"${region}\"].policy: %s", "holds the character `${try(regex("[^\\t\\n\\r\\x20-\\xff]", try(replica.policy, null)), "")}`, which KMS does not take in a policy; replace it")
      if try(replica.policy, null) == null ? false : can(regex("[^\\t\\n\\r\\x20-\\xff]", try(replica.policy, null)))
    ])
  }
}

variable "replica_primary_key_arn" {
  description = "The ARN of a multi-Region primary to replicate into the provider's Region, instead of creating a key."
  type        = string
  default     = null

  validation {
    condition     = !(var.replica_primary_key_arn == null ? false : !can(regex("\\A(?:arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:[0-9]{12}:key/mrk-[0-9a-f]{32})\\z", var.replica_primary_key_arn)))
    error_message = "replica_primary_key_arn: `${coalesce(var.replica_primary_key_arn, "null")}` is not the ARN of a multi-Region key; write `arn:aws:kms:REGION:ACCOUNT:key/mrk-…`"
  }
}

variable "tags" {
  description = "Tags of the key and of every replica; at most 50, none beginning with `aws:`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = !(length(var.tags) > 50)
    error_message = "tags: holds ${length(var.tags)} tags; KMS takes at most 50; remove some"
  }

  validation {
    condition = alltrue([for text in keys(var.tags) : !(text == null ? true : can(regex("(?:\\A[aA][wW][sS]:)|(?:\\A\\z)|(?:\\A(?s:.){129,}\\z)", text)))])
    error_message = join("\n", [
      for text in keys(var.tags) : format("tags: `${text == null ? "null" : text}` %s", (
        text == null ? "is not text; write it in quotes" :
        can(regex("\\A[aA][wW][sS]:", text)) ? "begins with `aws:`, which is reserved; choose another name" :
        can(regex("\\A\\z", text)) ? "is not a tag's name of 1 to 128 characters; name the tag" :
        "is not a tag's name of 1 to 128 characters; shorten it"
      ))
      if text == null ? true : can(regex("(?:\\A[aA][wW][sS]:)|(?:\\A\\z)|(?:\\A(?s:.){129,}\\z)", text))
    ])
  }

  validation {
    condition = alltrue([for name, text in var.tags : !(text == null ? true : can(regex("\\A(?s:.){257,}\\z", text)))])
    error_message = join("\n", [
      for name, text in var.tags : "tags[\"${name}\"]: ${text == null ? "is not text; write it in quotes" : "is longer than the 256 characters of a tag's value; shorten it"}"
      if text == null ? true : can(regex("\\A(?s:.){257,}\\z", text))
    ])
  }

  validation {
    condition = alltrue(flatten([for name, value in var.tags : [for text in [name, value] : !(can(regex("[^\\pL\\pZ\\pN_.:/=+@-]", text)))]]))
    error_message = join("\n", flatten([
      for name, value in var.tags : [
        for text in [name, value] : "tags[\"${name}\"]: holds `${regex("[^\\pL\\pZ\\pN_.:/=+@-]", text)}`, which tags may not; use letters, digits, spaces and `_.:/=+-@`"
        if can(regex("[^\\pL\\pZ\\pN_.:/=+@-]", text))
      ]
    ]))
  }
}
