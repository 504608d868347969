from collections.abc import Callable

from tests.unit.memory.steps import nothing


class MemoryProvider:
    """An identity provider: `held` has a URL by identity id, `calls` what was called.

    `ids` has the identity ids that differ from the user ids. `error` is raised by every call, `errors` by every call
    for a user, `once` by one call for a user each.
    """

    def __init__(
        self,
        held: dict[str, str] | None = None,
        error: Exception | None = None,
        before: Callable[[str], None] = nothing,
    ) -> None:
        self.held = dict(held or {})
        self.ids: dict[str, str] = {}
        self.calls: list[tuple[str, str]] = []
        self.error = error
        self.errors: dict[str, Exception] = {}
        self.once: dict[str, list[Exception]] = {}
        self.before = before

    def find(self, user_id: str) -> str:
        self._called("find", user_id)
        return self.ids.get(user_id, user_id)

    def photo_url(self, identity_id: str) -> str | None:
        self._called("photo_url", identity_id)
        return self.held.get(identity_id)

    def set(self, identity_id: str, url: str) -> None:
        self._called("set", identity_id)
        self.held[identity_id] = url
        self.before("provider.was set")

    def clear(self, identity_id: str) -> None:
        self._called("clear", identity_id)
        self.held.pop(identity_id, None)

    def _called(self, name: str, user_id: str) -> None:
        self.before(f"provider.{name}")
        self.calls.append((name, user_id))
        waiting = self.once.get(user_id)
        if error := waiting.pop() if waiting else self.errors.get(user_id) or self.error:
            raise error
