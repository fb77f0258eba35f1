"""No tables of its own; Django announces finished migrations only to apps with this module (see `apps`)."""
