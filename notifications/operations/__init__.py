"""What is done to partners' endpoints: whoever could do it alone could have a partner's business told to somebody else.

So two people agree to where it is sent. Sending nothing needs nobody's consent.
"""

from bankops.core.operations import register
from notifications.operations.endpoints import (
    AddEndpoint,
    ChangeEndpoint,
    DisableEndpoint,
    PauseEndpoint,
    ResumeEndpoint,
)
from notifications.operations.secrets import RotateEndpointSecret

_ALL = (AddEndpoint, ChangeEndpoint, RotateEndpointSecret, ResumeEndpoint, PauseEndpoint, DisableEndpoint)


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    for operation in _ALL:
        register(operation())
