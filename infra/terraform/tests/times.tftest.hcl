# The inequalities themselves stand in timeouts.tf, where every plan checks them; this
# is what they lead to in AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "times" {
  command = plan

  assert {
    condition     = length(local.agree) >= 10 && alltrue(values(local.agree))
    error_message = "Times do not agree."
  }

  assert {
    condition     = aws_lb_target_group.chat.deregistration_delay == "92" && aws_lb_target_group.match.deregistration_delay == "92"
    error_message = "Deregistration delay: 5 s until a node knows, 12 s of notice, 60 s to close its sockets, 15 s to spare."
  }

  assert {
    condition = alltrue([for m in [module.chat, module.match] : jsondecode(m.container)[0].stopTimeout == local.times.stop_timeout &&
      contains(jsondecode(m.container)[0].environment, { name = "DRAIN_NOTICE", value = "12s" }) &&
      contains(jsondecode(m.container)[0].environment, { name = "DRAIN_WINDOW", value = "60s" })
    ])
    error_message = "Tasks must be told the same times."
  }

  assert {
    condition     = module.chat.scaling.by.sockets.scale_in >= 1800
    error_message = "Fewer chat tasks means cut sockets: not more often than every half hour."
  }
}
