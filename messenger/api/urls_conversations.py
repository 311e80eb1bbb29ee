"""Conversations, their members, invites, blocks, contacts."""

from __future__ import annotations

from django.urls import path

from messenger.api import conversation_views
from messenger.api import member_views
from messenger.api import people_views

_ONE = "conversations/<uuid:conversation_id>"

urlpatterns = [
    path("conversations", conversation_views.ConversationsView.as_view(), name="messenger-conversations"),
    path(_ONE, conversation_views.ConversationView.as_view(), name="messenger-conversation"),
    path(f"{_ONE}/settings", conversation_views.SettingsView.as_view(), name="messenger-settings"),
    path(f"{_ONE}/draft", conversation_views.DraftView.as_view(), name="messenger-draft"),
    path(f"{_ONE}/export", conversation_views.ExportView.as_view(), name="messenger-export"),
    path(f"{_ONE}/participants", member_views.ParticipantsView.as_view(), name="messenger-participants"),
    path(f"{_ONE}/participants/<uuid:user_id>", member_views.ParticipantView.as_view(), name="messenger-participant"),
    path(f"{_ONE}/invites", member_views.InvitesView.as_view(), name="messenger-invites"),
    path(f"{_ONE}/invites/<uuid:invite_id>", member_views.InviteView.as_view(), name="messenger-invite"),
    path("invites/<str:token>", member_views.InviteLookView.as_view(), name="messenger-invite-look"),
    path("invites/<str:token>/join", member_views.InviteJoinView.as_view(), name="messenger-invite-join"),
    path("contacts", people_views.ContactsView.as_view(), name="messenger-contacts"),
    path("users", people_views.UsersView.as_view(), name="messenger-users"),
    path("presence", people_views.PresenceView.as_view(), name="messenger-presence"),
    path("blocks", people_views.BlocksView.as_view(), name="messenger-blocks"),
    path("blocks/<uuid:user_id>", people_views.BlockView.as_view(), name="messenger-block"),
]
