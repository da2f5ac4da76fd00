variable "region" {
  description = "The Region of the key."
  type        = string
  default     = "us-east-1"
  nullable    = false
}
