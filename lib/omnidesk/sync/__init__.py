"""One ticket: both sides are observed, the plan is made, its actions are applied and recorded."""
