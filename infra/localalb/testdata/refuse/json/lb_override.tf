# merged over the other files by Terraform
