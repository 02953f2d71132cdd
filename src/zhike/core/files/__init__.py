"""Files in the data folder, named by the digest of their bytes."""

from zhike.core.files.removing import remove_bytes, remove_files, used_elsewhere
from zhike.core.files.store import file_path, open_file, sniff_type, store_file

__all__ = [
    "file_path",
    "open_file",
    "remove_bytes",
    "remove_files",
    "sniff_type",
    "store_file",
    "used_elsewhere",
]
