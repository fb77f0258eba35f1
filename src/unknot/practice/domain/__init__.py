"""What a practice says about itself, in words."""

from unknot.practice.domain.words import credential_sentence, gender_name, initials, language_name, skill_label

__all__ = ["credential_sentence", "gender_name", "initials", "language_name", "skill_label"]
