"""Payments and receipts of made-up visits, written together; numbers run without gaps."""

import json
from collections.abc import Iterable
from datetime import date, timedelta

from unknot.booking.models import Appointment
from unknot.config.demo_data.build import Stage
from unknot.config.demo_data.charts import Rows, client_of
from unknot.kernel.ids import new_id
from unknot.kernel.money import Money
from unknot.kernel.zones import local
from unknot.payments import domain
from unknot.payments.domain import Document, ReceiptFacts, ReceiptPractice, ReceiptTherapist, Registrant
from unknot.payments.models import Payment, Receipt
from unknot.payments.queries import METHODS
from unknot.people.models import Account
from unknot.practice.models import Credential, Place

WAYS = ("card_terminal", "e_transfer", "card_terminal", "cash")


def write_money(rows: Rows, stage: Stage, visits: Iterable[Appointment]) -> None:
    """Adds a payment and its receipt for each completed visit, by time; the latest stays unpaid."""
    desk = _cashier(stage)
    credentials = {one.therapist_id: one for one in Credential.objects.filter(practice=stage.practice)}
    done = sorted((one for one in visits if one.state == "completed"), key=lambda one: (one.ends_at, one.local_start))
    by_year: dict[int, int] = {}
    for count, visit in enumerate(done[:-1]):
        issued = local(visit.ends_at + timedelta(minutes=10), stage.practice.timezone)
        sequence = by_year[issued.year] = by_year.get(issued.year, 0) + 1
        way, tip = WAYS[count % len(WAYS)], 1000 if count % 5 == 0 else 0
        price = domain.price_breakdown(
            unit=Money(visit.price_minor, visit.currency),
            jurisdiction=stage.practice.jurisdiction,
            on=issued.date(),
            registrant=Registrant(gst_hst_number=stage.practice.tax_number),
        )
        payment = rows.add(
            Payment(
                id=new_id(),
                practice=stage.practice,
                appointment_id=visit.pk,
                client=client_of(visit),
                method=way,
                amount_minor=price.total.minor,
                tip_minor=tip,
                currency=visit.currency,
                received_at=visit.ends_at + timedelta(minutes=9),
                received_by=desk,
            )
        )
        facts = _receipt_facts(stage, visit, credentials[visit.therapist_id], price, way, tip, issued.date(), sequence)
        rows.add(
            Receipt(
                id=new_id(),
                practice=stage.practice,
                number=facts.number,
                year=issued.year,
                sequence=sequence,
                payment=payment,
                client=client_of(visit),
                account_id=visit.account_id,
                facts=json.loads(domain.canonical_json(facts)),
                facts_hash=domain.fingerprint(facts),
                issued_at=visit.ends_at + timedelta(minutes=10),
            )
        )


def _receipt_facts(
    stage: Stage,
    visit: Appointment,
    credential: Credential,
    price: domain.Breakdown,
    way: str,
    tip: int,
    on: date,
    sequence: int,
) -> ReceiptFacts:
    prefix = "".join(ch for ch in stage.practice.slug.upper() if ch.isalnum())[:8]
    return ReceiptFacts(
        number=domain.receipt_number(prefix, on.year, sequence),
        document=Document.TREATMENT,
        issued_on=on,
        service_on=on,
        client_name=client_of(visit).name,
        practice=ReceiptPractice(stage.practice.name, _address(stage, visit), stage.practice.phone),
        service=domain.service_text(Document.TREATMENT, visit.service.minutes),
        unit_price=price.unit,
        discount=price.discount,
        taxes=price.taxes,
        total=price.total,
        tip=Money(tip, visit.currency),
        payments=(domain.Payment(METHODS[way], price.total, on),),
        therapist=ReceiptTherapist(
            visit.therapist.name,
            visit.therapist.title,
            credential.issuer,
            credential.number,
            f"{visit.therapist.name}, {on.isoformat()}",
        ),
        minutes=visit.service.minutes,
        referral="",
    )


def _cashier(stage: Stage) -> Account:
    by_role = dict(reversed(stage.staff))
    return by_role.get("front_desk") or by_role.get("owner") or by_role["therapist"]


def _address(stage: Stage, visit: Appointment) -> tuple[str, ...]:
    clinics = [one for one in stage.places.values() if one.kind == "clinic"]
    place: Place = visit.place or clinics[0]
    return place.street, f"{place.city} {place.region} {place.postal_code}".strip()
