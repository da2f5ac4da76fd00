variable "region" {
  description = "The Region of the key."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "replica_region" {
  description = "The Region of the replica."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}
