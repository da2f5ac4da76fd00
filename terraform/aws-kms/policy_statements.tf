# Statements of one's own, behind all others.

locals {
  own_statements = {
    for place, region in local.places : place => [
      for statement in var.policy_statements : {
        sid    = statement.sid
        effect = statement.effect
        principals = {
          for type, lists in {
            for entry in statement.principals == null ? [] : statement.principals :
            entry.type == "*" ? "AWS" : entry.type => [for name in entry.identifiers : try(local.own_services[place][name], name)]...
          } : type => flatten(lists)
        }
        not_principals = {
          for type, lists in {
            for entry in statement.not_principals == null ? [] : statement.not_principals :
            entry.type == "*" ? "AWS" : entry.type => [for name in entry.identifiers : try(local.own_services[place][name], name)]...
          } : type => flatten(lists)
        }
        actions     = statement.actions == null ? [] : statement.actions
        not_actions = statement.not_actions == null ? [] : statement.not_actions
        resources   = statement.resources
        conditions = [
          for condition in statement.conditions : { operator = condition.test, key = condition.variable, values = condition.values }
        ]
      }
    ]
  }

  # In a replica's policy a service that names a Region is the replica's Region's.
  own_services = {
    for place, region in local.places : place => {
      for name in distinct(flatten([
        for statement in var.policy_statements : [
          for entry in concat(statement.principals == null ? [] : statement.principals, statement.not_principals == null ? [] : statement.not_principals) :
          entry.identifiers if entry.type == "Service"
        ]
      ])) :
      name => place == "" && !local.replicates ? name : join("", [
        regex(local.catalogue.service_principal, name)[0],
        regex(local.catalogue.service_principal, name)[1] == null ? "" : ".${region}",
        regex("\\.amazonaws\\.com(?:\\.cn)?$", name),
      ])
    }
  }
}
