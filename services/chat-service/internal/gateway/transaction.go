package gateway

import (
	"github.com/sixseat/sixseat/pkg/fault"

	"github.com/sixseat/sixseat/services/chat-service/internal/stomp"
)

// transaction collects SENDs until COMMIT stores all of them or none. Open ones are
// dropped with the session (STOMP 1.2, BEGIN).
type transaction struct {
	sends []*stomp.Frame
}

func (s *session) transact(f *stomp.Frame) error {
	id := f.Value("transaction")
	if id == "" {
		return fault.New(fault.Protocol, "%s needs a transaction.", f.Command)
	}
	tx := s.transactions[id]
	if f.Command == stomp.Begin {
		return s.begin(id, tx, f)
	}
	if tx == nil {
		return fault.New(fault.Protocol, "There is no open transaction of this id.")
	}
	delete(s.transactions, id)
	for _, send := range tx.sends {
		s.held -= send.Size()
	}
	if f.Command == stomp.Commit && len(tx.sends) > 0 {
		return s.post(tx.sends, f) // the receipts come after it
	}
	s.receipt(f)
	return nil
}

func (s *session) begin(id string, open *transaction, f *stomp.Frame) error {
	if open != nil {
		return fault.New(fault.Protocol, "A transaction of this id is open already.")
	}
	if len(s.transactions) >= maxTransactions {
		return fault.New(fault.Protocol, "At most %d transactions may be open.", maxTransactions)
	}
	if s.transactions == nil {
		s.transactions = map[string]*transaction{}
	}
	s.transactions[id] = &transaction{}
	s.receipt(f)
	return nil
}

// keep puts a SEND into its transaction.
func (s *session) keep(id string, f *stomp.Frame) error {
	tx := s.transactions[id]
	if tx == nil {
		return fault.New(fault.Protocol, "There is no open transaction of this id.")
	}
	if len(tx.sends) >= maxTransactionSends {
		return fault.New(fault.Protocol, "A transaction may hold at most %d sends.", maxTransactionSends)
	}
	if s.held += f.Size(); s.held > maxTransactionBytes {
		return fault.New(fault.TooLarge, "Open transactions may hold at most %d octets in all.", maxTransactionBytes)
	}
	tx.sends = append(tx.sends, f)
	return nil
}

// acknowledge checks an ACK or NACK and changes nothing: delivery goes by seq.
func (s *session) acknowledge(f *stomp.Frame) error {
	needs := [...][]string{
		stomp.V10: {"message-id"}, stomp.V11: {"subscription", "message-id"}, stomp.V12: {"id"},
	}[s.version()]
	if f.Command == stomp.Nack && s.version() == stomp.V10 {
		return fault.New(fault.Protocol, "STOMP 1.0 has no NACK.")
	}
	for _, name := range needs {
		if f.Value(name) == "" {
			return fault.New(fault.Protocol, "%s needs the header %s.", f.Command, name)
		}
	}
	if id, inside := f.Get("transaction"); inside && s.transactions[id] == nil {
		return fault.New(fault.Protocol, "There is no open transaction of this id.")
	}
	s.receipt(f)
	return nil
}
