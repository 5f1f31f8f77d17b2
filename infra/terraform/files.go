// Package terraform carries the Terraform files of the production stack inside
// Go programs, so that infra/onebox routes by the very rules AWS gets wherever
// its binary is started. It does nothing with them: rules.Load in
// infra/localalb reads them. Terraform itself ignores Go files.
package terraform

import "embed"

// Files are the .tf files of this folder.
//
//go:embed *.tf
var Files embed.FS
