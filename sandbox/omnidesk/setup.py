"""What an administrator does in the account's settings, for tests and the demo."""

from __future__ import annotations

import threading

from .state import Channel, Field, Staff, State


class Setup(State):
    """Adds staff, channels, fields, groups and labels."""

    lock: threading.RLock

    def now(self) -> int:
        """The account's time in whole seconds."""
        raise NotImplementedError

    def add_staff(self, email: str, name: str = "", active: bool = True, access: bool = True) -> Staff:
        """A new employee."""
        with self.lock:
            staff = Staff(self.next_id("staff"), email, name or email.partition("@")[0], active, access)
            staff.created_at = staff.updated_at = self.now()
            self.staff[staff.staff_id] = staff
            return staff

    def add_channel(self, title: str = "BILLmanager", webhook_url: str = "", kind: str = "async") -> Channel:
        """A new custom channel; its ``key`` is what the settings file names."""
        with self.lock:
            channel = Channel(self.next_id("channel"), title, webhook_url, kind)
            self.channels[channel.channel_id] = channel
            return channel

    def add_field(
        self,
        title: str,
        kind: str = "text",
        level: str = "case",
        options: dict[str, str] | list[str] | None = None,
        active: bool = True,
    ) -> Field:
        """A new data field; options of a select as key -> label, or as labels that are numbered from 1."""
        named = {str(at): label for at, label in enumerate(options, 1)} if isinstance(options, list) else options or {}
        with self.lock:
            field = Field(self.next_id("field"), title, kind, level, active, dict(named))
            self.fields[field.field_id] = field
            return field

    def add_group(self, title: str) -> int:
        """A new group's id."""
        with self.lock:
            group_id = self.next_id("group")
            self.groups[group_id] = title
            return group_id

    def add_label(self, title: str) -> int:
        """A new label's id."""
        with self.lock:
            label_id = self.next_id("label")
            self.labels[label_id] = title
            return label_id

    def channel_by_key(self, key: str) -> Channel | None:
        """The custom channel with this key."""
        digits = key.removeprefix("cch")
        return self.channels.get(int(digits)) if key != digits and digits.isdigit() else None

    def staff_by_email(self, email: str) -> Staff | None:
        """The employee with this e-mail, whatever its case."""
        wanted = email.strip().lower()
        return next((one for one in self.staff.values() if wanted and one.email.lower() == wanted), None)
