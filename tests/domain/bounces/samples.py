"""Reports as mail servers write them, with invented names. Each is text with LF, as it stands in an editor; TO is the
address that it was brought to, MESSAGE_ID that of the letter."""

TO = "bounces+let-token@mail.example.org"
MESSAGE_ID = "<let_0123456789abcdefghjkmnpqrs@convenor.example.org>"
OLGA = "olga@mission.example.org"

LETTER = f"""Return-Path: <{TO}>
From: Conference Secretariat <secretariat@convenor.example.org>
To: Olga Petrenko <{OLGA}>
Subject: Invitation
Message-ID: {MESSAGE_ID}
"""

AWAY = """I am away until Monday. My mailbox is full of ideas, and delivery of my replies is delayed.
"""


def report(
    statuses: str, *, to: str = TO, kind: str = "delivery-status", letter: str = LETTER,
    returned: str = "text/rfc822-headers", more: str = "", encoding: str = "",
) -> bytes:  # fmt: skip
    """A multipart/report (RFC 6522) with these groups of fields."""
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: {to}
Auto-Submitted: auto-replied
Subject: Undelivered Mail Returned to Sender
{more}MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

This is the mail system at host mx.example.org. Your message could not be delivered.

--b
Content-Type: message/{kind}
{encoding}
{statuses}
--b
Content-Type: {returned}

{letter}
--b--
""".encode()


def statuses(action: str, status: str, diagnostic: str = "", *, recipient: str = f"rfc822; {OLGA}") -> str:
    """The groups of one recipient (RFC 3464 2.1)."""
    said = f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    return f"""Reporting-MTA: dns; mx.example.org
Arrival-Date: Tue, 1 Jun 2021 09:30:00 +0200

Final-Recipient: {recipient}
Original-Recipient: {recipient}
Action: {action}
Status: {status}
{said}"""


def plain(
    text: str, *, sender: str = "MAILER-DAEMON@mx.example.org", subject: str = "failure notice", to: str = TO,
    more: str = "", charset: str = "utf-8",
) -> bytes:  # fmt: skip
    """A message of one text."""
    return f"""From: <{sender}>
To: {to}
Subject: {subject}
{more}Content-Type: text/plain; charset={charset}
Content-Transfer-Encoding: 8bit

{text}""".encode(charset if charset != "x-nonsense" else "utf-8")


POSTFIX = report(statuses("failed", "5.1.1", "smtp; 550 5.1.1 <olga@mission.example.org>: Recipient address rejected"))
EXIM_REPORT = report(
    statuses("failed", "5.0.0", "smtp; 550-5.1.1 The account that you tried to reach does not exist.\n 550 5.1.1 gone"),
    more=f"X-Failed-Recipients: {OLGA}\n",
)
GOOGLE_POLICY = report(statuses("failed", "5.7.26", "smtp; 550-5.7.26 Unauthenticated email is not accepted"))
POLICY_WITHIN = report(statuses("failed", "5.1.1", "smtp; 550 5.7.1 Service unavailable, client host blocked"))
DELAYED = report(statuses("delayed", "4.4.1", "smtp; connect to mx.mission.example.org: Connection timed out"))
FULL = report(statuses("failed", "5.2.2", "smtp; 552 5.2.2 The email account is over quota"))
FULL_IN_WORDS = report(statuses("failed", "5.0.0", "smtp; 552 Quota exceeded (mailbox for user is full)"))
EXPIRED = report(statuses("failed", "4.4.7", "smtp; 451 4.4.7 queue lifetime exceeded"))
UNCLEAR = report(statuses("failed", "5.0.0", "smtp; 550 Requested action not taken: mailbox unavailable"))
DELIVERED = report(statuses("delivered", "2.1.5", "smtp; 250 2.1.5 Ok"))
RELAYED = report(statuses("relayed", "2.0.0"))
EXPANDED = report(statuses("expanded", "2.1.5"))
EXCHANGE_ONLINE = report(
    statuses("failed", "5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by lookup"),
    returned="message/rfc822", letter=LETTER + "\nDear Olga,\n",
)  # fmt: skip
WITHOUT_ACTION = report(
    f"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: RFC822;<{OLGA}>\nStatus: 5.1.2 (bad)\n"
)
INTERNATIONAL = report(
    statuses("failed", "5.1.1", recipient=r"utf-8; \x{43E}\x{43B}\x{44C}\x{433}\x{430}@mission.example.org"),
    kind="global-delivery-status", returned="message/global-headers",
)  # fmt: skip
INTERNATIONAL_IN_LETTERS = report(
    statuses("failed", "5.6.7", recipient="utf-8; ольга@mission.example.org"), kind="global-delivery-status",
    returned="message/global-headers",
)  # fmt: skip
BASE64 = report(
    "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IG9sZ2FAbWlzc2lvbi5leGFtcGxlLm9yZwpBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCg==\n",
    encoding="Content-Transfer-Encoding: base64\n",
)
TWO_RECIPIENTS = report(
    statuses("failed", "5.1.1")
    + "\nFinal-Recipient: rfc822; forwarded@ngo.example.org\nAction: delivered\nStatus: 2.0.0\n"
)
BY_MESSAGE_ID = report(statuses("failed", "5.1.1"), to="secretariat@convenor.example.org",
                       letter=f"Message-ID: {MESSAGE_ID}\n")  # fmt: skip

COMPLAINT = report(
    f"Feedback-Type: abuse\nVersion: 1\nOriginal-Mail-From: <{TO}>\nOriginal-Rcpt-To: <{OLGA}>\n",
    kind="feedback-report", to="complaints@convenor.example.org", returned="message/rfc822",
)  # fmt: skip
NOT_SPAM = report("Feedback-Type: not-spam\nUser-Agent: Feedback/1.0\nVersion: 1\n", kind="feedback-report")
OPT_OUT = report(f"Feedback-Type: opt-out\nOriginal-Rcpt-To: {OLGA}\n", kind="feedback-report")

QMAIL = plain(f"""Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{OLGA}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{LETTER}""")
EXIM = plain(f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {OLGA}
    SMTP error from remote mail server after RCPT TO:<{OLGA}>:
    host mx.mission.example.org [192.0.2.25]: 550 unknown user

------ This is a copy of the message, including all the headers. ------

{LETTER}""", subject="Mail delivery failed: returning message to sender",
             more=f"X-Failed-Recipients: {OLGA}\nAuto-Submitted: auto-replied\n")  # fmt: skip
