from zhike.privacy.models.requests import STILL_OPEN, DataRequest, RequestStep

__all__ = ["STILL_OPEN", "DataRequest", "RequestStep"]
