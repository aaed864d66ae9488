"""What columns are called in tables that nobody has made for us, in the six languages.

Consents are not among them: somebody must name their columns by our own names, in the programme's form mapping, or
with `--map`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

FIELD_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("e mail", "mail", "email address", "e mail address", "courriel", "adresse e mail", "adresse électronique",
              "adresse mail", "emailadresse", "e mail adresse", "indirizzo e mail", "indirizzo email",
              "posta elettronica", "электронная почта", "адрес электронной почты", "эл. почта", "correo electrónico",
              "correo", "dirección de correo electrónico"),
    "full_name": ("nom complet", "nom et prénom", "prénom et nom", "vollständiger name", "vor und nachname",
                  "nome completo", "nome e cognome", "полное имя", "имя и фамилия", "фио", "ф.и.о.", "nombre completo",
                  "nombre y apellidos"),
    "title": ("titre", "titel", "titolo", "титул", "título"),
    "organisation": ("organization", "institution", "affiliation", "organisme", "einrichtung",
                     "institution/organisation", "dienststelle", "organizzazione", "ente", "istituzione",
                     "организация", "учреждение", "organización", "institución", "entidad"),
    "country": ("pays", "land", "staat", "paese", "страна", "país"),
    "language": ("correspondence language", "language of letters", "langue", "langue de correspondance", "sprache",
                 "korrespondenzsprache", "lingua", "язык", "язык переписки", "idioma", "lengua"),
    "interpretation": ("interpretation language", "interprétation", "langue d'interprétation", "dolmetschung",
                       "verdolmetschung", "dolmetschsprache", "interpretazione", "interpretariato", "перевод",
                       "синхронный перевод", "interpretación"),
    "time_zone": ("timezone", "fuseau horaire", "zeitzone", "fuso orario", "часовой пояс", "zona horaria",
                  "huso horario"),
    "attendance": ("participation", "mode de participation", "teilnahme", "teilnahmeart", "partecipazione", "участие",
                   "форма участия", "participación", "asistencia"),
    "visibility": ("discreet", "discreet letters", "discret", "diskret", "discreto"),
    "sessions": ("session", "séance", "séances", "sitzung", "sitzungen", "veranstaltung", "veranstaltungen", "sessione",
                 "sessioni", "сессия", "сессии", "заседание", "sesión", "sesiones"),
    "alias": ("pseudonym", "pseudonyme", "pseudonimo", "псевдоним", "seudónimo"),
    "needs": ("accessibility", "accessibility needs", "besoins", "besoins particuliers", "besondere bedürfnisse",
              "esigenze particolari", "особые потребности", "necesidades"),
    "state": ("status", "statut", "stato", "статус", "estado"),
    "withdraw": ("withdrawn", "withdrawal", "abgemeldet", "désinscrit", "annulé", "ritirato", "отозвано", "retirado"),
}  # fmt: skip

_GIVEN = frozenset({"first name", "given name", "given names", "prénom", "prénoms", "vorname", "vornamen"})
_FAMILY = frozenset({"last name", "surname", "family name", "nom de famille", "nachname", "familienname", "zuname",
                     "cognome", "фамилия", "apellido", "apellidos"})  # fmt: skip
_EITHER = {"name": "family", "nom": "family", "nome": "given", "имя": "given", "nombre": "given"}
"""The full name, unless another column has the other half of it."""


def name_columns(titles: Iterable[str]) -> dict[str, int]:
    """Which columns make the full name, by title, with their places in it: given names first."""
    there = frozenset(titles)
    halves = dict.fromkeys(there & _GIVEN, 0) | dict.fromkeys(there & _FAMILY, 1)
    parted = {title: 0 if half == "given" else 1 for title, half in _EITHER.items() if title in there}
    return halves | {title: place for title, place in parted.items() if place not in halves.values()}
