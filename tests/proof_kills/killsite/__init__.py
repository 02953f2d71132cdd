"""An app of the kill proof alone: two channels that hand messages to a receiver of its own over loopback."""
