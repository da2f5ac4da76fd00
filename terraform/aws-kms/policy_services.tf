# AWS services, each held to the key's own account: one statement a service and pin.

locals {
  # A service principal is its label, the Region it names (null where it names none) and its suffix. One that the
  # catalogue doesn't know gets what services in general need; on a key whose usage the entry is not for, it gets what
  # any user of the key gets.
  services = [
    for principal in distinct(var.key_service_users) : {
      principal = principal
      label     = regex(local.catalogue.service_principal, principal)[0]
      region    = regex(local.catalogue.service_principal, principal)[1]
      suffix    = regex("\\.amazonaws\\.com(?:\\.cn)?$", principal)
      entry = [
        for entry in [try(local.catalogue.services[regex(local.catalogue.service_principal, principal)[0]], local.catalogue.services["*"])] : {
          actions       = contains(entry.usages, local.usage) ? entry.actions : local.catalogue.roles.users[local.usage]
          grant_actions = contains(entry.usages, local.usage) ? entry.grant_actions : []
          pins          = contains(entry.usages, local.usage) ? entry.pins : local.catalogue.services["*"].pins
        }
      ][0]
    }
  ]

  # By its name in each place: in a replica's policy a service that names a Region is the replica's Region's, and two of
  # several Regions are one.
  services_in = {
    for place, region in local.places : place => {
      for service in local.services :
      service.region == null || (place == "" && !local.replicates) ? service.principal : "${service.label}.${region}${service.suffix}" => service...
    }
  }

  service_statements = {
    for place, region in local.places : place => flatten([
      for principal, same in local.services_in[place] : [
        for service in slice(same, 0, 1) : [
          for pin in sort(distinct(var.key_service_pins)) : [
            for part in [
              { sid = "", actions = service.entry.actions, conditions = [] },
              { sid = "Grants", actions = service.entry.grant_actions, conditions = [local.for_aws_services] },
              ] : {
              sid = join("", concat(
                ["Service"],
                [for word in regexall("[a-z0-9]+", trimsuffix(principal, service.suffix)) : title(word)],
                [split(":", pin)[1], part.sid],
              ))
              effect     = "Allow"
              principals = { Service = [principal] }
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
      ]
    ])
  }
}
