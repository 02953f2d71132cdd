from zhike.reference.models.values import ReferenceValue

__all__ = ["ReferenceValue"]
