"""Where a bigram goes from a token: its likeliest paths as a small tree."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, replace

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
    nodes = [Branch(token, 1.0, 1.0, 0)]
    after: dict[int, list[int]] = defaultdict(list)  # numbers in `nodes`, as all here
    waiting = [(-1.0, 0)]  # the likeliest path first, then the earlier found
    while waiting and len(nodes) < most:
        _, number = heapq.heappop(waiting)
        node = nodes[number]
        if node.depth == depth:
            continue
        p = bigram.probabilities([node.token])[0]
        for following in ranked(p, min(width, most - len(nodes))):
            path = node.path * float(p[following])
            if path < least:
                break
            heapq.heappush(waiting, (-path, len(nodes)))
            after[number].append(len(nodes))
            nodes.append(Branch(int(following), float(p[following]), path, node.depth + 1))

    def grown(number: int) -> Branch:
        branches = tuple(map(grown, after[number]))
        return replace(nodes[number], after=branches, rest=max(1.0 - sum(each.p for each in branches), 0.0))

    return grown(0)
