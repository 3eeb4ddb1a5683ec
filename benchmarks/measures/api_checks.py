"""What a call costs before and after its work: the token's check, and the key's claim, take and finish. In process."""

from __future__ import annotations

from benchmarks import django_processes
from benchmarks.api_bank import api_bank
from benchmarks.measure import Bench, Measure, Measured, Target

_ROUNDS = 300


def _run(bench: Bench) -> Measured:
    with api_bank(bench, partners=1) as bank:
        told: dict[str, float] = django_processes.call(_timed, bank.tokens[0], database_url=bank.database_url)
    return Measured(told.pop("together_ms"), told)


def _timed(token: str) -> dict[str, float]:
    """Return the median milliseconds of each, after a warm-up; the effect under the key is empty."""
    from bankops.core import clock, idempotency, ids
    from bankops.core.idempotency import Answer, Attempt
    from benchmarks.bench_people import timed
    from partners.authentication import authenticate

    def check() -> None:
        authenticate(f"Bearer {token}", address="127.0.0.1", now=clock.now())

    def once() -> None:
        key = str(ids.uuid7())
        idempotency.once(
            attempt=Attempt("crd_bench", key, idempotency.digest_of("POST", "/", key), "POST", "/"),
            effect=lambda _record: Answer(201, "{}", {}),
            refused=lambda _error: Answer(422, "{}", {}),
            broken=lambda _error: Answer(500, "{}", {}),
            now=clock.now(),
        )

    def together() -> None:
        check()
        once()

    measures = {"token_ms": check, "key_ms": once, "together_ms": together}
    return {name: round(timed(measure, _ROUNDS), 2) for name, measure in measures.items()}


MEASURE = Measure(name="api_token_and_key_ms", unit="ms", run=_run, target=Target(value_max=3))
