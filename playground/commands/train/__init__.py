"""Train a GPT on texts, and watch it learn.

The first 90 % of the text are learned from, the rest is held out and measured at intervals; the best weights so far
are in the folder at any time. Ctrl+C saves and measures, and --resume goes on; ctrl+c once more, and it leaves at once.
Needs torch.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from models.errors import UserError

EXAMPLES = """\
examples:
  playground train book.txt --out runs/book
  playground train book.txt --out runs/book --preset shakespeare --minutes 20
  playground train --resume runs/book
  playground train letters/ --out runs/letters --tokenizer bpe --vocab 2000 --steps 3000
  playground train sonnets.txt --from shakespeare-char --out runs/sonnets --steps 300 --lr 0.001
  playground train little-world --out runs/world
  playground train book.txt --out runs/blind --without mask
  playground train book.txt --preset shakespeare --dry-run

Then: playground --model runs/book

--json writes what happens as JSON objects, a line each: started, stepped, measured, sampled, snapshot, saved, ended ...
--events writes the same and reads commands from standard input, a line each: {"do": "pause"}, continue, step (one
step, then pause), save, stop; where the input ends, it saves and leaves. What ends it without "ended" is "failed".

On several processes: torchrun --nproc-per-node 2 -m playground train ...

Exit status: 0 done; 2 unusable input; 4 the disk or the memory was not enough; 5 stopped because the loss was no number
any more; 130, 143 or 129 stopped by ctrl+c, a TERM signal or a closed terminal, saved. All but 2 leave the best weights
in the folder.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of train."""
    from playground.commands.train import training_options as options

    parser.usage = "%(prog)s TEXT ... --out DIR [options]\n       %(prog)s --resume DIR [options]"
    add = parser.add_argument
    says = "UTF-8 text files, folders of them, little-world (a generated language) or digits (8x8 pictures)"
    add("text", metavar="TEXT", nargs="*", help=says)
    add("--out", metavar="DIR", help="the run's folder, made by this command; not with --resume")
    add("--force", action="store_true", help="replace a run that is already there")
    add("--resume", metavar="DIR", help="go on with this run from its last checkpoint")
    says = "begin with this model's weights, sizes and vocabulary (fine-tuning)"
    add("--from", dest="start", metavar="MODEL", help=says)
    add("--dry-run", action="store_true", help="say what the run would cost, and write nothing")
    options.add_settings(parser)
    options.add_vocabulary(parser)
    options.add_watching(parser)


def run(args: argparse.Namespace) -> int:
    """Train, and say where the model is."""
    from playground.commands.train import order
    from playground.commands.train import training_options as options

    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin while waiting starve one another
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's part here is small
    options.check(args)
    leads = os.environ.get("RANK", "0") == "0"  # among the processes that torchrun started
    if args.out is not None and leads and not args.dry_run:
        order.check_place(Path(args.out), args.force)
    check_torch("training")
    nice = args.nice if args.nice is not None else options.NICE * args.events
    os.setpriority(os.PRIO_PROCESS, 0, max(nice, os.getpriority(os.PRIO_PROCESS, 0)))
    if args.dry_run:
        from playground.commands.train import plan

        return plan.show(args)
    from playground.commands.train import driver

    return driver.drive(args) if leads else driver.follow(args)


def check_torch(what: str) -> None:
    """UserError if there is none for what needs it."""
    try:
        from models.training.memory import keep_freed_memory
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UserError(f"{what} needs torch", 'pip install "transformer-playground[train]"') from None
    keep_freed_memory()
