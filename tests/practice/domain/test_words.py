"""Short codes as plain words."""

from datetime import date

from unknot.practice.domain import credential_sentence, initials, language_name, skill_label


def test_a_registration_names_who_registered_and_until_when() -> None:
    said = credential_sentence(
        kind="association", title="RMT", issuer="the Association", number="A-1", expires_on=date(2027, 12, 5)
    )
    assert said == "RMT, registered with the Association, number A-1, valid to 5 December 2027"
    assert (
        credential_sentence(kind="course", title="Necks", issuer="C", number="1", expires_on=None)
        == "Necks: course with C"
    )


def test_unknown_codes_stay_readable() -> None:
    assert [skill_label("low_back"), skill_label("hot_stones")] == ["Low backs", "Hot stones"]
    assert [language_name("FR"), language_name("xx")] == ["French", "XX"]


def test_initials_are_two_letters_at_most() -> None:
    assert [initials(one) for one in ("Maren Oduya", "Cher", "Ana de la Cruz", "")] == ["MO", "C", "AC", ""]
