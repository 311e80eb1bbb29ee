"""Agents in a conversation: who is there and what runs; the switch for all of them."""

from __future__ import annotations

from uuid import UUID

from asgiref.sync import async_to_sync
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from agents import runner
from agents.api import run_bodies
from agents.presentation import conversations as shown
from agents.services import conversations
from core.api.request import actor
from core.api.request import validated


class ConversationView(APIView):
    """The agents of a conversation."""

    throttle_scope = "agents"

    @extend_schema(operation_id="agents_conversation_retrieve", responses=shown.ConversationAgentsShape)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Which listen, what they do this moment, and whether they were stopped; for members."""
        return _answer(actor(request), conversation_id)


class ConversationAgentView(APIView):
    """One agent of a conversation."""

    throttle_scope = "agents"

    @extend_schema(request=run_bodies.ConversationAgentRequest, responses=shown.ConversationAgentsShape)
    def patch(self, request: Request, conversation_id: UUID, agent_id: UUID) -> Response:
        """Whether it answers in a group also when nobody names it: for its owner, who pays; an admin may end it."""
        sent = validated(request, run_bodies.ConversationAgentRequest)
        conversations.set_speaks_up(actor(request), conversation_id, agent_id, speaks_up=sent.speaks_up)
        return _answer(actor(request), conversation_id)


class StopView(APIView):
    """Stopping them all."""

    throttle_scope = "agents"

    @extend_schema(request=None, responses=shown.ConversationAgentsShape)
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """By any member. What runs ends, with what it has said so far; nobody is answered until `resume`."""
        for run_id in conversations.stop_all(actor(request), conversation_id):
            async_to_sync(_stop_here)(run_id)
        return _answer(actor(request), conversation_id)


class ResumeView(APIView):
    """Letting them answer again."""

    throttle_scope = "agents"

    @extend_schema(request=None, responses=shown.ConversationAgentsShape)
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """By who stopped them, or an admin. What was said meanwhile is not answered."""
        conversations.resume(actor(request), conversation_id)
        return _answer(actor(request), conversation_id)


def _answer(user: User, conversation_id: UUID) -> Response:
    subscriptions = conversations.subscriptions(user, conversation_id)
    state = conversations.state_of(conversation_id)
    return Response(
        shown.shown(
            user,
            subscriptions,
            state,
            list(conversations.running(conversation_id)),
            may_resume=conversations.may_resume(user, state),
        )
    )


async def _stop_here(run_id: UUID) -> None:
    await runner.current().stop(run_id, paused=True)
