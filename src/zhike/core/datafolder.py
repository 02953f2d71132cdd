"""Where this installation keeps its database, files, keys and logs."""

import os
import secrets
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]


def data_folder() -> Path:
    """`ZHIKE_DATA`, else `./var` in a checkout, else the user's data folder."""
    named = os.environ.get("ZHIKE_DATA")
    if named:
        return Path(named).expanduser().resolve()
    if (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "src" / "zhike").is_dir():
        return CHECKOUT / "var"
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "zhike"


def prepared_data_folder() -> Path:
    """The data folder with its subfolders made; `keys` readable by the owner alone."""
    folder = data_folder()
    # Closed to others from the start; what exists keeps its rights, and `zhike doctor` looks at them.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("files", "logs", "static"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    return folder


def read_or_create_secret(path: Path) -> str:
    """A random secret kept in a 0600 file; safe when two processes start at once."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_when_written(path)
    with os.fdopen(handle, "w") as stream:
        secret = secrets.token_urlsafe(48)
        stream.write(secret)
    return secret


def _read_when_written(path: Path) -> str:
    # The other process has created the file and may be between create and write.
    import time

    for _ in range(50):
        secret = path.read_text().strip()
        if secret:
            return secret
        time.sleep(0.02)
    raise RuntimeError(f"{path} is empty. Remove it so that a new secret can be made.")
