"""``/api/chats``"""

from __future__ import annotations

from django.urls import path

from aichat.api import chat_views
from aichat.api import import_views
from aichat.api import message_views
from aichat.api import share_views

_MESSAGE = "chats/<uuid:chat_id>/messages/<uuid:message_id>"

urlpatterns = [
    path("chats", chat_views.ChatsView.as_view(), name="chats"),
    path("chats/models", chat_views.ModelsView.as_view(), name="chat-models"),
    path("chats/estimate", chat_views.EstimateView.as_view(), name="chat-estimate"),
    path("chats/preferences", chat_views.PreferencesView.as_view(), name="chat-preferences"),
    path("chats/imports", import_views.ImportsView.as_view(), name="chat-imports"),
    path("chats/<uuid:chat_id>", chat_views.ChatView.as_view(), name="chat"),
    path("chats/<uuid:chat_id>/export", chat_views.ExportView.as_view(), name="chat-export"),
    path("chats/<uuid:chat_id>/messages", message_views.MessagesView.as_view(), name="chat-messages"),
    path("chats/<uuid:chat_id>/shares", share_views.ChatSharesView.as_view(), name="chat-shares-of"),
    path("chat-shares", share_views.SharesView.as_view(), name="chat-shares"),
    path("chat-shares/<uuid:share_id>", share_views.ShareView.as_view(), name="chat-share"),
    path("shared-chats/<str:token>", share_views.SharedChatView.as_view(), name="shared-chat"),
    path(f"{_MESSAGE}/seen", message_views.SeenView.as_view(), name="chat-message-seen"),
    path(f"{_MESSAGE}/regenerate", message_views.RegenerateView.as_view(), name="chat-message-regenerate"),
    path(f"{_MESSAGE}/continue", message_views.ContinueView.as_view(), name="chat-message-continue"),
    path(f"{_MESSAGE}/stop", message_views.StopView.as_view(), name="chat-message-stop"),
    path(f"{_MESSAGE}/stream", message_views.StreamView.as_view(), name="chat-message-stream"),
]
