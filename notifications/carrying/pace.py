"""How a loop goes about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Numbers of a loop, in seconds where it is not said.

    Attributes:
        lanes: requests at once, not counting those that hang.
        hanging: threads for those that do; more than there are lanes.
        depth: claimed deliveries for each lane of a healthy endpoint: more let a lane go on without waiting for the database,
            and more are sent twice when the process is killed.
        slow_after: a request that long in the air is one that hangs.
        slice: an endpoint is given back after so long when others may be waiting for lanes.
        linger: a lease is kept for so long when there is nothing to do under it.
        refresh: how old what is known of an endpoint may be.
        renew: how often leases are renewed.
        look: how often somebody looks whether anything is due.
        gather: how long results wait for others to be written with.
        idle: the loop ends when there was nothing to do for so long.
        drain: so long before its end no endpoint is begun with that may hang; what is in the air has so long to end.
        grace: how long it has when the worker ends.

    """

    lanes: int = 32
    hanging: int = 96
    depth: int = 4
    slow_after: float = 1.0
    slice: float = 2.0
    linger: float = 0.25
    refresh: float = 1.0
    renew: float = 10.0
    look: float = 0.05
    gather: float = 0.01
    idle: float = 1.0
    drain: float = 35.0
    grace: float = 3.0
