"""The one path from a request to a plan that all language models share; a vendor's file adds how it is asked.

prompt -> call (translated errors, retries, parameters dropped that a model refuses) -> reply -> draft -> gate
"""

from __future__ import annotations

import asyncio
import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar

from cartridge.ai.base import AIProvider
from cartridge.ai.call_log import Answer, CallLog
from cartridge.ai.fault import TRANSPORT_ERRORS, ErrorMap, Fault, Spellings, problem, read_fault, refused_parameter
from cartridge.ai.mend import completed, errors_of, told, without_errors
from cartridge.ai.parts import Job, job_for
from cartridge.ai.prompt import Prompt
from cartridge.ai.reply_cache import ReplyCache, default_folder
from cartridge.ai.settings import MASK, read_settings
from cartridge.ai.vendors import VENDORS, Vendor
from cartridge.domain.plan import ExecutionPlan, Finding, ModelGenerationRequest
from cartridge.errors import CartridgeError, InputError, TruncatedReplyError
from cartridge.plan import Scope, judge, scope_of
from cartridge.plan.finding import raise_errors

FIRST_WAIT = 0.5
"""Seconds before the first repetition where the vendor says nothing; doubled each time, up to `LONGEST_WAIT`."""
LONGEST_WAIT = 60.0
"""Who asks for a longer wait than this gets none: the error is raised with the time that was asked for."""

_ECHO = 2_000
"""So many characters of an answer that could not be read go back to the model."""

CLOSE_CONNECTIONS = {"Connection": "close"}
"""A connection kept open belongs to one event loop and breaks the next. A call takes seconds, a handshake little."""


@dataclass
class Said:
    """The conversations under way: what was asked, what came back, whose answer each action is, what was not read."""

    prompts: list[Prompt]
    answers: list[Answer]
    owners: dict[str, int]
    unread: Mapping[int, CartridgeError]

    def concerned(self, errors: Sequence[Finding]) -> dict[int, list[str]]:
        """What is wrong, by the conversation that it belongs to; errors of no action belong to all."""
        found = {at: [str(error)] for at, error in self.unread.items()}
        for error in errors:
            owner = self.owners.get(error.action or "")
            for at in range(len(self.prompts)) if owner is None else (owner,):
                found.setdefault(at, []).append(f"{error.message}. {error.mend}".strip())
        return found

    def mendable(self, errors: Sequence[Finding]) -> dict[int, list[str]]:
        """The same without the answers that were cut off: asked again, they would be so again."""
        return {at: wrong for at, wrong in self.concerned(errors).items() if self.answers[at].cut_off is None}

    def told(self, at: int, wrong: Sequence[str]) -> Prompt:
        """A conversation with what is wrong. Of what could not be read the beginning is enough."""
        text = self.answers[at].text or ""
        text = text[:_ECHO] if at in self.unread else text
        return self.prompts[at].answered(text.strip() or "(no text)", told(wrong))


