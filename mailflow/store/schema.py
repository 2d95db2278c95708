"""The schema as SQL text, in steps that are applied once and never edited after a release.

Times are text of fixed width (`session.text_of`), states are words, flags are 0 and 1: the file is made to be opened.
Tables that hold many octets (`raw`, `bodies`) stand beside the rows that people list, so that listing stays cheap and
purging octets leaves the record of what happened. There are no cascades (dependencies.md, trap 6).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database, Migrations

# Letters to organisers: they name others, and belong to the event, not to the one who reads them.
FOR_ORGANISERS = (
    "question_forwarded", "digest", "door_list", "late_cancellation", "transcript", "undeliverable_notice",
)  # fmt: skip
STANDING = "status IN ('pending', 'confirmed', 'waiting', 'offered')"
# Who has a seat, an offer or a place in line: what they chose counts, and what changes is told to them.
CONCERNED = "('confirmed', 'offered', 'waiting')"

# Each statement by itself: `executescript` would commit the transaction that the migration runs in.
_FIRST = (
    # What is in force for an event, its counters, and (`seen_`) what its file said when last read.
    # `announced`: what people were told of its time and place, and what the file said of them since.
    # `called_off`, with its `reason` by language, is for good: no file takes it back.
    """
CREATE TABLE event_states (
  event TEXT PRIMARY KEY,
  capacity INTEGER CHECK (capacity >= 0),
  opens TEXT CHECK (length(opens) = 27),
  closes TEXT CHECK (length(closes) = 27),
  closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
  closed_at TEXT CHECK (length(closed_at) = 27),
  taken INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0),
  waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
  next_number INTEGER NOT NULL DEFAULT 1,
  next_place INTEGER NOT NULL DEFAULT 1,
  next_question INTEGER NOT NULL DEFAULT 1,
  next_door_number INTEGER NOT NULL DEFAULT 1,
  revision INTEGER NOT NULL DEFAULT 0,
  revised_at TEXT CHECK (length(revised_at) = 27),
  face TEXT NOT NULL,
  announced TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(announced)),
  called_off TEXT CHECK (length(called_off) = 27),
  reason TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(reason)),
  seen_capacity INTEGER,
  seen_opens TEXT,
  seen_closes TEXT
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE registrations (
  id INTEGER PRIMARY KEY,
  event TEXT NOT NULL REFERENCES event_states (event),
  number INTEGER NOT NULL CHECK (number > 0),
  code TEXT NOT NULL,
  address TEXT NOT NULL,
  address_key TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('pending', 'confirmed', 'waiting', 'offered', 'cancelled', 'expired', 'removed')),
  language TEXT NOT NULL,
  since TEXT NOT NULL CHECK (length(since) = 27),
  registered_at TEXT NOT NULL CHECK (length(registered_at) = 27),
  answers TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(answers)),
  guests INTEGER NOT NULL DEFAULT 0 CHECK (guests >= 0),
  place INTEGER NOT NULL DEFAULT 0 CHECK (place >= 0),
  partstat TEXT NOT NULL DEFAULT 'NEEDS-ACTION'
    CHECK (partstat IN ('NEEDS-ACTION', 'ACCEPTED', 'TENTATIVE', 'DECLINED')),
  epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0),
  sequence INTEGER NOT NULL DEFAULT 0 CHECK (sequence BETWEEN 0 AND 2147483647),
  dtstamp TEXT CHECK (length(dtstamp) = 27),
  answered_at TEXT CHECK (length(answered_at) = 27),
  answered_sequence INTEGER NOT NULL DEFAULT 0 CHECK (answered_sequence BETWEEN 0 AND 2147483647),
  undeliverable INTEGER NOT NULL DEFAULT 0 CHECK (undeliverable IN (0, 1)),
  thread TEXT NOT NULL DEFAULT '',
  until TEXT CHECK (length(until) = 27),
  reminders INTEGER NOT NULL DEFAULT 1 CHECK (reminders IN (0, 1)),
  door_number INTEGER NOT NULL DEFAULT 0 CHECK (door_number >= 0),
  absent INTEGER NOT NULL DEFAULT 0 CHECK (absent IN (0, 1)),
  applied TEXT CHECK (applied IS NULL OR (length(applied) = 27 AND status = 'pending'))
) STRICT""",
    "CREATE UNIQUE INDEX registrations_number ON registrations (event, number)",
    "CREATE UNIQUE INDEX registrations_code ON registrations (event, code)",
    # One standing registration per person and event, whatever the code above believes.
    f"CREATE UNIQUE INDEX registrations_standing ON registrations (event, address_key) WHERE {STANDING}",
    "CREATE INDEX registrations_person ON registrations (event, address_key, number)",
    "CREATE INDEX registrations_line ON registrations (event, place, number) WHERE status = 'waiting'",
    "CREATE INDEX registrations_status ON registrations (event, status, guests)",
    "CREATE UNIQUE INDEX registrations_door ON registrations (event, door_number) WHERE door_number > 0",
    "CREATE INDEX registrations_applied ON registrations (event, applied, number) WHERE applied IS NOT NULL",
    "CREATE INDEX registrations_until ON registrations (event, until) WHERE until IS NOT NULL",
    # How many wait in each stretch of places, so that a place far back in a long line is found without counting it all.
    """
