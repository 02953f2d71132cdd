"""A whole installation in one archive, its keys in a second file, and the way back into an empty place.

`saving.save` and `restoring.restore`. Nothing is imported here: a restore begins before there are any settings.
"""
