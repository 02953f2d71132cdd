from zhike.listening.models.feedback import Feedback

__all__ = ["Feedback"]
