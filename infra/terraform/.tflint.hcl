plugin "terraform" {
  enabled = true
  preset  = "all"
}

plugin "aws" {
  enabled = true
}

# One file per concern, not main.tf and outputs.tf.
rule "terraform_standard_module_structure" {
  enabled = false
}
