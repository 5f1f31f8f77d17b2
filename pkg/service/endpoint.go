package service

import (
	"fmt"
	"net/url"
)

// CheckEndpoint refuses the value of a setting that must be an origin, as https://host:port,
// or empty.
func CheckEndpoint(variable, value string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Scheme+"://"+u.Host != value {
		return fmt.Errorf("configuration: %s must be like https://host or http://host:port, with nothing behind", variable)
	}
	return nil
}
