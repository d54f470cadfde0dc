"""Innermost: runs every mutation to its end, and under an idempotency key at most once, whoever asks how often and whatever breaks in between.

    claim      stored with the operation's id before anything runs; what stands for the same key later goes on under that id
    run        the operation; its attempts and the gateways' own keys derive from the operation's id
    conclude   the reply is stored, or the key is freed, or the lease is ended: errors.proto says which, by the error's reason
    answer     only now, so that what was answered can be replayed

A crash before the claim leaves nothing. After it the key stays leased until the lease passes; the next call with the same request then takes it over and resumes
the operation, which finds what it had recorded. A crash after the reply was stored loses nothing but the answer, which the next call gets.
"""

import asyncio
import hmac
import logging
import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message

from server.domain.clock import Clock
from server.domain.errors import IdempotencyKeyInUse, IdempotencyKeyReused, ValidationError
from server.domain.idempotency import Claim
from server.domain.ports import Store, Transaction
from server.rpc.contract import Rpc
from server.rpc.exchange import IDEMPOTENCY_KEY, REPLAYED, Exchange, Handler, seconds_left
from server.rpc.failures import Failure, Failures, OutOfTime, PayloadTooLarge
from server.rpc.mutations import Mutations
from server.rpc.reasons import Replay
from server.rpc.replies import StoredReplies

_LOG = logging.getLogger(__name__)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

# A call tokenises and then charges, and each of the two gives up after some ten seconds: twice that and more. Longer would only keep a caller waiting after a crash.
LEASE = timedelta(seconds=60)

# What a lease still has when a call under it is cut off, so that two never run at once even if the replicas' clocks differ a little.
_LEASE_MARGIN = 0.9

# Microseconds by which a lease carries the mark of who asked for it.
_MARKS = 1 << 20

# A stream of requests is taken in whole before it counts as one; a file of 5 MiB and what describes it fit.
_MAX_STREAM_BYTES = 6 << 20


