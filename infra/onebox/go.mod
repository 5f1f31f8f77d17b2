module github.com/sixseat/sixseat/infra/onebox

go 1.26

require (
	github.com/sixseat/sixseat/infra/localalb v0.0.0
	github.com/sixseat/sixseat/pkg v0.0.0
	github.com/sixseat/sixseat/services/chat-service v0.0.0
	github.com/sixseat/sixseat/services/match-service v0.0.0
)

replace (
	github.com/sixseat/sixseat/infra/localalb => ../localalb
	github.com/sixseat/sixseat/pkg => ../../pkg
	github.com/sixseat/sixseat/services/chat-service => ../../services/chat-service
	github.com/sixseat/sixseat/services/match-service => ../../services/match-service
)
