"""The mail providers that post to `/hooks/mail/{provider}`: who sent it, and by what id.

What an event says is for a worker to read (`domain.bounces`). They are told apart from forms only by where they post:
a new provider is a module here with a class like `web.sources.Source`, one there with a `read`, and a line in each of
the two tables.
"""

from collections.abc import Mapping

from web.mail.mailgun import Mailgun
from web.mail.postmark import Postmark
from web.sources import Source

PROVIDERS: Mapping[str, Source] = {"postmark": Postmark(), "mailgun": Mailgun()}
