module github.com/sixseat/sixseat/infra/terraform

go 1.26