EXIM_WARNING = plain("""This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.org.
No action is required on your part. Delivery attempts will continue for some time.
""", subject="Warning: message 1loABC-0001 delayed 24 hours", more="Auto-Submitted: auto-replied\n")  # fmt: skip
EXCHANGE = plain(f"""Delivery has failed to these recipients or groups:

{OLGA}
The email address you entered couldn't be found.

Diagnostic information for administrators:
Generating server: mx.example.org
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

Original message headers:

{LETTER}""", sender="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@mission.example.org",
                 subject="Undeliverable: Invitation")  # fmt: skip
DOMINO = plain(f"""Your message

  Subject: Invitation

was not delivered to:

  {OLGA}

because:

  User olga ({OLGA}) not listed in Domino Directory
""", sender="Postmaster@mission.example.org", subject="DELIVERY FAILURE: User olga not listed")  # fmt: skip
MAILBOX_FULL = plain(f"The mailbox of {OLGA} is over quota. Your message was not delivered.",
                     sender="postmaster@mission.example.org", subject="Mailbox full")  # fmt: skip
RUSSIAN = plain(f"Ваше сообщение для {OLGA} не доставлено: 550 нет такого ящика", charset="koi8-r",
                subject="Mail failure", sender="mailer-daemon@mission.example.org")  # fmt: skip
WRONG_CHARSET = plain(f"Your message to {OLGA} could not be delivered: 550 5.1.1 no", charset="x-nonsense")

OUT_OF_OFFICE = plain(AWAY, sender=OLGA, subject="Automatic reply: Invitation",
                      more="Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n")  # fmt: skip
OUT_OF_OFFICE_WITHOUT_A_MARK = plain(
    AWAY, sender=OLGA, subject="=?utf-8?q?R=C3=A9ponse_automatique=C2=A0=3A_Invitation?="
)
VACATION = plain(AWAY, sender=OLGA, subject="Re: Invitation", more="Precedence: auto_reply\n")
CHALLENGE = plain("Click here to prove that you are a person.", sender=OLGA, subject="Please confirm your message")
READ_RECEIPT = report("Reporting-UA: example\nDisposition: manual-action/MDN-sent-manually; displayed\n",
                      kind="disposition-notification")  # fmt: skip

ORDINARY = plain(
    "Thank you! My colleague's letter was not delivered, by the way.", sender=OLGA, subject="Re: Invitation"
)
"""A person's reply to the wrong address, of which the words are those of a failure."""
FORWARDED = b"""From: olga@mission.example.org
To: secretariat@convenor.example.org
Subject: Fwd: what is this?
Content-Type: multipart/mixed; boundary="f"

--f
Content-Type: message/rfc822

""" + POSTFIX + b"\n--f--\n"  # fmt: skip

NESTED = (
    b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (one, one) for one in range(3000)) + POSTFIX
)
HUGE = POSTFIX.replace(b"--b--", b"x" * 76 + b"\n") + (b"y" * 76 + b"\n") * 200_000
MANY_RECIPIENTS = report(
    "\n".join(statuses("failed", "5.1.1", recipient=f"rfc822; p{one}@ngo.example.org") for one in range(5000))
)
HOSTILE = [
    b"", b"\x00" * 1000, b"\n\n\n", b"From: " + b"<" * 5000, b"To: =?utf-8?q?" + b"=" * 5000,
    b'Content-Type: multipart/report; boundary="' + b"b" * 5000, b"Content-Type: multipart/report\n\n--\n--\n",
    b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n====",
    b'Content-Type: text/plain; charset="=?x?="\nSubject: failure notice\nReturn-Path: <>\n\n\xff\xfe',
    b"Return-Path: <>\nSubject: undeliverable\n\n" + b"<" * 20_000 + b"@" * 20_000,
    report("Final-Recipient: utf-8; \\x{110000}\\x{D800}@example.org\nAction: failed\nStatus: 5.1.1\n"),
    report("Final-Recipient: rfc822; " + "a" * 100_000 + "@example.org\nAction: failed\nStatus: 5.1.1\n"),
]  # fmt: skip
