from zhike.privacy.models.requests import STILL_OPEN, DataRequest, LegalHold, RequestStep

__all__ = ["STILL_OPEN", "DataRequest", "LegalHold", "RequestStep"]
