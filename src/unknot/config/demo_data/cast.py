"""The named cast that demo, tests and docs share. Everybody and everything here is made up."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PlaceRole:
    """An address. `kind` clinic or base (a therapist's starting point)."""

    slug: str
    name: str
    street: str
    lat: float
    lon: float
    kind: str = "clinic"
    access: tuple[str, ...] = ()
    rooms: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class ServiceRole:
    """A bookable treatment of one length; price in cents."""

    slug: str
    kind: str
    name: str
    minutes: int
    price: int
    at_home: bool = False
    at_clinic: bool = True
    before: int = 0
    after: int = 15
    kit: tuple[str, ...] = ()
    new_clients: str = "yes"
    skill: str = ""


@dataclass(frozen=True)
class TherapistRole:
    """A therapist: who, what they do, when they work ((weekday, opens, closes, place slug or 'home'), minutes)."""

    slug: str
    name: str
    email: str
    gender: str
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    max_level: int
    number: str
    bio: str
    hours: tuple[tuple[int, int, int, str], ...]
    breaks: tuple[tuple[int, int, int], ...] = ()
    base: str = ""
    travel_km: int = 0
    services: tuple[str, ...] = ()
    owner: bool = False
    adds: tuple[str, ...] = ()
    limits: tuple[int | None, int | None, int | None] = (None, None, None)  # visits, minutes, deep minutes in a day


@dataclass(frozen=True)
class ClientRole:
    """A client; `story` steers the made-up history."""

    name: str
    email: str
    phone: str
    story: str = "steady"
    preferred: str = ""


@dataclass(frozen=True)
class PracticeRole:
    """A practice with everything in it."""

    slug: str
    name: str
    kind: str
    tagline: str
    about: str
    phone: str
    email: str
    tax_number: str
    city: str
    places: tuple[PlaceRole, ...]
    services: tuple[ServiceRole, ...]
    therapists: tuple[TherapistRole, ...]
    clients: tuple[ClientRole, ...]
    desk: tuple[tuple[str, str, str], ...] = field(default=())  # role, name, e-mail
    buffer_rule: str = "sum"
    palette: str = ""
    addons: tuple[ServiceRole, ...] = ()
    holidays: str = "open"
    kit: tuple[tuple[str, str, str], ...] = ()  # kind, name, place slug or nothing if it is carried along


def week(opens: float, closes: float, place: str, *days: int) -> tuple[tuple[int, int, int, str], ...]:
    """The same hours on several weekdays (0 is Monday), given in hours."""
    return tuple((day, int(opens * 60), int(closes * 60), place) for day in days)


# Skills behind which a checked course stands, with the course's name. "Sport" and "Relaxation" stay unchecked.
COURSES = {
    "deep_tissue": "Deep tissue",
    "myofascial": "Myofascial techniques",
    "low_back": "Low backs",
    "neck": "Necks",
    "jaw": "Jaws",
    "pregnancy": "Pregnancy",
    "lymphatic": "Lymphatic techniques",
    "oncology": "During and after cancer treatment",
}

DESCRIPTIONS = {
    "therapeutic": (
        "Built around a goal you choose: less pain, freer movement, better rest. Light to firm, as you like it, and "
        "techniques are mixed to suit the day."
    ),
    "deep_tissue": (
        "Slow, firm work on the places that have been tight for long. Strong but welcome; it need not hurt, and you "
        "can say softer at any time."
    ),
    "relaxation": "Flowing strokes, medium pressure, nothing to achieve. A good first massage.",
    "cupping": "Glass cups that lift instead of press. They may leave round marks for some days.",
    "hot_stones": "Warm basalt stones along the back, to begin with.",
    "lymphatic": "Very light, slow strokes toward the lymph nodes, after a first visit with us.",
    "feet": "A little longer for tired feet, at the end.",
}

STANDARD = (
    ServiceRole("therapeutic-60", "therapeutic", "Therapeutic massage, 60 minutes", 60, 11000),
    ServiceRole("therapeutic-75", "therapeutic", "Therapeutic massage, 75 minutes", 75, 13000),
    ServiceRole("therapeutic-90", "therapeutic", "Therapeutic massage, 90 minutes", 90, 15500),
    ServiceRole("deep-tissue-60", "deep_tissue", "Deep tissue massage, 60 minutes", 60, 11500),
    ServiceRole("deep-tissue-90", "deep_tissue", "Deep tissue massage, 90 minutes", 90, 16000),
    ServiceRole("relaxation-60", "relaxation", "Relaxation massage, 60 minutes", 60, 10000),
)
HOME = (
    ServiceRole(
        "home-therapeutic-60", "therapeutic", "Therapeutic massage at home, 60 minutes", 60, 14500, True, False, 10, 15
    ),
    ServiceRole(
        "home-therapeutic-90", "therapeutic", "Therapeutic massage at home, 90 minutes", 90, 19000, True, False, 10, 15
    ),
)
CUPPING = ServiceRole("cupping", "cupping", "Cupping", 15, 2500, after=0)
STONES = ServiceRole("hot-stones", "hot_stones", "Hot stones", 15, 3000, after=0, kit=("hot-stones",))
LYMPHATIC = ServiceRole(
    "lymphatic-60", "lymphatic", "Lymphatic massage, 60 minutes", 60, 12000, new_clients="no", skill="lymphatic"
)
FEET = ServiceRole("foot-massage", "feet", "Foot massage", 10, 1800, at_home=True, after=0)
ALL_CLINIC = tuple(one.slug for one in STANDARD)
ALL_HOME = tuple(one.slug for one in HOME)

RIVERBEND = PracticeRole(
    slug="riverbend",
    name="Riverbend Massage Therapy",
    kind="solo",
    tagline="Unhurried, goal-based massage in Edmonton, at the studio or in your home",
    about=(
        "I am Maren Oduya, a registered massage therapist. I work slowly, I listen, and I would rather do a little "
        "less than too much. You can come to the studio or I can come to you."
    ),
    phone="+17805550101",
    email="hello@riverbend.example",
    tax_number="80000 0001 RT0001",
    city="Edmonton",
    places=(
        PlaceRole(
            "studio",
            "Riverbend studio",
            "14 Cottonwood Lane",
            53.4668,
            -113.5772,
            access=("step_free",),
            rooms=(("Studio", ("quiet", "low_table")),),
        ),
        PlaceRole("maren-base", "Maren's start of the day", "3 Poplar Court", 53.4702, -113.5610, kind="base"),
    ),
    services=STANDARD + HOME,
    addons=(CUPPING, FEET),
    therapists=(
        TherapistRole(
            slug="maren-oduya",
            name="Maren Oduya",
            email="maren@riverbend.example",
            gender="woman",
            languages=("en", "fr"),
            skills=("deep_tissue", "myofascial", "low_back", "pregnancy"),
            max_level=4,
            number="ABX-10421",
            bio="Fourteen years of practice. Low backs, desk shoulders, and people who never had a massage before.",
            hours=(*week(9, 17, "studio", 0, 1, 3), *week(9, 14, "studio", 5), *week(10, 19, "home", 2, 4)),
            breaks=((0, 750, 795), (1, 750, 795), (3, 750, 795)),
            base="maren-base",
            travel_km=18,
            services=ALL_CLINIC + ALL_HOME,
            owner=True,
            adds=("cupping", "foot-massage"),
        ),
    ),
    clients=(
        ClientRole("Tomasz Wieland", "tomasz@clients.example", "+17805550110", "responder", "Tomasz"),
        ClientRole("Priya Raman", "priya@clients.example", "+17805550111", "steady"),
        ClientRole("Gail Ferris", "gail@clients.example", "+17805550112", "non_responder"),
        ClientRole("Leo Abernathy", "leo@clients.example", "+17805550113", "sore_after_deep"),
        ClientRole("Hana Suzuki", "hana@clients.example", "+17805550114", "home_visits"),
    ),
)

FOOTHILLS = PracticeRole(
    slug="foothills",
    name="Foothills Massage Collective",
    kind="clinic",
    tagline="Six therapists, four quiet rooms, one plan that is yours",
    about=(
        "A clinic of registered massage therapists who share charts, rooms and a dislike of one-size-fits-all. "
        "Tell us what you want to be able to do again; we plan from there."
    ),
    phone="+14035550120",
    email="desk@foothills.example",
    tax_number="80000 0002 RT0001",
    city="Calgary",
    buffer_rule="larger",
    palette="river",
    places=(
        PlaceRole(
            "clinic",
            "Foothills clinic",
            "220 Larkspur Avenue NW",
            51.0587,
            -114.0893,
            access=("step_free",),
            rooms=(
                ("Aspen", ("quiet",)),
                ("Birch", ()),
                ("Cedar", ("low_table",)),
                ("Dogwood", ("quiet", "low_table")),
            ),
        ),
    ),
    services=(*STANDARD, LYMPHATIC),
    addons=(CUPPING, FEET, STONES),
    holidays="closed",
    kit=(("hot-stones", "set of hot stones", "clinic"),),
    therapists=tuple(
        TherapistRole(
            slug,
            name,
            email,
            gender,
            languages,
            skills,
            level,
            number,
            bio,
            hours,
            breaks,
            services=services,
            adds=(
                "foot-massage",
                *(("cupping",) if "myofascial" in skills else ()),
                *(("hot-stones",) if "relaxation" in skills else ()),
                *(("lymphatic-60",) if "lymphatic" in skills else ()),
            ),
            limits=(None, 360, 240) if "sports" in skills else (None, None, None),
        )
        for slug, name, email, gender, languages, skills, level, number, bio, hours, breaks, services in (
            (
                "noor-haddad",
                "Noor Haddad",
                "noor@foothills.example",
                "woman",
                ("en", "ar"),
                ("deep_tissue", "low_back", "sports"),
                5,
                "ABX-20311",
                "Runs, lifts, and knows why your hips are tight on Mondays.",
                week(8, 16, "clinic", 0, 1, 2, 3),
                ((0, 720, 750), (1, 720, 750), (2, 720, 750), (3, 720, 750)),
                ALL_CLINIC,
            ),
            (
                "ivan-petrov",
                "Ivan Petrov",
                "ivan@foothills.example",
                "man",
                ("en", "uk"),
                ("deep_tissue", "myofascial", "neck"),
                4,
                "ABX-20312",
                "Necks and shoulders of people who look at screens.",
                week(12, 20, "clinic", 0, 1, 2, 3, 4),
                (),
                ALL_CLINIC,
            ),
            (
                "celeste-arsenault",
                "Celeste Arsenault",
                "celeste@foothills.example",
                "woman",
                ("en", "fr"),
                ("pregnancy", "lymphatic", "relaxation"),
                3,
                "ABX-20313",
                "Gentle work, and plenty of it: pregnancy, recovery, sleep.",
                week(9, 15, "clinic", 1, 2, 3, 4, 5),
                (),
                ("therapeutic-60", "therapeutic-75", "therapeutic-90", "relaxation-60"),
            ),
            (
                "dev-malhotra",
                "Dev Malhotra",
                "dev@foothills.example",
                "man",
                ("en", "hi", "pa"),
                ("deep_tissue", "low_back", "myofascial"),
                4,
                "ABX-20314",
                "Low backs and the jobs that made them.",
                week(10, 18, "clinic", 0, 2, 4, 5),
                (),
                ALL_CLINIC,
            ),
            (
                "sofia-marchetti",
                "Sofia Marchetti",
                "sofia@foothills.example",
                "woman",
                ("en", "it", "es"),
                ("neck", "jaw", "relaxation"),
                3,
                "ABX-20315",
                "Jaws, headaches of the usual kind, and calm.",
                week(9, 17, "clinic", 1, 3, 5, 6),
                (),
                ALL_CLINIC,
            ),
            (
                "owen-blackwood",
                "Owen Blackwood",
                "owen@foothills.example",
                "man",
                ("en",),
                ("oncology", "lymphatic", "relaxation"),
                3,
                "ABX-20316",
                "Trained for work during and after cancer treatment.",
                week(8, 14, "clinic", 0, 1, 3, 4),
                (),
                ("therapeutic-60", "therapeutic-75", "therapeutic-90", "relaxation-60"),
            ),
        )
    ),
    desk=(
        ("owner", "Ruth Lindqvist", "ruth@foothills.example"),
        ("front_desk", "Sam Okafor", "sam@foothills.example"),
    ),
    clients=(
        ClientRole("Maya Thorne", "maya@clients.example", "+14035550130", "responder"),
        ClientRole("Anders Nyberg", "anders@clients.example", "+14035550131", "steady"),
        ClientRole("Bea Cardoso", "bea@clients.example", "+14035550132", "non_responder"),
        ClientRole("Walt Jimmerson", "walt@clients.example", "+14035550133", "sore_after_deep"),
        ClientRole("Zainab Yusuf", "zainab@clients.example", "+14035550134", "steady"),
        ClientRole("Colm Rafferty", "colm@clients.example", "+14035550135", "responder"),
    ),
)

OPENHANDS = PracticeRole(
    slug="openhands",
    name="Open Hands",
    kind="marketplace",
    tagline="Independent massage therapists, near you",
    about="Independent, credential-checked therapists who come to you or welcome you at their own studio.",
    phone="+17805550140",
    palette="plum",
    email="care@openhands.example",
    tax_number="",
    city="Edmonton",
    places=(
        PlaceRole("strathcona-studio", "Strathcona studio", "9 Whitemud Row", 53.5186, -113.4966, rooms=(("One", ()),)),
        PlaceRole(
            "westmount-studio",
            "Westmount studio",
            "77 Saskatoon Crescent",
            53.5560,
            -113.5560,
            access=("step_free",),
            rooms=(("Garden room", ("quiet",)),),
        ),
        PlaceRole("amara-base", "Amara's start of the day", "5 Elm Close", 53.5400, -113.5100, kind="base"),
        PlaceRole("jules-base", "Jules's start of the day", "12 Birch Mews", 53.5900, -113.4200, kind="base"),
    ),
    services=STANDARD + HOME,
    therapists=(
        TherapistRole(
            "amara-nwosu",
            "Amara Nwosu",
            "amara@openhands.example",
            "woman",
            ("en",),
            ("low_back", "deep_tissue", "sports"),
            4,
            "ABX-30401",
            "Comes to you, table and all.",
            week(9, 18, "home", 0, 1, 2, 3, 4),
            (),
            "amara-base",
            20,
            ALL_HOME,
        ),
        TherapistRole(
            "jules-tremblay",
            "Jules Tremblay",
            "jules@openhands.example",
            "man",
            ("fr", "en"),
            ("myofascial", "neck", "relaxation"),
            3,
            "ABX-30402",
            "Evenings and weekends, at your place.",
            week(15, 21, "home", 1, 2, 3, 4, 5, 6),
            (),
            "jules-base",
            25,
            ALL_HOME,
        ),
        TherapistRole(
            "lin-zhou",
            "Lin Zhou",
            "lin@openhands.example",
            "woman",
            ("en", "zh"),
            ("deep_tissue", "low_back", "pregnancy"),
            5,
            "ABX-30403",
            "A small studio off the avenue. Firm when you want it, never when you don't.",
            week(10, 18, "strathcona-studio", 0, 1, 3, 4, 5),
            services=ALL_CLINIC,
        ),
        TherapistRole(
            "ezra-feld",
            "Ezra Feld",
            "ezra@openhands.example",
            "man",
            ("en", "he"),
            ("relaxation", "neck", "jaw"),
            3,
            "ABX-30404",
            "Quiet room, garden view, no small talk unless you like it.",
            week(9, 17, "westmount-studio", 1, 2, 3, 4),
            services=ALL_CLINIC,
        ),
    ),
    desk=(("owner", "Petra Holm", "petra@openhands.example"),),
    clients=(
        ClientRole("Ines Delgado", "ines@clients.example", "+17805550150", "home_visits"),
        ClientRole("Rob Whitcombe", "rob@clients.example", "+17805550151", "steady"),
        ClientRole("Tomasz Wieland", "tomasz@clients.example", "+17805550110", "steady", "Tomasz"),
    ),
)

PRACTICES = (RIVERBEND, FOOTHILLS, OPENHANDS)
OPERATOR = ("operator", "Vera Castellan", "vera@unknot.example")
NEWCOMER = ("visitor", "Nadia Brightwater", "nadia@visitors.example")  # books for the first time in tests and docs
