"""MODEL.yaml: the scale of the answers, blocks of items, their modes, and the paths between blocks.

Read as texts throughout, so that a block called `on` or an item called `1` keeps its name; a name that stands
there twice is refused, for YAML itself would drop the first in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from zhike.cli.analyze.problems import Problem
from zhike.cli.texts import gettext as _

KEYS = ("scale", "blocks", "modes", "paths")
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Model:
    file: str
    scale: tuple[float, float] | None
    blocks: Mapping[str, Sequence[str]]
    modes: Mapping[str, str]
    paths: Mapping[str, Sequence[str]]

    @property
    def items(self) -> list[str]:
        return [item for items in self.blocks.values() for item in items]


class _Loader(yaml.BaseLoader):
    """Texts, lists and mappings, nothing else; no name twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            name = getattr(key, "value", None)
            if not isinstance(name, str):
                raise _Odd(_("a name is expected"), key)
            if name in seen:
                raise _Odd(_("“{name}” stands there twice").format(name=name), key)
            seen.add(name)
        return super().construct_mapping(node, deep)


class _Odd(Exception):
    def __init__(self, why: str, node: yaml.Node) -> None:
        super().__init__(why)
        self.line = node.start_mark.line + 1


def read_model(path: Path) -> Model:
    """The model as it stands in the file; whether its paths make sense is the method's to say."""
    content = _content(path)
    if not isinstance(content, dict):
        raise Problem(
            _("{file} holds no model; it needs {keys}.").format(
                file=path.name, keys=_(", ").join(KEYS)
            )
        )
    for key in content:
        if key not in KEYS:
            raise Problem(
                _("{file}: “{key}” is unknown; possible are {keys}.").format(
                    file=path.name, key=key, keys=_(", ").join(KEYS)
                )
            )
    blocks = _lists(path, "blocks", content.get("blocks"))
    if not blocks:
        raise Problem(_("{file} has no blocks.").format(file=path.name))
    _no_item_twice(path, blocks)
    return Model(
        path.name,
        _scale(path, content.get("scale")),
        blocks,
        _texts(path, "modes", content.get("modes")),
        _lists(path, "paths", content.get("paths")),
    )


def _content(path: Path) -> Any:
    try:
        data = path.read_bytes()
        if len(data) > _LARGEST:
            raise Problem(_("{file} is too large for a model.").format(file=path.name))
        return yaml.load(data.decode("utf-8-sig"), Loader=_Loader)
    except FileNotFoundError:
        raise Problem(_("There is no file {file}.").format(file=path)) from None
    except OSError as error:
        raise Problem(
            _("{file} cannot be read: {why}.").format(file=path, why=error.strerror or error)
        ) from error
    except UnicodeDecodeError as error:
        raise Problem(_("{file} is not UTF-8.").format(file=path.name)) from error
    except _Odd as odd:
        raise Problem(
            _("{file}, line {line}: {why}.").format(file=path.name, line=odd.line, why=odd)
        ) from odd
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise Problem(_("{file} is no valid YAML.").format(file=path.name)) from error
        raise Problem(
            _("{file} is no valid YAML; look at line {line}, column {column}.").format(
                file=path.name, line=mark.line + 1, column=mark.column + 1
            )
        ) from error


def _scale(path: Path, given: Any) -> tuple[float, float] | None:
    if given in (None, ""):
        return None
    try:
        low, high = float(given["min"]), float(given["max"])
        fits = low < high < float("inf") and low > float("-inf") and len(given) == 2
    except (TypeError, KeyError, ValueError):
        fits = False
    if not fits:
        raise Problem(
            _("{file}: “scale” needs its ends, such as {example}.").format(
                file=path.name, example="scale: {min: 1, max: 10}"
            )
        )
    return low, high


def _lists(path: Path, key: str, given: Any) -> dict[str, list[str]]:
    if given in (None, ""):
        return {}
    if not isinstance(given, dict):
        raise Problem(
            _("{file}: “{key}” needs names with lists, such as {example}.").format(
                file=path.name, key=key, example="Image: [IMAG1, IMAG2]"
            )
        )
    found: dict[str, list[str]] = {}
    for name, members in given.items():
        # One name alone is a list of one.
        listed = [members] if isinstance(members, str) and members else members
        if (
            not isinstance(listed, list)
            or not listed
            or not all(isinstance(one, str) and one for one in listed)
        ):
            raise Problem(
                _("{file}: “{name}” under “{key}” needs a list of names.").format(
                    file=path.name, name=name, key=key
                )
            )
        found[name] = listed
    return found


def _texts(path: Path, key: str, given: Any) -> dict[str, str]:
    if given in (None, ""):
        return {}
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise Problem(
            _("{file}: “{key}” needs a letter for each block, such as {example}.").format(
                file=path.name, key=key, example="Image: A"
            )
        )
    return given


def _no_item_twice(path: Path, blocks: Mapping[str, Sequence[str]]) -> None:
    home: dict[str, str] = {}
    for block, items in blocks.items():
        for item in items:
            if item in home:
                raise Problem(
                    _("{file}: item “{item}” stands twice, in “{one}” and “{other}”.").format(
                        file=path.name, item=item, one=home[item], other=block
                    )
                )
            home[item] = block