class Idempotency:
    """Runs mutations. `hash_key` keys the requests' hashes; while it changes, stored keys look as if they stood for other requests."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        hash_key: bytes,
        failures: Failures,
        mutations: Mutations,
        lease: timedelta = LEASE,
    ) -> None:
        self._store = store
        self._clock = clock
        # A key of its own, so that no hash made here stands for anything made elsewhere with the same secret.
        self._hash_key = hmac.digest(hash_key, b"idempotency", "sha256")
        self._replies = StoredReplies(hmac.digest(hash_key, b"stored replies", "sha256"))
        self._failures = failures
        self._mutations = mutations
        self._lease = lease

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        if not rpc.is_mutation:
            return inner

        async def to_its_end(exchange: Exchange, request: Any) -> bytes:
            messages = await _gathered(request) if rpc.request_streaming else (request,)
            key = exchange.only_value(IDEMPOTENCY_KEY)
            # Keys belong to a caller; nobody knows whose the keys of a public call are.
            wanted = None if key is None or rpc.access.public else self._wanted(exchange, key, messages)
            again = _stream_of(messages) if rpc.request_streaming else request
            mutation = self._run(wanted, inner, exchange, again)
            replayed, reply = await self._mutations.run(mutation, seconds_left(exchange.context))
            if replayed:
                exchange.send_at_the_end((REPLAYED, "true"))
                await exchange.context.send_initial_metadata(((REPLAYED, "true"),))
            if isinstance(reply, Failure):
                raise reply
            return reply

        return to_its_end

    async def _run(
        self, wanted: Claim | None, inner: Handler, exchange: Exchange, request: Any
    ) -> tuple[bool, bytes | Failure]:
        """Whether the reply is replayed, and the reply. Its errors are failures already: nobody may be left to be told of them."""
        try:
            if wanted is None:
                return False, await inner(exchange, request)
            claim = await self._claim(wanted)
            if claim.reply is not None:
                return True, self._replies.reply_of(claim, claim.reply)
            return False, await self._once(claim, inner, exchange, request)
        except Exception as error:  # noqa: BLE001  (logged or told by the failure that is made of it)
            return False, self._failures.of(error, exchange.request_id)

    async def _once(self, claim: Claim, inner: Handler, exchange: Exchange, request: Any) -> bytes | Failure:
        """Runs the operation under its claim, and concludes the claim."""
        assert exchange.call is not None
        exchange.call = replace(
            exchange.call, operation_id=claim.operation_id, resumed=claim.lease > 1, request=self._request_name(claim)
        )
        # Cut off as a crash would do it: nothing may run on without a lease.
        limit = asyncio.timeout(self._lease.total_seconds() * _LEASE_MARGIN)
        reply: bytes | Failure
        try:
            async with limit:
                reply = await inner(exchange, request)
        except Exception as error:  # noqa: BLE001  (logged or told by the failure that is made of it)
            reply = self._failures.of(OutOfTime() if limit.expired() else error, exchange.request_id)
        try:
            await self._store.transaction(lambda tx: self._conclude(tx, claim, reply))
        except Exception as error:  # noqa: BLE001
            # What happened has happened and is durable: an error here must not make a paid payment look unpaid. Until the lease passes the key is in use;
            # then the same request resumes the operation and finds how it ended.
            fields = {"request_id": exchange.request_id, "error": type(error).__name__}
            _LOG.error("a reply could not be kept under its idempotency key", extra=fields)
        return reply

    def _conclude(self, tx: Transaction, claim: Claim, reply: bytes | Failure) -> None:
        match reply.replay if isinstance(reply, Failure) else Replay.STORED:
            case Replay.STORED:
                tx.claims.settle(claim, self._replies.stored_form(claim, reply))
            case Replay.RELEASED:
                tx.claims.release(claim)
            case Replay.RESUMED:
                tx.claims.yield_lease(claim, self._clock.now())

    async def _claim(self, wanted: Claim) -> Claim:
        """The claim to run under, or one that has its reply. Raises IdempotencyKeyReused and IdempotencyKeyInUse."""
        try:
            stored = await self._store.transaction(lambda tx: tx.claims.claim(wanted, wanted.created_at))
        except Exception:  # noqa: BLE001
            # The claim may be stored and the answer lost. Asked again, it is found by its mark; if the storage is down, this fails as well.
            stored = await self._store.transaction(lambda tx: tx.claims.claim(wanted, wanted.created_at))
        if stored is None:
            return wanted
        if not hmac.compare_digest(stored.request_hash, wanted.request_hash):
            raise IdempotencyKeyReused
        # Ours, taken over or stored by a first try, is leased as wanted; nobody else's lease bears our mark.
        if stored.reply is None and stored.leased_until != wanted.leased_until:
            raise IdempotencyKeyInUse
        return stored

    def _wanted(self, exchange: Exchange, key: str, messages: tuple[Message, ...]) -> Claim:
        if _KEY.fullmatch(key) is None:
            raise ValidationError(IDEMPOTENCY_KEY, "must be 1 to 255 visible ASCII characters")
        assert exchange.call is not None
        caller, now = exchange.call.caller, self._clock.now()
        # The operation's mark: of two calls that take a claim over at the same moment, one alone finds its own lease.
        mark = timedelta(microseconds=zlib.crc32(exchange.id.bytes) % _MARKS)
        return Claim(
            merchant_id=caller.merchant_id,
            credential=caller.credential,
            method=exchange.rpc.method,
            key=key,
            request_hash=self._hash(messages),
            operation_id=exchange.id,
            leased_until=now + self._lease + mark,
            created_at=now,
        )

    def _request_name(self, claim: Claim) -> str:
        """The same for a caller's request under a key for as long as the caller repeats it; it tells nothing of either."""
        parts = (claim.merchant_id, claim.credential, claim.method, claim.key, claim.request_hash.hex())
        return hmac.digest(self._hash_key, "\0".join(parts).encode(), "sha256").hex()[:32]

    def _hash(self, messages: tuple[Message, ...]) -> bytes:
        """A keyed hash, as a card number could be found from a plain one by trying them all."""
        digest = hmac.new(self._hash_key, digestmod="sha256")
        for message in messages:
            serialised = message.SerializeToString(deterministic=True)
            digest.update(len(serialised).to_bytes(8))
            digest.update(serialised)
        return digest.digest()


async def _gathered(stream: AsyncIterator[Message]) -> tuple[Message, ...]:
    """All of a stream, which then no more depends on a caller that may hang up. Raises PayloadTooLarge."""
    messages, size = [], 0
    async for message in stream:
        size += message.ByteSize()
        if size > _MAX_STREAM_BYTES:
            raise PayloadTooLarge(_MAX_STREAM_BYTES)
        messages.append(message)
    return tuple(messages)


async def _stream_of(messages: tuple[Message, ...]) -> AsyncIterator[Message]:
    for message in messages:
        yield message
