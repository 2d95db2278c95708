"""What monitoring asks: `/healthz` and `/metrics` (operations.md §5), computed from the database at each request."""

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import timedelta

from mailflow.service.house import House
from mailflow.service.receive import disk_low
from mailflow.service.scribe import Scribe
from mailflow.store.rows import Metrics

_WRITER_SECONDS = 5.0
_TICK_LATE = timedelta(minutes=3)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class HealthDesk:
    """Answers GET requests. Nothing about people is in any of them."""

    def __init__(self, house: Callable[[], House], scribe: Scribe) -> None:
        self._house = house
        self._scribe = scribe

    async def answer(self, path: str) -> tuple[int, str, bytes]:
        """(status, content type, body) for a path."""
        if path not in ("/healthz", "/metrics"):
            return 404, "text/plain", b"not found\n"
        try:
            async with asyncio.timeout(_WRITER_SECONDS):
                metrics = await self._scribe.write(lambda writer: writer.metrics())
        except Exception:  # noqa: BLE001  a door: whatever it is, the writer does not answer
            return 503, "application/json", b'{"ok": false, "problem": "the writer does not answer"}\n'
        if path == "/metrics":
            return 200, _TEXT, exposition(metrics).encode()
        return self._health(metrics)

    def _health(self, metrics: Metrics) -> tuple[int, str, bytes]:
        house = self._house()
        late = metrics.last_tick is None or house.now() - metrics.last_tick > _TICK_LATE * house.clock.speed
        low = disk_low(house.config.state)
        problem = "the last tick is too old" if late else "the disk is nearly full" if low else ""
        oldest = metrics.outbox_oldest
        facts = {
            "ok": not problem,
            "problem": problem,
            "schema": metrics.schema,
            "oldest_due_letter_seconds": round((house.now() - oldest).total_seconds()) if oldest else 0,
            "last_tick": metrics.last_tick.isoformat() if metrics.last_tick else None,
            "free_octets": shutil.disk_usage(house.config.state).free,
        }
        return 503 if problem else 200, "application/json", json.dumps(facts).encode() + b"\n"


def exposition(metrics: Metrics) -> str:
    """Prometheus text (exposition format 0.0.4)."""
    lines = ["# TYPE mailflow_messages_total counter"]
    lines += [
        f'mailflow_messages_total{{intent="{intent}",verdict="{proof}"}} {count}'
        for intent, proof, count in metrics.messages
    ]
    lines.append("# TYPE mailflow_letters_total counter")
    lines += [f'mailflow_letters_total{{letter="{kind}",state="{state}"}} {n}' for kind, state, n in metrics.letters]
    lines.append("# TYPE mailflow_inbox_depth gauge")
    lines += [f'mailflow_inbox_depth{{state="{state}"}} {count}' for state, count in metrics.inbox]
    lines.append("# TYPE mailflow_outbox_depth gauge")
    lines += [f'mailflow_outbox_depth{{state="{state}"}} {count}' for state, count in metrics.outbox]
    if metrics.outbox_oldest and metrics.last_tick:
        age = max((metrics.last_tick - metrics.outbox_oldest).total_seconds(), 0.0)
        lines += ["# TYPE mailflow_outbox_oldest_seconds gauge", f"mailflow_outbox_oldest_seconds {age:.0f}"]
    lines.append("# TYPE mailflow_seats gauge")
    lines += [f'mailflow_seats{{event="{event}",status="{status}"}} {n}' for event, status, n in metrics.seats]
    lines.append("# TYPE mailflow_last_digest_timestamp_seconds gauge")
    lines += [
        f'mailflow_last_digest_timestamp_seconds{{event="{event}"}} {at.timestamp():.0f}'
        for event, at in metrics.last_digests
    ]
    return "\n".join(lines) + "\n"
