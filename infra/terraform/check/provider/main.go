// Command provider stands in for hashicorp/aws where it cannot be downloaded: it tells
// Terraform the provider's published schema, so that `terraform validate` and
// `terraform test` with mock_provider work. It knows names, nesting, types and what is
// required or deprecated, and nothing of what the real provider checks in code (enums,
// ranges, arguments that exclude each other). It never talks to AWS, and refuses to plan.
//
//	provider trim SCHEMA TYPES OUT   keep of SCHEMA what the list of TYPES names
//	provider                         serve the schema file in AWS_PROVIDER_SCHEMA
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
)

// address is the provider's, as Terraform and its schema files write it.
const address = "registry.terraform.io/hashicorp/aws"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "provider:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 4 && args[0] == "trim" {
		return trim(args[1], args[2], args[3])
	}
	schema, err := read(os.Getenv("AWS_PROVIDER_SCHEMA"))
	if err != nil {
		return fmt.Errorf("AWS_PROVIDER_SCHEMA: %w", err)
	}
	return tf5server.Serve(address, func() tfprotov5.ProviderServer { return server{schema: schema} })
}

// server answers what Terraform asks about a provider before it would use it. All other
// calls come after ConfigureProvider, which says no; mock_provider answers them instead.
type server struct {
	tfprotov5.ProviderServer
	schema *tfprotov5.GetProviderSchemaResponse
}

func (s server) GetMetadata(context.Context, *tfprotov5.GetMetadataRequest) (*tfprotov5.GetMetadataResponse, error) {
	all := &tfprotov5.GetMetadataResponse{ServerCapabilities: s.schema.ServerCapabilities}
	for name := range s.schema.ResourceSchemas {
		all.Resources = append(all.Resources, tfprotov5.ResourceMetadata{TypeName: name})
	}
	for name := range s.schema.DataSourceSchemas {
		all.DataSources = append(all.DataSources, tfprotov5.DataSourceMetadata{TypeName: name})
	}
	for name := range s.schema.EphemeralResourceSchemas {
		all.EphemeralResources = append(all.EphemeralResources, tfprotov5.EphemeralResourceMetadata{TypeName: name})
	}
	return all, nil
}

func (s server) GetProviderSchema(context.Context, *tfprotov5.GetProviderSchemaRequest) (*tfprotov5.GetProviderSchemaResponse, error) {
	return s.schema, nil
}

func (server) GetResourceIdentitySchemas(context.Context, *tfprotov5.GetResourceIdentitySchemasRequest) (*tfprotov5.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov5.GetResourceIdentitySchemasResponse{}, nil
}

func (server) PrepareProviderConfig(_ context.Context, r *tfprotov5.PrepareProviderConfigRequest) (*tfprotov5.PrepareProviderConfigResponse, error) {
	return &tfprotov5.PrepareProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (s server) ValidateResourceTypeConfig(_ context.Context, r *tfprotov5.ValidateResourceTypeConfigRequest) (*tfprotov5.ValidateResourceTypeConfigResponse, error) {
	warnings, err := deprecated(s.schema.ResourceSchemas[r.TypeName], r.Config)
	return &tfprotov5.ValidateResourceTypeConfigResponse{Diagnostics: warnings}, err
}

func (s server) ValidateDataSourceConfig(_ context.Context, r *tfprotov5.ValidateDataSourceConfigRequest) (*tfprotov5.ValidateDataSourceConfigResponse, error) {
	warnings, err := deprecated(s.schema.DataSourceSchemas[r.TypeName], r.Config)
	return &tfprotov5.ValidateDataSourceConfigResponse{Diagnostics: warnings}, err
}

func (server) ValidateEphemeralResourceConfig(context.Context, *tfprotov5.ValidateEphemeralResourceConfigRequest) (*tfprotov5.ValidateEphemeralResourceConfigResponse, error) {
	return &tfprotov5.ValidateEphemeralResourceConfigResponse{}, nil
}

func (server) ConfigureProvider(context.Context, *tfprotov5.ConfigureProviderRequest) (*tfprotov5.ConfigureProviderResponse, error) {
	return &tfprotov5.ConfigureProviderResponse{Diagnostics: []*tfprotov5.Diagnostic{{
		Severity: tfprotov5.DiagnosticSeverityError,
		Summary:  "This is only the schema of hashicorp/aws",
		Detail:   "It serves terraform validate and terraform test with mock_provider; to plan or apply, terraform init must be able to download the real provider.",
	}}}, nil
}

func (server) StopProvider(context.Context, *tfprotov5.StopProviderRequest) (*tfprotov5.StopProviderResponse, error) {
	return &tfprotov5.StopProviderResponse{}, nil
}
