# The catalogue's named patterns that are used. What is wrong with a use is said by a rule (`rules_patterns.tf`).

locals {
  # Read only where one is used: it is the largest of the data files, and each instance of the module would read it.
  catalogue_of_patterns = jsondecode(length(var.policy_patterns) > 0 ? file("${path.module}/patterns.json") : "{\"patterns\": {}}").patterns

  # The uses in order, with the values of each parameter.
  patterns = [
    for index, use in var.policy_patterns : {
      # From its second use in one policy on, a pattern's Sids end in which use it is.
      occurrence = length([for other in slice(var.policy_patterns, 0, index + 1) : other if other.name == use.name])
      statements = local.catalogue_of_patterns[use.name].statements
      values = {
        for name, parameter in local.catalogue_of_patterns[use.name].parameters :
        name => try(tolist(use.parameters[name]), tolist(parameter.default), tolist([]))
      }
    } if contains(keys(local.catalogue_of_patterns), use.name)
  ]

  # A template holds at most one parameter and gives one string for each of the parameter's values, or itself where it
  # holds none.
  pattern_statements = {
    for place in keys(local.places) : place => flatten([
      for pattern in local.patterns : [
        for statement in pattern.statements : {
          sid    = "${statement.sid}${pattern.occurrence > 1 ? pattern.occurrence : ""}"
          effect = statement.effect
          principals = {
            for type, templates in statement.principal : type => flatten([
              for template in templates : [
                for value in try(pattern.values[local.parameters[template]], [""]) :
                replace(local.filled[place][template], "{${local.parameters[template]}}", value)
              ]
            ])
          }
          actions = statement.actions
          conditions = flatten([
            for condition in statement.conditions : [
              for key_value in try(pattern.values[local.parameters[condition.key]], [""]) : {
                operator = condition.operator
                key      = replace(local.filled[place][condition.key], "{${local.parameters[condition.key]}}", key_value)
                values = flatten([
                  for template in condition.values : [
                    for value in try(pattern.values[local.parameters[template]], [""]) :
                    replace(local.filled[place][template], "{${local.parameters[template]}}", value)
                  ]
                ])
              }
            ] if try(length(pattern.values[condition.when]) > 0, true)
          ])
        } if try(length(pattern.values[statement.when]) > 0, true)
      ]
    ])
  }

  templates = distinct(flatten([
    for pattern in local.patterns : [
      for statement in pattern.statements : concat(
        flatten(values(statement.principal)),
        flatten([for condition in statement.conditions : concat([condition.key], condition.values)]),
      )
    ]
  ]))

  # The parameter that each template holds, "" where it holds none.
  parameters = {
    for template in local.templates : template => join("", [
      for name in flatten(regexall("\\{([a-z0-9_]+)\\}", template)) : name if !contains(["partition", "account", "region"], name)
    ])
  }

  # Each template with the key's partition, account and Region in it.
  filled = {
    for place, region in local.places : place => {
      for template in local.templates : template =>
      replace(replace(replace(template, "{partition}", local.partition), "{account}", local.account), "{region}", region)
    }
  }
}
