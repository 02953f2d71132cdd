"""Copy what the pages need out of node_modules into the package: `python tools/assets.py`.

`npm ci` fetches; this only copies, so a build without network works once node_modules is there.
Nothing of it is committed: the target folder is git-ignored and goes into the wheel as an artifact.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "src" / "zhike" / "web" / "static" / "vendor"
ICON_LIST = ROOT / "tools" / "icons.txt"
PACKAGES = ("@tabler/core", "@tabler/icons", "htmx.org")

# A hashing static storage would look for the map file, which is not shipped.
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|^//# sourceMappingURL=.*$", re.MULTILINE)
# Tabler draws a bounding box that only editors need.
BOUNDING_BOX = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
# default-src 'self' refuses them, and app.css draws every mark from a file: but a browser asks for the
# picture of a style it works out while app.css is still on its way.
DATA_PICTURE = re.compile(r"""url\((["'])data:.*?\1\)|url\(data:[^)]*\)""")
SHAPE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
OUTLINE = (
    'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
    'stroke-linejoin="round"'
)


def wanted_icons() -> tuple[list[str], list[str]]:
    """Names for the desk sprite and for the small one of customer pages."""
    everything: list[str] = []
    public: list[str] = []
    for line in ICON_LIST.read_text(encoding="utf-8").splitlines():
        name, *marks = line.partition("#")[0].split()[:2] or [""]
        if name:
            everything.append(name)
            if marks == ["public"]:
                public.append(name)
    return everything, public


def symbol(name: str) -> str:
    filled = name.endswith("-filled")
    folder = "filled" if filled else "outline"
    source = MODULES / "@tabler/icons/icons" / folder / f"{name.removesuffix('-filled')}.svg"
    if not source.is_file():
        raise SystemExit(f"tools/icons.txt: @tabler/icons has no {folder} icon of the name {name}.")
    match = SHAPE.search(source.read_text(encoding="utf-8"))
    if match is None:
        raise SystemExit(f"{source} is not an icon as expected.")
    shape = re.sub(r"\s+", " ", BOUNDING_BOX.sub("", match.group(1))).strip()
    paint = 'fill="currentColor"' if filled else OUTLINE
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{shape}</symbol>'


def sprite(names: list[str]) -> str:
    symbols = "\n".join(symbol(name) for name in sorted(set(names)))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def licences() -> str:
    """The notices of everything copied, in one file beside it."""
    parts = []
    for name in PACKAGES:
        package = json.loads((MODULES / name / "package.json").read_text(encoding="utf-8"))
        head = f"{name} {package['version']} — {package['license']}"
        author = package.get("author", "")
        if isinstance(author, dict):
            author = author.get("name", "")
        # @tabler/core ships no licence file: its notice stands at the head of tabler.min.css.
        text = f"Copyright {author}. The terms are those of the MIT licence printed below."
        for candidate in ("LICENSE", "LICENSE.md", "LICENSE.txt"):
            if (MODULES / name / candidate).is_file():
                text = (MODULES / name / candidate).read_text(encoding="utf-8").strip()
        parts.append(f"{head}\n{'=' * len(head)}\n\n{text}\n")
    return "\n\n".join(parts)


def put(name: str, text: str) -> None:
    """Write only what changed, so that a watcher or a hash stays quiet."""
    path = TARGET / name
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main() -> int:
    missing = [name for name in PACKAGES if not (MODULES / name).is_dir()]
    if missing:
        print(f"Not fetched: {', '.join(missing)}. Run npm ci first.", file=sys.stderr)
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    tabler = (MODULES / "@tabler/core/dist/css/tabler.min.css").read_text(encoding="utf-8")
    put("tabler.min.css", DATA_PICTURE.sub("none", SOURCE_MAP.sub("", tabler)))
    htmx = (MODULES / "htmx.org/dist/htmx.min.js").read_text(encoding="utf-8")
    put("htmx.min.js", SOURCE_MAP.sub("", htmx))
    everything, public = wanted_icons()
    put("icons.svg", sprite(everything))
    put("icons-public.svg", sprite(public))
    put("LICENSES.txt", licences())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
