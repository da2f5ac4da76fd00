# What is wrong with the uses of patterns, by what the catalogue says of each.

locals {
  pattern_problems = flatten([
    for index, use in var.policy_patterns : [
      for problem in concat(
        contains(keys(local.catalogue_of_patterns), use.name) ? [] : ["there is no pattern `${use.name}`; `keywright policy patterns` lists them"],
        flatten([
          for pattern in try([local.catalogue_of_patterns[use.name]], []) : concat(
            [
              for name in keys(use.parameters) : format(
                "pattern `%s` has no parameter `%s`; it takes %s",
                use.name, name, length(pattern.parameters) > 0 ? join(" or ", formatlist("`%s`", keys(pattern.parameters))) : "none",
              ) if !contains(keys(pattern.parameters), name)
            ],
            [
              for name, parameter in pattern.parameters : "pattern `${use.name}` needs `${name}`; give ${parameter.description}"
              if parameter.required && try(use.parameters[name], null) == null
            ],
            [
              for name, parameter in pattern.parameters : "`${name}` ${parameter.type == "strings" ? "needs at least ${parameter.minimum} value${parameter.minimum == 1 ? "" : "s"}" : "takes one value"}; give ${parameter.description}"
              if try(use.parameters[name], null) == null ? false : (
                parameter.type == "strings" ? length(use.parameters[name]) < try(coalesce(parameter.minimum, 0), 0) : length(use.parameters[name]) != 1
              )
            ],
            [
              for name, parameter in pattern.parameters : "`${name}` takes at most ${parameter.maximum} values, not ${length(use.parameters[name])}; give ${parameter.description}"
              if parameter.type == "strings" && try(length(use.parameters[name]) > parameter.maximum, false)
            ],
            flatten([
              for name, parameter in pattern.parameters : [
                for value in try(tolist(use.parameters[name]), tolist([])) : format("`%s` %s; give %s", value, (
                  parameter.type == "integer" ? "is not a whole number from ${parameter.minimum} to ${parameter.maximum}" : "is not a value that `${name}` can have"
                ), parameter.description)
                if !try(
                  parameter.type == "integer" ?
                  can(regex("^[1-9][0-9]{0,8}$", value)) && tonumber(value) >= parameter.minimum && tonumber(value) <= parameter.maximum :
                  parameter.pattern == null || can(regex(parameter.pattern, value)),
                  false,
                )
              ]
            ]),
            [
              for wanted in [pattern.key] : "pattern `${use.name}` needs a key for ${join(" or ", formatlist("`%s`", wanted.usages))}, not `${local.usage}`; leave the pattern out, or declare another key for it"
              if !contains(wanted.usages, local.usage)
            ],
            [
              for wanted in [pattern.key] : "pattern `${use.name}` needs a key of spec ${join(" or ", formatlist("`%s`", wanted.specs))}, not `${var.customer_master_key_spec}`; leave the pattern out, or declare another key for it"
              if try(!contains(wanted.specs, var.customer_master_key_spec), false)
            ],
            [
              for conditions in [[for statement in pattern.statements : try(statement.when, null)]] :
              "pattern `${use.name}` says nothing like this; give ${join(" or ", formatlist("`%s`", conditions))}"
              if alltrue([for name in conditions : name == null ? false : try(length(use.parameters[name]), length(pattern.parameters[name].default)) == 0])
            ],
          )
        ]),
      ) : "policy_patterns[${index}]: ${problem}"
    ]
  ])
}
