"""What every page may call: components of the house, and the words of its lists."""

from zhike.web.templating import components, kept_rows, list_words, marking

__all__ = ["components", "kept_rows", "list_words", "marking"]