CREATE TABLE line_blocks (
  event TEXT NOT NULL REFERENCES event_states (event),
  block INTEGER NOT NULL,
  waiting INTEGER NOT NULL CHECK (waiting >= 0),
  PRIMARY KEY (event, block)
) STRICT, WITHOUT ROWID""",
    # How many with a seat or in line chose each option: a limit is looked up, never counted.
    """
CREATE TABLE option_counts (
  event TEXT NOT NULL REFERENCES event_states (event),
  question TEXT NOT NULL,
  option TEXT NOT NULL,
  taken INTEGER NOT NULL CHECK (taken >= 0),
  PRIMARY KEY (event, question, option)
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE steps (
  id INTEGER PRIMARY KEY,
  event TEXT NOT NULL,
  number INTEGER NOT NULL,
  at TEXT NOT NULL CHECK (length(at) = 27),
  what TEXT NOT NULL,
  status TEXT NOT NULL,
  mail INTEGER
) STRICT""",
    "CREATE INDEX steps_number ON steps (event, number)",
    "CREATE INDEX steps_at ON steps (event, at)",
    """
CREATE TABLE challenges (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL REFERENCES event_states (event),
  act TEXT NOT NULL CHECK (act IN ('register', 'cancel', 'offer', 'update', 'my_data', 'erase', 'remind_off',
    'organiser', 'commands')),
  address TEXT NOT NULL,
  number INTEGER NOT NULL,
  created TEXT NOT NULL CHECK (length(created) = 27),
  expires TEXT NOT NULL CHECK (length(expires) = 27),
  code_hash TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  wanted TEXT NOT NULL DEFAULT '' CHECK (wanted = '' OR json_valid(wanted)),
  orders TEXT NOT NULL DEFAULT '' CHECK (orders = '' OR json_valid(orders)),
  state TEXT NOT NULL CHECK (state IN ('open', 'used', 'ended', 'expired')),
  closed_at TEXT CHECK (length(closed_at) = 27)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX challenges_address ON challenges (event, address COLLATE NOCASE, created) WHERE address <> ''",
    "CREATE UNIQUE INDEX challenges_code ON challenges (code_hash) WHERE code_hash <> ''",
    "CREATE INDEX challenges_open ON challenges (event, expires) WHERE state = 'open'",
    """
CREATE INDEX challenges_ended ON challenges (event, closed_at, state)
  WHERE closed_at IS NOT NULL AND act <> 'offer'""",
    "CREATE INDEX challenges_about ON challenges (event, number, act, created) WHERE state = 'open'",
    """
CREATE TABLE questions (
  event TEXT NOT NULL REFERENCES event_states (event),
  number INTEGER NOT NULL CHECK (number > 0),
  sender TEXT NOT NULL,
  sender_key TEXT NOT NULL,
  subject TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  forwarded INTEGER NOT NULL CHECK (forwarded IN (0, 1)),
  proved INTEGER NOT NULL CHECK (proved IN (0, 1)),
  asked TEXT NOT NULL CHECK (length(asked) = 27),
  done_at TEXT CHECK (length(done_at) = 27),
  mail INTEGER,
  PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX questions_address ON questions (event, sender COLLATE NOCASE) WHERE sender <> ''",
    "CREATE INDEX questions_sender ON questions (event, sender_key, asked, text_hash) WHERE forwarded",
    "CREATE INDEX questions_forwarded ON questions (asked, event, proved) WHERE forwarded",
    # Organisers as they are known beside the file: those added by mail, and how each wants to be told.
    # `heavy_at`: when his last heavy command was signed; an older mail of his is not taken any more.
    """
CREATE TABLE organisers (
  event TEXT NOT NULL REFERENCES event_states (event),
  address_key TEXT NOT NULL,
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  digest TEXT NOT NULL CHECK (digest IN ('', 'changed', 'daily', 'weekly')),
  added INTEGER NOT NULL CHECK (added IN (0, 1)),
  heavy_at TEXT CHECK (length(heavy_at) = 27),
  at TEXT NOT NULL CHECK (length(at) = 27),
  PRIMARY KEY (event, address_key)
) STRICT, WITHOUT ROWID""",
    # What commands did that can be taken back: by mail and line, so that nothing is done or undone twice.
    """
CREATE TABLE undos (
  mail INTEGER NOT NULL,
  line INTEGER NOT NULL CHECK (line > 0),
  event TEXT NOT NULL REFERENCES event_states (event),
  at TEXT NOT NULL CHECK (length(at) = 27),
  act TEXT NOT NULL,
  written TEXT NOT NULL,
  number INTEGER NOT NULL,
  closed INTEGER CHECK (closed IN (0, 1)),
  opens TEXT CHECK (length(opens) = 27),
  closes TEXT CHECK (length(closes) = 27),
  capacity INTEGER CHECK (capacity >= 0),
  undone_at TEXT CHECK (length(undone_at) = 27),
  PRIMARY KEY (mail, line)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX undos_at ON undos (at)",
    "CREATE INDEX undos_person ON undos (event, number)",
    # What people said through their calendars beside yes and no: the newest of each kind and person.
    """
CREATE TABLE calendar_notes (
  event TEXT NOT NULL REFERENCES event_states (event),
  number INTEGER NOT NULL CHECK (number > 0),
  kind TEXT NOT NULL CHECK (kind IN ('comment', 'counter', 'delegated')),
  at TEXT NOT NULL CHECK (length(at) = 27),
  text TEXT NOT NULL,
  starts TEXT CHECK (length(starts) = 27),
  PRIMARY KEY (event, number, kind)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX calendar_notes_at ON calendar_notes (event, at)",
    # Letters that came back, by their reference: what counts against an address, for thirty days.
    """
CREATE TABLE bounces (
  event TEXT NOT NULL REFERENCES event_states (event),
  number INTEGER NOT NULL CHECK (number > 0),
  letter TEXT NOT NULL,
  at TEXT NOT NULL CHECK (length(at) = 27),
  severity TEXT NOT NULL CHECK (severity IN ('named', 'ours', 'soft', 'hard')),
  reason TEXT NOT NULL,
  PRIMARY KEY (event, number, letter, severity)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX bounces_person ON bounces (event, number, at)",
    "CREATE INDEX bounces_at ON bounces (at)",
    # What the organisers told many at once. Subject and text are written once for each language.
    """
CREATE TABLE announcements (
  event TEXT NOT NULL REFERENCES event_states (event),
  number INTEGER NOT NULL CHECK (number > 0),
  subject TEXT NOT NULL CHECK (json_valid(subject)),
  text TEXT NOT NULL CHECK (json_valid(text)),
  by_whom TEXT NOT NULL,
  at TEXT NOT NULL CHECK (length(at) = 27),
  audience TEXT NOT NULL CHECK (audience IN ('confirmed', 'waiting', 'all')),
  state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'sent', 'ended')),
  PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX announcements_by ON announcements (event, by_whom COLLATE NOCASE) WHERE by_whom <> ''",
    "CREATE INDEX announcements_due ON announcements (event, number) WHERE state = 'due'",
    # Events that are made by mail: what was read, the file it makes, and which letter's answer does something.
    """
CREATE TABLE drafts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  maker TEXT NOT NULL,
  maker_key TEXT NOT NULL,
  act TEXT NOT NULL CHECK (act IN ('make', 'change', 'call_off')),
  event TEXT NOT NULL,
  sketch TEXT NOT NULL CHECK (json_valid(sketch)),
  language TEXT NOT NULL,
  created TEXT NOT NULL CHECK (length(created) = 27),
  file TEXT NOT NULL,
  reference TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  uid TEXT NOT NULL,
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  people INTEGER NOT NULL CHECK (people >= 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'published', 'dropped')),
  closed_at TEXT CHECK (length(closed_at) = 27),
  CHECK ((closed_at IS NULL) = (state = 'open'))
) STRICT""",
    "CREATE UNIQUE INDEX drafts_code ON drafts (code_hash)",
    "CREATE INDEX drafts_meeting ON drafts (maker_key, uid)",
    "CREATE INDEX drafts_maker ON drafts (maker COLLATE NOCASE) WHERE maker <> ''",
    "CREATE INDEX drafts_event ON drafts (event)",
    "CREATE INDEX drafts_published ON drafts (closed_at) WHERE state = 'published'",
    "CREATE TABLE raw (id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT",
    # AUTOINCREMENT: other rows name a mail by its id, also after it was purged.
    """
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event TEXT NOT NULL,
  received TEXT NOT NULL CHECK (length(received) = 27),
  state TEXT NOT NULL CHECK (state IN ('new', 'waiting', 'done', 'silent', 'ignored', 'refused', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt TEXT CHECK (length(next_attempt) = 27),
  reverse_path TEXT,
  forward_path TEXT NOT NULL COLLATE NOCASE,
  via TEXT NOT NULL CHECK (via IN ('smtp', 'lmtp', 'imap', 'pipe')),
  peer TEXT NOT NULL,
  helo TEXT NOT NULL,
  relay INTEGER NOT NULL CHECK (relay IN (0, 1)),
  smtputf8 INTEGER NOT NULL CHECK (smtputf8 IN (0, 1)),
  fingerprint TEXT NOT NULL,
  size_octets INTEGER NOT NULL,
  raw INTEGER REFERENCES raw (id),
  reason TEXT NOT NULL DEFAULT '',
  intent TEXT NOT NULL DEFAULT '',
  proof TEXT NOT NULL DEFAULT '',
  letter TEXT NOT NULL DEFAULT '',
  number INTEGER,
  sender TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL DEFAULT '',
  evidence TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(evidence)),
  handled_at TEXT CHECK (length(handled_at) = 27),
  CHECK ((next_attempt IS NOT NULL) = (state IN ('new', 'waiting')))
) STRICT""",
    "CREATE UNIQUE INDEX inbox_same ON inbox (fingerprint, forward_path) WHERE state <> 'ignored'",
    # Who asks what is held about them, or wants it erased, is found by these.
    "CREATE INDEX inbox_sender ON inbox (event, sender COLLATE NOCASE) WHERE sender <> ''",
    "CREATE INDEX inbox_forged ON inbox (event, sender COLLATE NOCASE, received) WHERE proof = 'failed'",
    "CREATE INDEX inbox_reverse_path ON inbox (event, reverse_path COLLATE NOCASE) WHERE reverse_path <> ''",
    "CREATE INDEX inbox_kept ON inbox (received) WHERE raw IS NOT NULL",
    "CREATE INDEX inbox_reports ON inbox (event) WHERE intent IN ('bounce', 'auto-reply')",
    "CREATE INDEX inbox_orders ON inbox (event) WHERE intent >= 'org-' AND intent < 'org.'",
    "CREATE INDEX inbox_due ON inbox (next_attempt, id) WHERE next_attempt IS NOT NULL",
    "CREATE INDEX inbox_failed ON inbox (id) WHERE state = 'failed'",
    "CREATE INDEX inbox_raw ON inbox (raw) WHERE raw IS NOT NULL",
    """
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  reference TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  event TEXT NOT NULL,
  number INTEGER,
  recipient TEXT NOT NULL,
  reverse_path TEXT,
  message_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  language TEXT NOT NULL,
  created TEXT NOT NULL CHECK (length(created) = 27),
  challenge TEXT NOT NULL DEFAULT '',
  mail INTEGER,
  size_octets INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'sent', 'failed', 'dropped')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt TEXT CHECK (length(next_attempt) = 27),
  sent_at TEXT CHECK (length(sent_at) = 27),
  closed_at TEXT CHECK (length(closed_at) = 27),
  last_code INTEGER,
  last_status TEXT NOT NULL DEFAULT '',
  last_text TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  CHECK ((next_attempt IS NOT NULL) = (state = 'due')),
  CHECK ((sent_at IS NOT NULL) = (state = 'sent'))
) STRICT""",
    "CREATE INDEX outbox_recipient ON outbox (event, recipient COLLATE NOCASE) WHERE recipient <> ''",
    f"CREATE INDEX outbox_lists ON outbox (event) WHERE kind IN {FOR_ORGANISERS}",
    "CREATE INDEX outbox_number ON outbox (event, number) WHERE number IS NOT NULL",
    "CREATE INDEX outbox_due ON outbox (next_attempt, id) WHERE next_attempt IS NOT NULL",
    "CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL",
    "CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed'",
    "CREATE INDEX outbox_mail ON outbox (mail) WHERE mail IS NOT NULL",
    """
