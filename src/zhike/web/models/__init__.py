from zhike.web.models.lists import ListPreference, SavedView

__all__ = ["ListPreference", "SavedView"]
