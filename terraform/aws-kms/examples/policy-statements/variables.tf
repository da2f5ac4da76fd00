variable "region" {
  description = "The Region of the key."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "partner_account" {
  description = "The account of the partner."
  type        = string
  default     = "444455556666"
  nullable    = false
}
