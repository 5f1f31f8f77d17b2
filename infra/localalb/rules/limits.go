package rules

// What AWS accepts; the loader refuses the rest, because an apply would fail.
const (
	minPriority = 1     // API, CreateRule
	maxPriority = 50000 // API, CreateRule

	maxRuleValues      = 5 // over all conditions of a rule; user guide, quotas "condition values per rule"
	maxRuleWildcards   = 5 // over all conditions of a rule; user guide, quotas "condition wildcards per rule"
	maxConditionValues = 3 // comparison strings in one condition; user guide, listener-rules

	maxPatternLength = 128 // path, host, header value, query key or value; API, RuleCondition
	maxHeaderName    = 40  // API, HttpHeaderConditionConfig
	maxMethod        = 40  // API, HttpRequestMethodConditionConfig

	maxForwardGroups = 5   // target groups in one action; user guide, quotas
	maxWeight        = 999 // API, TargetGroupTuple
	defaultWeight    = 1   // provider, when weight is left out

	maxRedirectPart = 128  // host, path or query of a redirect; API, RedirectActionConfig
	maxFixedBody    = 1024 // bytes; API, FixedResponseActionConfig

	maxTransform = 1024 // characters of regex and of replace; API, RewriteConfig

	maxResponseHeader = 1024 // characters of a header a listener sets; API, ListenerAttribute

	maxName  = 32  // load balancer or target group; API
	maxRules = 100 // of a load balancer, default actions aside; user guide, quotas
	maxPort  = 65535

	maxListeners    = 50  // of a load balancer; user guide, quotas
	maxTargetGroups = 100 // of a load balancer; user guide, quotas

	minIdleTimeout     = 1      // seconds; user guide, edit-load-balancer-attributes
	maxIdleTimeout     = 4000   // seconds
	minClientKeepAlive = 60     // seconds
	maxClientKeepAlive = 604800 // seconds
	defaultKeepAlive   = 3600   // seconds; a fixed API default, so it may be left out

	maxDeregistrationDelay = 3600 // seconds; API, TargetGroupAttribute
	minSlowStart           = 30   // seconds, or 0 for none; API, TargetGroupAttribute
	maxSlowStart           = 900  // seconds
	minStickiness          = 1    // seconds; API, TargetGroupAttribute and TargetGroupStickinessConfig
	maxStickiness          = 604800
	defaultStickiness      = 86400 // seconds, of a target group; the same in provider and API
	maxHealthyTargets      = 1000  // user guide, quotas "targets per target group"

	minThreshold, maxThreshold           = 2, 10  // checks; API, CreateTargetGroup
	minHealthInterval, maxHealthInterval = 5, 300 // seconds
	minHealthTimeout, maxHealthTimeout   = 2, 120 // seconds
	maxHealthPath                        = 1024   // provider
	minHealthCode, maxHealthCode         = 200, 499
)

// maxFileBytes bounds one Terraform file, so that pointing the tool at the
// wrong folder ends with a sentence and not with all memory in use.
const maxFileBytes = 1 << 20
