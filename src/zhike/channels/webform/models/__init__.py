from zhike.channels.webform.models.attempts import Attempt

__all__ = ["Attempt"]
