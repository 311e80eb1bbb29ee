"""Stories."""

from __future__ import annotations

from django.urls import path

from messenger.api import story_views as views

urlpatterns = [
    path("stories", views.StoriesView.as_view(), name="messenger-stories"),
    path("stories/<uuid:story_id>", views.StoryDetailView.as_view(), name="messenger-story"),
    path("stories/<uuid:story_id>/view", views.StoryViewView.as_view(), name="messenger-story-view"),
    path("stories/<uuid:story_id>/views", views.StoryViewsView.as_view(), name="messenger-story-views"),
]
