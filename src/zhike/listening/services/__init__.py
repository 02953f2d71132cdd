from zhike.listening.services.feedback import name_customer, record_feedback, turn_into_case

__all__ = ["name_customer", "record_feedback", "turn_into_case"]
