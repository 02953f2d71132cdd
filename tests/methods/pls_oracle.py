"""Partial least squares a second way: plain loops over persons' scores, regressions by least squares.

The program works on correlations of many samples at once; nothing here does. Also data made so that the right
answer is known beforehand.
"""

import numpy as np


def plain_pls(blocks, paths, modes, data, names, *, scheme="path", standardize=True, rounds=2000):
    """Scores, weights of standardized items, paths, R2, as dictionaries; persons in rows."""
    columns = {name: data[:, at] - data[:, at].mean() for at, name in enumerate(names)}
    if standardize:
        columns = {name: column / column.std(ddof=1) for name, column in columns.items()}
    items = {
        block: np.column_stack([columns[item] for item in its]) for block, its in blocks.items()
    }
    weights = {block: np.ones(x.shape[1]) for block, x in items.items()}
    scores = {block: _unit(x.sum(axis=1)) for block, x in items.items()}
    for _ in range(rounds):
        looked = {block: _outlook(block, scores, paths, scheme) for block in blocks}
        before = dict(weights)
        for block, x in items.items():
            if modes.get(block, "A") == "B":
                found = np.linalg.lstsq(x, looked[block], rcond=None)[0]
            else:
                found = np.array([float(column @ looked[block]) for column in x.T])
            weights[block] = found / np.std(x @ found, ddof=1)
            scores[block] = x @ weights[block]
        if all(np.abs(weights[b] - before[b]).max() < 1e-13 for b in blocks):
            break
    for block, x in items.items():
        loads = [np.corrcoef(column, scores[block])[0, 1] for column in x.T]
        if sum(loads) < 0:
            scores[block], weights[block] = -scores[block], -weights[block]
    found_paths, r2 = _structure(blocks, paths, scores)
    sds = {block: x.std(axis=0, ddof=1) for block, x in items.items()}
    return scores, {b: weights[b] * sds[b] for b in blocks}, found_paths, r2


def _outlook(block, scores, paths, scheme):
    sources = [a for a, ends in paths.items() if block in ends]
    targets = list(paths.get(block, ()))
    seen = np.zeros_like(scores[block])
    if scheme == "path" and sources:
        x = np.column_stack([scores[a] for a in sources])
        seen = x @ np.linalg.lstsq(x, scores[block], rcond=None)[0]
        sources = []
    for other in sources + targets:
        r = np.corrcoef(scores[block], scores[other])[0, 1]
        seen = seen + (np.sign(r) if scheme == "centroid" else r) * scores[other]
    return seen


def _structure(blocks, paths, scores):
    found: dict[str, float] = {}
    r2: dict[str, float] = {}
    for block in blocks:
        sources = [a for a in blocks if block in paths.get(a, ())]
        if not sources:
            continue
        x = np.column_stack([scores[a] for a in sources])
        slope, *_ = np.linalg.lstsq(x, scores[block], rcond=None)
        found |= {f"{a}->{block}": float(b) for a, b in zip(sources, slope, strict=True)}
        rest = scores[block] - x @ slope
        r2[block] = 1 - float(rest @ rest) / float(scores[block] @ scores[block])
    return found, r2


def _unit(scores):
    return scores / scores.std(ddof=1)


def effects_by_walking(paths, values):
    """Total effects: products of paths along every way, added up."""
    found: dict[str, float] = {}

    def walk(start, here, product):
        for end in paths.get(here, ()):
            along = product * values[f"{here}->{end}"]
            found[f"{start}->{end}"] = found.get(f"{start}->{end}", 0.0) + along
            walk(start, end, along)

    for start in paths:
        walk(start, start, 1.0)
    return found


def answers_with(correlations, n=60, seed=4):
    """Answers (n, items) whose correlations are exactly these."""
    size = correlations.shape[0]
    raw = np.random.default_rng(seed).normal(size=(n, size))
    raw -= raw.mean(axis=0)
    q, _ = np.linalg.qr(raw)
    return q @ np.linalg.cholesky(correlations).T * np.sqrt(n - 1)


def satisfaction_answers(n=150, seed=11):
    """Answers 1-10 of a small satisfaction model, with item names, blocks and paths."""
    rng = np.random.default_rng(seed)
    image = rng.normal(size=n)
    quality = 0.6 * image + 0.8 * rng.normal(size=n)
    value = 0.5 * quality + 0.1 * image + 0.8 * rng.normal(size=n)
    loyalty = 0.4 * image + 0.2 * quality + 0.3 * value + 0.7 * rng.normal(size=n)
    blocks = {
        "Image": ["i1", "i2", "i3"],
        "Quality": ["q1", "q2", "q3", "q4"],
        "Value": ["v1"],
        "Loyalty": ["l1", "l2"],
    }
    paths = {
        "Image": ["Quality", "Value", "Loyalty"],
        "Quality": ["Value", "Loyalty"],
        "Value": ["Loyalty"],
    }
    columns, names = [], []
    for (_block, items), latent in zip(
        blocks.items(), (image, quality, value, loyalty), strict=True
    ):
        for at, item in enumerate(items):
            names.append(item)
            columns.append((0.9 - 0.15 * at) * latent + 0.6 * rng.normal(size=n))
    raw = np.column_stack(columns)
    return np.clip(np.round(6.5 + 1.6 * raw), 1, 10), names, blocks, paths
