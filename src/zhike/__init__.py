"""知客 Zhike: self-hosted customer-service management."""

__version__ = "0.1.0"
