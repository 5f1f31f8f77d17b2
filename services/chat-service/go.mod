module github.com/sixseat/sixseat/services/chat-service

go 1.26

require github.com/sixseat/sixseat/pkg v0.0.0

replace github.com/sixseat/sixseat/pkg => ../../pkg
