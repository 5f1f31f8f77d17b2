package box

import "fmt"

// Welcome says what listens where, and how to try it by hand.
func (b *Box) Welcome() string {
	pictures := "nowhere"
	if b.stores.Files != nil {
		pictures = b.stores.Files.URL
	}
	return fmt.Sprintf(`Sixseat is running. Open the page in six windows:

  %[1]s/match/

  STOMP console   %[1]s/match/console
  load balancer   %[1]s   (rules: infra/terraform/listener_rules.tf)
  match-service   http://%[2]s   admin http://%[3]s/metrics
  chat-service    http://%[4]s   admin http://%[5]s/metrics
  pictures        %[7]s   (the S3 API over a folder)
  STOMP           ws://%[6]s/chat/ws   and, on chat-service's own port, ws://%[4]s/ws

Try it:
  curl -s '%[1]s/match/movies?q=matrix&limit=3'
  TOKEN=$(curl -s %[1]s/match/members -d '{"nickname":"user1"}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s -X PUT %[1]s/match/queue -H "Authorization: Bearer $TOKEN" -d "{\"movieId\":\"$(curl -s '%[1]s/match/movies?limit=1' | sed 's/.*"movieId":"\([^"]*\)".*/\1/')\"}"

Ctrl-C stops it; rooms and messages stay.
`, b.URL(), b.match.Addr(), b.match.AdminAddr(), b.chat.Addr(), b.chat.AdminAddr(), b.front.Addr(), pictures)
}
