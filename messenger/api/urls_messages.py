"""Messages, reactions, receipts, search."""

from __future__ import annotations

from django.urls import path

from messenger.api import finding_views as finding
from messenger.api import message_views as views

_IN = "conversations/<uuid:conversation_id>"
_MESSAGE = "messages/<uuid:message_id>"

urlpatterns = [
    path(f"{_IN}/messages", views.MessagesView.as_view(), name="messenger-messages"),
    path(f"{_IN}/messages/at", views.DayView.as_view(), name="messenger-messages-at"),
    path(f"{_IN}/media", finding.MediaView.as_view(), name="messenger-media"),
    path(f"{_IN}/pins", views.PinsView.as_view(), name="messenger-pins"),
    path(f"{_IN}/read", finding.ReadView.as_view(), name="messenger-read"),
    path(f"{_IN}/typing", finding.TypingView.as_view(), name="messenger-typing"),
    path(_MESSAGE, views.MessageView.as_view(), name="messenger-message"),
    path(f"{_MESSAGE}/forward", views.ForwardView.as_view(), name="messenger-forward"),
    path(f"{_MESSAGE}/reactions", views.ReactionsView.as_view(), name="messenger-reactions"),
    path(f"{_MESSAGE}/reactions/<str:emoji>", views.ReactionView.as_view(), name="messenger-reaction"),
    path(f"{_MESSAGE}/pin", views.PinView.as_view(), name="messenger-pin"),
    path(f"{_MESSAGE}/receipts", views.ReceiptsView.as_view(), name="messenger-receipts"),
    path("search", finding.SearchView.as_view(), name="messenger-search"),
    path("media/links", finding.MediaLinksView.as_view(), name="messenger-media-links"),
    path("unread", finding.UnreadView.as_view(), name="messenger-unread"),
]
