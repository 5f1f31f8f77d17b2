package service

// What the binary was built from. An image stamps both:
//
//	-ldflags "-X github.com/sixseat/sixseat/pkg/service.Version=1.4.0 -X github.com/sixseat/sixseat/pkg/service.Commit=78067f9"
var (
	Version = "dev"
	Commit  = "unknown"
)
