"""An alert by e-mail: a message each, so that an address that is refused holds up nobody."""

import asyncio
import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from typing import Any

from processors.schedule.alerts.settings import SmtpSettings
from processors.schedule.alerts.telling import SENT, Outcome, subject


async def send(settings: SmtpSettings, address: str, told: dict[str, Any]) -> Outcome:
    """Hand it to the mail server. It blocks, so it has a thread of its own."""
    if not settings.host:
        return Outcome("pending", "ATTRIBUTARY_SMTP_HOST is not set")
    return await asyncio.to_thread(_deliver, settings, address, message(settings, address, told))


def message(settings: SmtpSettings, address: str, told: dict[str, Any]) -> EmailMessage:
    """The same `Message-ID` at each try: mail programs show one of two that share it."""
    made = EmailMessage()
    made["From"] = settings.sender
    made["To"] = address
    made["Subject"] = subject(told)
    made["Message-ID"] = f"<{told['id']}@{settings.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Attributary-Id"] = told["id"]
    lines = [f"{name}: {value}" for name, value in told.items() if value is not None]
    made.set_content("\n".join([subject(told), "", *lines, ""]))
    return made


def _deliver(settings: SmtpSettings, address: str, made: EmailMessage) -> Outcome:
    try:
        server = _connected(settings)
    except (smtplib.SMTPException, OSError) as error:
        return _failed(error)
    try:
        if settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.username:
            server.login(settings.username, settings.password.get_secret_value())
        server.send_message(made, settings.sender, [address])
    except (smtplib.SMTPException, OSError) as error:
        return _failed(error)
    finally:
        # It was taken, or not, before; how the server says good-bye changes nothing.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()
    return SENT


def _connected(settings: SmtpSettings) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            settings.host,
            settings.port,
            timeout=settings.timeout_seconds,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)


def _failed(error: Exception) -> Outcome:
    """A server's text may repeat the address, so only its code is kept."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return Outcome("given_up" if code >= 500 else "pending", f"the address is refused ({code})")
    if isinstance(error, smtplib.SMTPResponseException):
        return Outcome("pending", f"{type(error).__name__} {error.smtp_code}")
    return Outcome("pending", type(error).__name__)