class ModelProvider(AIProvider):
    """A language model behind a vendor's own SDK.

    `client` is the SDK's async client: made on first access, kept for the provider's life, and whatever a user replaces
    on it is what gets called, in any event loop.

    Raises:
        ProviderConfigError: an unknown configuration key, a wrong value, or no API key (a `ValueError`).
    """

    vendor_name: ClassVar[str]
    errors: ClassVar[ErrorMap]
    optional: ClassVar[Spellings]

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.settings = read_settings(self.vendor, config)
        self.spent = CallLog(self.settings, self.vendor_name)
        self._refused: dict[str, int] = {}
        self._cache = ReplyCache(self.vendor_name, self.settings, default_folder()) if self.settings.cache else None

    @property
    def vendor(self) -> Vendor:
        """The vendor's entry in the registry."""
        return VENDORS[self.vendor_name]

    @property
    def model(self) -> str:
        """The model that is asked."""
        return self.settings.model

    @property
    def temperature(self) -> float:
        """The temperature that is asked for."""
        return self.settings.temperature

    @cached_property
    def client(self) -> Any:
        """The SDK's async client."""
        return self._make_client()

    def __repr__(self) -> str:
        key = MASK if self.settings.api_key else None
        return f"{type(self).__name__}(model={self.model!r}, base_url={self.settings.server!r}, api_key={key!r})"

    async def generate_execution_plan(self, request: ModelGenerationRequest) -> ExecutionPlan:
        """The model's plan for a request, mended by the gate where it can be mended without guessing.

        One call where the request fits into one; parts of a large one run side by side. A plan with errors, or an
        answer that is none, goes back to the model with what is wrong, `repairs` times at most. `strict` and `complete`
        say what follows then.

        Raises:
            InvalidReplyError: the answer is no plan ("Invalid JSON response ...").
            EmptyReplyError: the answer holds no text ("Empty response ...").
            PlanError: the plan could not be written or built as it stands.
            ProviderError: the model could not be asked; one subclass for each reason.
        """
        if not isinstance(request, ModelGenerationRequest):
            raise InputError(f"request: must be a ModelGenerationRequest, got {type(request).__name__}")
        scope = await asyncio.to_thread(scope_of, request)
        job = await asyncio.to_thread(job_for, scope, self.settings)
        answers = await self._ask_all(job.prompts)
        draft = await asyncio.to_thread(job.assemble, answers)
        plan = await asyncio.to_thread(judge, draft.plan, scope)
        said = Said(list(job.prompts), answers, draft.owners, draft.unread)
        plan = await self._repaired(plan, job, said, scope)
        if said.unread and (self.settings.strict or len(said.unread) == len(job.prompts)):
            raise next(iter(said.unread.values()))
        await asyncio.to_thread(self._keep, plan, job, said)
        return await asyncio.to_thread(self._settled, plan, scope)

    def _keep(self, plan: ExecutionPlan, job: Job, said: Said) -> None:
        """Keeps the last answer to each prompt for the next time, except those in which the gate found errors."""
        if self._cache is None:
            return
        wrong = said.concerned(errors_of(plan)).keys()
        for at, (prompt, answer) in enumerate(zip(job.prompts, said.answers, strict=True)):
            if answer.text and answer.cut_off is None and at not in wrong:
                self._cache.keep(prompt, answer.text)

    async def _repaired(self, plan: ExecutionPlan, job: Job, said: Said, scope: Scope) -> ExecutionPlan:
        """The plan after its errors went back to the model, as often as asked for."""
        for _ in range(self.settings.repairs):
            concerned = said.mendable(errors_of(plan))
            if not concerned:
                break
            for at, wrong in concerned.items():
                said.prompts[at] = said.told(at, wrong)
            asked = await self._ask_all([said.prompts[at] for at in concerned])
            mended = dict(zip(concerned, asked, strict=True))
            answers = [mended.get(at, answer) for at, answer in enumerate(said.answers)]
            draft = await asyncio.to_thread(job.assemble, answers)
            if draft.unread.keys() - said.unread.keys():
                break  # The plan that was there is better than none.
            said.answers, said.owners, said.unread = answers, draft.owners, draft.unread
            plan = await asyncio.to_thread(judge, draft.plan, scope)
        return plan

    def _settled(self, plan: ExecutionPlan, scope: Scope) -> ExecutionPlan:
        """The plan as it goes out: without errors, and completed, as far as that is asked for."""
        if self.settings.strict:
            raise_errors(plan.findings)
        plan = without_errors(plan, scope)
        return completed(plan, scope) if self.settings.complete else plan

    async def _ask_all(self, prompts: Sequence[Prompt]) -> list[Answer]:
        """The answers to several prompts, so many at once as is asked for. The first error stops the others.

        An answer that was kept is no call. One that was cut off is an error, unless the rest is to be completed.
        """
        limit = asyncio.Semaphore(self.settings.concurrency)

        async def one(prompt: Prompt) -> Answer:
            kept = self._cache.find(prompt) if self._cache else None
            if kept is not None:
                return Answer(kept)
            async with limit:
                answer = await self.ask(prompt)
            if answer.cut_off and (self.settings.strict or not self.settings.complete):
                raise answer.cut_off
            return answer

        if len(prompts) == 1:
            return [await one(prompts[0])]
        tasks = [asyncio.ensure_future(one(prompt)) for prompt in prompts]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def ask(self, prompt: Prompt) -> Answer:
        """One prompt, one answer: repeats what is worth repeating, and leaves out parameters that the model refuses."""
        repeated = 0
        while True:
            known = dict(self._refused)
            with self.spent.reserve(prompt):
                fault = await self._attempt(prompt)
            if isinstance(fault, Answer):
                return fault
            if fault.refused and (known != self._refused or self._leave_out(fault.text)):
                continue
            if not fault.repeatable or repeated >= self.settings.max_retries:
                raise fault.error
            await asyncio.sleep(self._pause(fault, repeated))
            repeated += 1

    async def _attempt(self, prompt: Prompt) -> Answer | Fault:
        """One call over the wire. Errors that are none of the vendor's pass as they are."""
        try:
            async with asyncio.timeout(self.settings.timeout):
                answer = await self._call(prompt)
        except Exception as error:
            # The border to the SDK, whose errors have no common root. What is not in the map passes unchanged.
            fault = read_fault(error, {**TRANSPORT_ERRORS, **self.errors}, self.vendor, self.settings)
            self.spent.failed(prompt, fault.error if fault else error)
            if fault is None:
                raise
            return fault
        self.spent.answered(prompt, answer)
        return answer

    def cut_off(self) -> CartridgeError:
        """What is wrong with an answer that ended at the output limit."""
        return problem(TruncatedReplyError, self.vendor, self.settings)

    def _leave_out(self, text: str) -> bool:
        """Notes the parameter that the vendor's message names as refused; whether there was one to leave out."""
        left = {name: words for name, words in self.optional.items() if self._refused.get(name, 0) < self._rungs(name)}
        name = refused_parameter(text, left)
        if name is None:
            return False
        self._refused[name] = self._refused.get(name, 0) + 1
        return True

    def _rungs(self, name: str) -> int:
        """How many weaker forms a parameter has, absence included."""
        return 1

    def _pause(self, fault: Fault, repeated: int) -> float:
        """Seconds until the next attempt: as long as the vendor asks, else growing, with a spread."""
        if fault.wait is None:
            return float(min(LONGEST_WAIT, FIRST_WAIT * 2**repeated) * random.uniform(0.75, 1.25))  # noqa: S311
        if fault.wait > LONGEST_WAIT:
            raise fault.error
        return fault.wait

    @abstractmethod
    def _make_client(self) -> Any:
        """The SDK's async client, without retries of its own and without connections that outlive a call."""

    @abstractmethod
    async def _call(self, prompt: Prompt) -> Answer:
        """One call through `self.client`; raises the SDK's errors, or ours for what the reply itself says."""


def real_text(value: object) -> str | None:
    """A string that is one: attributes of mocks, which are always there and always true, do not count."""
    value = value.value if isinstance(value, Enum) else value
    return value if isinstance(value, str) and value else None


def real_count(*values: object) -> int | None:
    """The sum of the whole numbers that are some; None where none is."""
    counts = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return sum(counts) if counts else None


def first(value: object) -> Any:
    """The first item of a list that is one, or None."""
    return value[0] if isinstance(value, list | tuple) and value else None
