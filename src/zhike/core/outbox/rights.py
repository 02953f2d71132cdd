"""Who may look into the outbox."""

MANAGE = "outbox.manage"
