module github.com/sixseat/sixseat/ci

go 1.26
