"""Files in the data folder, named by the digest of their bytes."""

from zhike.core.files.store import file_path, sniff_type, store_file

__all__ = ["file_path", "sniff_type", "store_file"]
