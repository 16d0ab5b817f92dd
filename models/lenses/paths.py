"""Where a bigram goes from a token: its likeliest paths as a small tree."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from models.baselines import Bigram
from models.measures import ranked


@dataclass(frozen=True, slots=True)
class Branch:
    """A token on a path, and what is likely to follow it."""

    token: int
    p: float  # after the token before it; 1 at the root
    path: float  # the product of all p from the root to here
    depth: int  # 0 at the root
    after: tuple[Branch, ...] = ()  # likeliest first
    rest: float = 1.0  # the probability of all that is not in `after`

    def __len__(self) -> int:
        """How many tokens the tree has, this one included."""
        return 1 + sum(map(len, self.after))


def paths(bigram: Bigram, token: int, depth: int = 4, width: int = 3, most: int = 24, least: float = 0.01) -> Branch:
    """The likeliest paths from a token as a tree.

    At most `width` branches from each token, `depth` steps down and `most` tokens in all; none whose path has a
    probability below `least`. The likeliest path is followed first, so the tree shows what is worth the room. Costs a
    row of the bigram (V) for each token that has branches.
    """
    assert 0 <= token < bigram.vocab_size, f"there is no token {token}"
    nodes = [_Node(token, 1.0, 1.0, 0)]
    waiting = [(-1.0, 0)]  # the likeliest path first, then the earlier found; number in `nodes`
    while waiting and len(nodes) < most:
        _, number = heapq.heappop(waiting)
        node = nodes[number]
        if node.depth == depth:
            continue
        p = bigram.probs(node.token)
        for following in ranked(p, min(width, most - len(nodes))):
            path = node.path * float(p[following])
            if path < least:
                break
            heapq.heappush(waiting, (-path, len(nodes)))
            node.after.append(len(nodes))
            nodes.append(_Node(int(following), float(p[following]), path, node.depth + 1))
    return _branch(nodes, 0)


class _Node:
    """A Branch that is still growing."""

    def __init__(self, token: int, p: float, path: float, depth: int) -> None:
        self.token, self.p, self.path, self.depth = token, p, path, depth
        self.after: list[int] = []


def _branch(nodes: list[_Node], number: int) -> Branch:
    node = nodes[number]
    after = tuple(_branch(nodes, each) for each in node.after)
    rest = max(1.0 - sum(each.p for each in after), 0.0)
    return Branch(node.token, node.p, node.path, node.depth, after, rest)