CREATE TABLE bodies (
  letter INTEGER PRIMARY KEY REFERENCES outbox (id),
  octets BLOB NOT NULL
) STRICT""",
    # `who` is a keyed hash of an address, never the address.
    """
CREATE TABLE answers (
  id INTEGER PRIMARY KEY,
  who TEXT NOT NULL,
  at TEXT NOT NULL CHECK (length(at) = 27),
  proved INTEGER NOT NULL CHECK (proved IN (0, 1))
) STRICT""",
    "CREATE INDEX answers_who ON answers (who, at, proved)",
    """
CREATE TABLE confirmations (
  who TEXT PRIMARY KEY,
  at TEXT NOT NULL CHECK (length(at) = 27)
) STRICT, WITHOUT ROWID""",
    # Letters to people who have not proved themselves; domain and network are keyed hashes, a network of ours is ''.
    """
CREATE TABLE asked (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL CHECK (length(at) = 27),
  event TEXT NOT NULL,
  domain TEXT NOT NULL,
  network TEXT NOT NULL
) STRICT""",
    "CREATE INDEX asked_at ON asked (at, event, domain, network)",
    # Mails that are known again when somebody sends them once more: keyed hashes, and the mail that came first.
    """
CREATE TABLE replays (
  event TEXT NOT NULL,
  mark TEXT NOT NULL,
  mail INTEGER NOT NULL,
  at TEXT NOT NULL CHECK (length(at) = 27),
  PRIMARY KEY (event, mark)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX replays_at ON replays (at)",
    # Who was erased where, as a keyed hash: after a restored backup they are erased once more (trust.md §10).
    # `lifted`: they came back since.
    """
CREATE TABLE erasures (
  event TEXT NOT NULL,
  who TEXT NOT NULL,
  at TEXT NOT NULL CHECK (length(at) = 27),
  lifted INTEGER NOT NULL DEFAULT 0 CHECK (lifted IN (0, 1)),
  PRIMARY KEY (event, who)
) STRICT, WITHOUT ROWID""",
    # What is left of people who were erased: how many, and with how many chairs.
    """
CREATE TABLE statistics (
  event TEXT NOT NULL,
  status TEXT NOT NULL,
  people INTEGER NOT NULL CHECK (people >= 0),
  seats INTEGER NOT NULL CHECK (seats >= 0),
  PRIMARY KEY (event, status)
) STRICT, WITHOUT ROWID""",
    # The same people by one thing at a time, so that no two facts about one person stand together.
    """
CREATE TABLE statistics_details (
  event TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('day', 'gone', 'language', 'affiliation', 'absent')),
  value TEXT NOT NULL,
  people INTEGER NOT NULL CHECK (people >= 0),
  PRIMARY KEY (event, what, value)
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE jobs (
  kind TEXT NOT NULL,
  event TEXT NOT NULL,
  whom TEXT NOT NULL,
  day TEXT NOT NULL CHECK (length(day) = 10),
  begun_at TEXT NOT NULL CHECK (length(begun_at) = 27),
  done_at TEXT CHECK (length(done_at) = 27),
  result TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, event, whom, day)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX jobs_whom ON jobs (event, whom)",
    # What ever happened, for the metrics: these never fall, also when mail is purged.
    """
CREATE TABLE totals (
  what TEXT NOT NULL CHECK (what IN ('mail', 'letter')),
  kind TEXT NOT NULL,
  result TEXT NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (what, kind, result)
) STRICT, WITHOUT ROWID""",
    "CREATE TABLE marks (name TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "INSERT INTO counters (name, value) VALUES ('letter', 0)",
)

# For people (operations.md §12): words for states, no tokens, no mail. `sqlite-utils rows mailflow.db attendees`.
_VIEWS = (
    """
CREATE VIEW attendees AS
SELECT r.event, r.number, r.code, r.name, r.address,
  CASE WHEN r.applied IS NULL THEN r.status ELSE 'applied' END AS status, 1 + r.guests AS seats,
  CASE r.status WHEN 'waiting'
    THEN row_number() OVER (PARTITION BY r.event, r.status ORDER BY r.place, r.number) END AS place_in_line,
  CASE r.partstat WHEN 'ACCEPTED' THEN 'accepted' WHEN 'TENTATIVE' THEN 'tentative'
    WHEN 'DECLINED' THEN 'declined' ELSE 'no answer' END AS calendar,
  CASE r.undeliverable WHEN 1 THEN 'letters come back' ELSE 'ok' END AS mail,
  coalesce((
    SELECT group_concat(json_extract(a.value, '$.question') || ': ' || trim(coalesce((
        SELECT group_concat(o.value, ', ') FROM json_each(a.value, '$.options') AS o), '')
      || CASE json_extract(a.value, '$.text') WHEN '' THEN '' ELSE ' "' || json_extract(a.value, '$.text') || '"' END),
      '; ')
    FROM json_each(r.answers) AS a), '') AS answers,
  r.language, r.registered_at, r.since
FROM registrations AS r
ORDER BY r.event, r.number""",
    """
CREATE VIEW events AS
SELECT event,
  CASE WHEN called_off IS NOT NULL THEN 'called off'
    WHEN closed THEN 'closed'
    WHEN opens > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') THEN 'not open yet'
    WHEN closes <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now') THEN 'over'
    ELSE 'open' END AS registration,
  coalesce(capacity, 'unlimited') AS capacity, taken, capacity - taken AS free, waiting, opens, closes
FROM event_states
ORDER BY event""",
    """
CREATE VIEW history AS
SELECT s.at, s.event, s.number, r.code, r.name, replace(s.what, '_', ' ') AS what, s.status, s.mail
FROM steps AS s LEFT JOIN registrations AS r ON r.event = s.event AND r.number = s.number
ORDER BY s.id""",
)

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (("0001 first schema", _FIRST + _VIEWS),)


def migrations() -> "Migrations":
    """The steps as sqlite-utils knows them. Apply only inside one write transaction (dependencies.md, trap 2)."""
    from sqlite_utils import Migrations  # noqa: PLC0415  heavy; the command line must start without it

    known = Migrations("mailflow")
    for name, statements in STEPS:
        known(name=name)(_step(statements))
    return known


def _step(statements: tuple[str, ...]) -> "Callable[[Database], None]":
    def step(database: "Database", /) -> None:
        for statement in statements:
            database.conn.execute(statement.strip())

    return step
