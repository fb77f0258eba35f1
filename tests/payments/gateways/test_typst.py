"""The receipt's PDF: every field is on it, and hostile text stays text."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from unknot.kernel.money import Money
from unknot.payments.domain import Document, Mark, ReceiptFacts, duplicate, fingerprint, service_text, voided
from unknot.payments.gateways.typst import receipt_pdf

Make = Callable[..., ReceiptFacts]


def words(pdf: bytes, folder: Path) -> str:
    """What a reader can copy out of the file, white space flattened."""
    path = folder / "receipt.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return " ".join(found.stdout.decode().split())


def test_every_field_is_on_the_page(receipt: Make, tmp_path: Path) -> None:
    facts = receipt()
    text = words(receipt_pdf(facts), tmp_path)
    wanted = [
        "Receipt",
        "No. WREN-2026-000042",
        "Date of issue 20 November 2026",
        "Date of service 19 November 2026",
        "Maren Tremblay-Ødegård",
        "Ines Okafor, RMT",
        "Issuing body Example Association of Massage Therapists",
        "Registration no. EA-20771",
        "Ines Okafor, 20 November 2026",
        "Wren & Willow Therapeutics",
        "210, 10116 Example Street NW",
        "Edmonton, Alberta T5J 0A0",
        "780-555-0134",
        "Massage Therapy Treatment - 75 minutes $115.00",
        "Duration 75 minutes",
        "Discount −$10.00",
        "Subtotal $105.00",
        "GST 5% (registration 123456789 RT0001) $5.25",
        "Amount (CAD)",
        "Total $110.25",
        "Paid by Visa ending 4242, 18 November 2026 $80.00",
        "Balance due $30.25",
        "Tip, not part of the treatment and not in the total: $15.00",
        "Referred by Dr. Tomas Lindqvist",
        fingerprint(facts)[:16],
    ]
    assert [field for field in wanted if field not in text] == []
    assert not re.search("VOID|DUPLICATE|AMENDED", text)


def test_the_file_is_tagged_and_the_same_each_time(receipt: Make) -> None:
    pdf = receipt_pdf(receipt())
    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid:part" in pdf
    assert receipt_pdf(receipt()) == pdf


@pytest.mark.parametrize("stamp", [voided, duplicate])
def test_marks_stand_on_the_page(receipt: Make, tmp_path: Path, stamp: Callable[[ReceiptFacts], ReceiptFacts]) -> None:
    facts = stamp(receipt())
    assert facts.mark.value in words(receipt_pdf(facts), tmp_path)


def test_an_amended_receipt_names_the_one_it_replaces(receipt: Make, tmp_path: Path) -> None:
    text = words(receipt_pdf(receipt(mark=Mark.AMENDED, amends="WREN-2026-000007")), tmp_path)
    assert "AMENDED This replaces receipt WREN-2026-000007, which is void." in text


def test_a_fee_does_not_look_like_a_treatment(receipt: Make, tmp_path: Path) -> None:
    kind = Document.NO_SHOW_FEE
    fee = receipt(
        document=kind, service=service_text(kind), therapist=None, minutes=0, discount=Money(0), taxes=(), tip=Money(0)
    )
    text = words(receipt_pdf(fee), tmp_path)
    assert "Fee statement" in text
    assert "This is not a receipt for treatment." in text
    assert not re.search("Massage|RMT|Registration|Signature|EA-20771", text)


HOSTILE = [
    '#read("/etc/passwd")',
    '#import "@preview/x:0.1.0": *',
    "<img src=file:///etc/passwd>",
    '"); #panic() //',
    "'\"`\\{}[]$x^2$ *b* _i_ @ref <label>",
    "= Heading",
    "Zoë Łukasz Ἀθηνᾶ Юлия",
    "a\nb\tc",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(receipt: Make, tmp_path: Path, name: str) -> None:
    text = words(receipt_pdf(receipt(client_name=name, referral=name)), tmp_path)
    # A long name may break over lines, so white space is not compared.
    assert re.sub(r"\s", "", text).count(re.sub(r"\s", "", name)) == 2
    assert "root:" not in text


@pytest.mark.parametrize("name", ["محمد علي", "体操 太郎", "Mia 😀 Moss", "\U000f0000"])
def test_any_script_gives_a_receipt(receipt: Make, tmp_path: Path, name: str) -> None:
    text = words(receipt_pdf(receipt(client_name=name)), tmp_path)
    assert "Total $110.25" in text


def test_a_character_without_a_font_costs_the_standard_not_the_receipt(
    receipt: Make, caplog: pytest.LogCaptureFixture
) -> None:
    pdf = receipt_pdf(receipt(client_name="Private \U000f0000 Use"))
    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid:part" not in pdf
    assert [record.getMessage() for record in caplog.records] == [
        "receipt set without PDF/UA: a character is in no installed font"
    ]
