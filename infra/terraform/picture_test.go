package terraform

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// details are types that the picture in ../README.md does not show: settings of a part
// that it shows, and plumbing. A new type is either drawn or listed here.
var details = []string{
	"aws_acm_certificate_validation", "aws_cloudwatch_log_metric_filter", "aws_db_parameter_group", "aws_db_subnet_group",
	"aws_default_security_group", "aws_ecr_lifecycle_policy", "aws_elasticache_parameter_group", "aws_elasticache_subnet_group",
	"aws_elasticache_user", "aws_elasticache_user_group", "aws_flow_log", "aws_iam_openid_connect_provider", "aws_iam_role_policy",
	"aws_iam_role_policy_attachment", "aws_internet_gateway", "aws_kms_alias", "aws_lb_listener", "aws_lb_listener_rule",
	"aws_lb_target_group", "aws_route", "aws_route_table", "aws_route_table_association", "aws_s3_bucket_cors_configuration", "aws_s3_bucket_lifecycle_configuration",
	"aws_s3_bucket_ownership_controls", "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block",
	"aws_s3_bucket_server_side_encryption_configuration", "aws_s3_bucket_versioning", "aws_secretsmanager_secret_rotation",
	"aws_secretsmanager_secret_version", "aws_security_group", "aws_service_discovery_private_dns_namespace",
	"aws_sns_topic_subscription", "aws_subnet", "aws_vpc", "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule",
	"aws_wafv2_web_acl_association", "aws_wafv2_web_acl_logging_configuration",
	"aws_iam_role.flow_log", "aws_iam_role.database_monitoring", "aws_route53_record.proof", // of drawn types, but details
}

// The picture in ../README.md shows what there is, and all of it. Its arrows are compared
// by tests/reach.tftest.hcl.
func TestPicture(t *testing.T) {
	readme := read(t, "../README.md")
	_, rest, ok := strings.Cut(readme, "```mermaid\n")
	picture, _, closed := strings.Cut(rest, "\n```")
	if !ok || !closed {
		t.Fatal("no picture in ../README.md")
	}
	drawn := regexp.MustCompile(`\b(?:aws_\w+|module)\.\w+`).FindAllString(picture, -1)

	var there []string
	for _, m := range regexp.MustCompile(`(?m)^(resource "(\w+)"|module) "(\w+)"`).FindAllStringSubmatch(files(t), -1) {
		kind := m[2]
		if kind == "" {
			kind = "module"
		}
		address := kind + "." + m[3]
		there = append(there, address)
		hidden := slices.Contains(details, kind) || slices.Contains(details, address)
		if shown := slices.Contains(drawn, address); shown == hidden {
			t.Errorf("%s: drawn %t, listed as a detail %t; want one of them", address, shown, hidden)
		}
	}
	for _, address := range drawn {
		if !slices.Contains(there, address) {
			t.Errorf("the picture shows %s, which is not in these files", address)
		}
	}
	for _, d := range details {
		if !slices.ContainsFunc(there, func(a string) bool { return a == d || strings.HasPrefix(a, d+".") }) {
			t.Errorf("details has %s, which is not in these files", d)
		}
	}
}

// files are all .tf files of this folder, one after the other.
func files(t *testing.T) string {
	t.Helper()
	entries, err := Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range entries {
		text, err := Files.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
