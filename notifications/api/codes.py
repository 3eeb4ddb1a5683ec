"""The codes that services of webhooks refuse partners with, by operation, for the API's description."""

from __future__ import annotations

from typing import Final

from notifications import errors

REPLAY_ONE: Final = frozenset({errors.EndpointDisabled.code, errors.DeliveryStillPending.code})
REPLAY: Final = frozenset(
    {
        errors.EndpointDisabled.code,
        errors.ReplayRunning.code,
        errors.TooManyReplays.code,
        errors.ReplaySinceInFuture.code,
        errors.ReplaySinceTooOld.code,
    }
)
TEST_EVENT: Final = frozenset({errors.EndpointNotEnabled.code, errors.TooManyTestEvents.code})
