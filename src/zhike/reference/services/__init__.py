from zhike.reference.services.values import add_value, change_value, switch_value

__all__ = ["add_value", "change_value", "switch_value"]
