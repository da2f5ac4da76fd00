# Every rule of the set that tflint brings along, none switched off.
config {
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
