# Every time that must agree with another, in seconds. The load balancer's own stand
# in listener_rules.tf, which a laptop runs too, and are read from there. Numbers with
# a Go file behind them are constants of the programs, and a Go test compares both. The
# inequalities below are checked by every plan.

locals {
  times = {
    # load balancer
    idle_timeout         = aws_lb.main.idle_timeout
    health_interval      = max([for g in local.target_groups : g.health_check[0].interval]...)
    health_timeout       = max([for g in local.target_groups : g.health_check[0].timeout]...)
    unhealthy_threshold  = max([for g in local.target_groups : g.health_check[0].unhealthy_threshold]...)
    deregistration_delay = min([for g in local.target_groups : tonumber(g.deregistration_delay)]...)

    # services
    server_idle_timeout = 75 # pkg/service/limits.go idleTimeout
    close_grace         = 5  # pkg/service/limits.go closeGrace
    heart_beat          = 10 # services/chat-service/internal/gateway/limits.go heartBeat
    ping_every          = 25 # services/chat-service/internal/gateway/limits.go pingEvery
    comment_every       = 10 # services/match-service/internal/httpapi/limits.go commentEvery
    connect_timeout     = 5  # pkg/database/limits.go connectTimeout: how long a start waits for PostgreSQL

    # stopping
    drain_poll   = 5  # pkg/service/limits.go noticeEvery: how often a node asks whether it is draining
    drain_notice = 12 # DRAIN_NOTICE: how long it goes on, until the load balancer has seen it
    drain_window = 60 # DRAIN_WINDOW: over which sockets and streams are closed
    drain_spare  = 15

    # tasks
    stop_timeout = 120 # SIGTERM to SIGKILL, the longest Fargate gives
    grace_period = 60  # failed checks after a start do not count
  }

  target_groups = [aws_lb_target_group.chat, aws_lb_target_group.match]

  agree = {
    "a kept connection outlives the load balancer's use of it, else 502" = local.times.server_idle_timeout >= local.times.idle_timeout + 5
    "two heart-beats fit into the idle timeout"                          = 2 * local.times.heart_beat < local.times.idle_timeout
    "two pings fit into the idle timeout"                                = 2 * local.times.ping_every < local.times.idle_timeout
    "two stream comments fit into the idle timeout"                      = 2 * local.times.comment_every < local.times.idle_timeout
    "a health check ends before the next begins"                         = local.times.health_timeout < local.times.health_interval
    "after SIGTERM the load balancer has stopped sending before sockets close" = (
      local.times.drain_notice >= local.times.unhealthy_threshold * local.times.health_interval + local.times.health_timeout
    )
    "a node that sees its draining has closed all before it is cut" = (
      local.times.deregistration_delay >= local.times.drain_poll + local.times.drain_notice + local.times.drain_window + local.times.drain_spare
    )
    # One grace each for what lives long, the public and the admin listener.
    "after SIGTERM a node has closed all before SIGKILL" = (
      local.times.stop_timeout >= local.times.drain_notice + local.times.drain_window + 3 * local.times.close_grace
    )
    "Fargate takes the stop timeout" = local.times.stop_timeout <= 120
    "a task that waits for its database once is not called unhealthy" = (
      local.times.grace_period >= local.times.connect_timeout + local.times.unhealthy_threshold * local.times.health_interval
    )
  }
}

output "times" {
  description = "Every time that must agree with another, in seconds."
  value       = local.times

  precondition {
    condition     = alltrue(values(local.agree))
    error_message = "Times do not agree: ${join("; ", [for what, holds in local.agree : what if !holds])}."
  }
}
