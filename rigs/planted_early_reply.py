"""The web server of the control `reply-before-commit`."""

from rigs.planted import replying_before_commit

application = replying_before_commit()
