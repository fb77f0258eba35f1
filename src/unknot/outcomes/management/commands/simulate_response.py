"""`unknot simulate-response`: the simulation study of the response model, figures on stdout, progress on stderr."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from unknot.outcomes.domain.simulation import missed, simulate_truth, summary


class Command(BaseCommand):
    """Virtual clients under our own assumptions; no clinical validity."""

    help = "Run the simulation study of the response model with virtual clients. It says nothing about real people."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many virtual clients, which seed, which form."""
        parser.add_argument("--clients", type=int, default=200, help="virtual clients per truth (default 200)")
        parser.add_argument("--seed", type=int, default=1, help="same seed, same figures (default 1)")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")
        parser.add_argument("--no-stop", action="store_true", help="virtual clients go on after a review talk")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs both truths and prints the figures."""
        clients, seed, stop = options["clients"], options["seed"], not options["no_stop"]
        if not 1 <= clients <= 10_000 or seed < 0:
            raise CommandError("Give 1 to 10000 clients and a seed of 0 or more.")
        truths = {}
        for truth in ("A", "B"):
            self.stderr.write(f"truth {truth}: {clients} virtual clients over 26 weeks, all policies ...")
            truths[truth] = simulate_truth(truth, clients, seed, stop_after_review=stop)
        self.stderr.write("done; these figures describe virtual clients only")
        study = summary(clients, seed, truths, stop_after_review=stop)
        self.stdout.write(json.dumps(study, indent=2) if options["json"] else _table(truths))


def _table(truths: dict[str, Any]) -> str:
    lines = []
    for truth, found in truths.items():
        lines.append(f"Truth {truth}: coverage of the 80% band {found['coverage']:.3f}, width {found['width']:.2f}")
        gain, error = found["paired_gain"], found["paired_gain_se"]
        flagged = [found[name] for name in ("responders_flagged", "nonresponders_flagged")]
        words = ["none there" if one is None else f"{one:.0%}" for one in flagged]
        lines.append(f"  sent to a review talk: {words[0]} of responders, {words[1]} of true non-responders")
        lines.append(f"  outside the limits: {', '.join(missed(found)) or 'nothing'}")
        lines.append(f"  gain over fixed schedules with as many sessions: {gain:.3f} points (SE {error:.3f})")
        for name, one in found["policies"].items():
            lines.append(f"  {name:<24} pain {one['pain']:.2f}  sessions {one['sessions']:.1f}")
    return "\n".join(lines)
