"""Invented people for whom letters are shown: one for each thing that makes a letter come out differently."""

from dataclasses import dataclass

from schemas.registration import Attendance, Visibility

OWN = "own"
"""Wishes to hear the language in which the letters are asked for, where the session has it."""


@dataclass(frozen=True)
class Persona:
    """Somebody invented. `id` stands in file names; `about`: what there is to see. `sessions`: ids of the programme,
    the one that letters about a single session are about first. `interpretation`: a language (ISO 639), OWN, or none.
    `words_differ`: whether letters say something else than to the standard person, beside name and hours.
    """

    id: str
    about: str
    full_name: str
    time_zone: str
    sessions: tuple[str, ...]
    address: str
    title: str | None = None
    visibility: Visibility = "standard"
    attendance: Attendance = "online"
    interpretation: str | None = OWN
    words_differ: bool = True


PERSONAS = (
    Persona(
        "standard", "In New York, online, with interpretation where it is offered",
        "Ines Marchetti", "America/New_York", ("community-policing",), "ines@ngo.example.org",
    ),
    Persona(
        "discreet", "Has asked for discreet letters",
        "Daria Kovalchuk", "Europe/Kyiv", ("survivor-voices",), "daria@private.example.org", visibility="discreet",
    ),
    Persona(
        "in-person", "Comes to the Hofburg; is addressed as Excellency",
        "Tomas Berglund", "Europe/Vienna", ("day-1",), "tomas@delegation.example.org", title="H.E.",
        attendance="in-person",
    ),
    Persona(
        "far-east", "In Vladivostok, where it is the next day already",
        "Kim Sorokin-Lee", "Asia/Vladivostok", ("protecting-children",), "kim@coast.example.org",
    ),
    Persona(
        "far-west", "In Honolulu, where it is still the day before",
        "Leilani Brook", "Pacific/Honolulu", ("cedaw-gr38",), "leilani@island.example.org",
    ),
    Persona(
        "several", "Has chosen several sessions, three of which overlap",
        "Noor van Dijk", "Europe/London",
        ("community-policing", "day-1", "survivor-voices", "cedaw-gr38", "criminalising-knowing-use", "day-3"),
        "noor@university.example.org",
    ),
    Persona(
        "not-offered", "Wishes for interpretation into a language that is not offered",
        "Bohdan Example", "Europe/Vienna", ("survivor-voices",), "bohdan@ministry.example.org", interpretation="uk",
    ),
    Persona(
        "long-name", "Has a title and names as long as a line and longer",
        "Maximiliana-Theodolinde Freifrau von Musterhausen-Beispielburg zu Wolkenkuckucksheim und "
        "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherung",
        "Asia/Kathmandu", ("demand-research-launch",), "mtf@example.org", title="Univ.-Prof. Dr. Dr. h.c. mult.",
        words_differ=False,
    ),
    Persona(
        "cyrillic", "Has a name in Cyrillic letters",
        "Олександра Прикладенко-Щербакова", "Europe/Kyiv", ("demand-research-launch",), "olexandra@office.example.org",
        words_differ=False,
    ),
    Persona(
        "arabic", "Has a name in Arabic letters, which run from right to left",
        "ليلى بنت سالم المثالي", "Asia/Amman", ("demand-research-launch",), "layla@centre.example.org",
        words_differ=False,
    ),
    Persona(
        "long-address", "Has an address as long as addresses may be",
        "Robin Quill", "Europe/Vienna", ("demand-research-launch",),
        "robin.quill.of.the.department.for.very.long.electronic.addresses@" + "subdivision." * 14 + "example.org",
        words_differ=False,
    ),
)  # fmt: skip
