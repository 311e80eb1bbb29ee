"""``/api/agents``"""

from __future__ import annotations

from django.urls import path

from agents.api import conversation_views
from agents.api import function_views
from agents.api import run_views
from agents.api import source_views
from agents.api import views

_AGENT = "agents/<uuid:agent_id>"
_CONVERSATION = "agents/conversations/<uuid:conversation_id>"
_SOURCE = f"{_AGENT}/sources/<uuid:source_id>"
_FUNCTION = f"{_AGENT}/functions/<uuid:function_id>"

urlpatterns = [
    path("agents", views.AgentsView.as_view(), name="agents"),
    path("agents/templates", views.TemplatesView.as_view(), name="agent-templates"),
    path("agents/templates/<slug:template_id>/try", run_views.TryView.as_view(), name="agent-template-try"),
    path("agents/tools", function_views.ToolsView.as_view(), name="agent-tools"),
    path("agents/import", views.ImportView.as_view(), name="agent-import"),
    path("agents/runs/<uuid:run_id>", run_views.RunView.as_view(), name="agent-run"),
    path("agents/runs/<uuid:run_id>/stream", run_views.RunStreamView.as_view(), name="agent-run-stream"),
    path("agents/runs/<uuid:run_id>/stop", run_views.StopRunView.as_view(), name="agent-run-stop"),
    path("agents/runs/<uuid:run_id>/continue", run_views.ContinueRunView.as_view(), name="agent-run-continue"),
    path(
        "agents/runs/<uuid:run_id>/approvals/<uuid:step_id>",
        run_views.ApprovalView.as_view(),
        name="agent-run-approval",
    ),
    path(_CONVERSATION, conversation_views.ConversationView.as_view(), name="agent-conversation"),
    path(f"{_CONVERSATION}/stop", conversation_views.StopView.as_view(), name="agent-conversation-stop"),
    path(f"{_CONVERSATION}/resume", conversation_views.ResumeView.as_view(), name="agent-conversation-resume"),
    path("agents/estimate", views.EstimateView.as_view(), name="agent-estimate"),
    path(_AGENT, views.AgentView.as_view(), name="agent"),
    path(f"{_AGENT}/execute", run_views.ExecuteView.as_view(), name="agent-execute"),
    path(f"{_AGENT}/runs", run_views.RunsView.as_view(), name="agent-runs"),
    path(f"{_AGENT}/draft", views.DraftView.as_view(), name="agent-draft"),
    path(f"{_AGENT}/publish", views.PublishView.as_view(), name="agent-publish"),
    path(f"{_AGENT}/duplicate", views.DuplicateView.as_view(), name="agent-duplicate"),
    path(f"{_AGENT}/export", views.ExportView.as_view(), name="agent-export"),
    path(f"{_AGENT}/functions/approve", function_views.ApproveView.as_view(), name="agent-approve"),
    path(f"{_FUNCTION}/test", function_views.TestView.as_view(), name="agent-function-test"),
    path(f"{_FUNCTION}/rotate", function_views.RotateView.as_view(), name="agent-function-rotate"),
    path(f"{_AGENT}/sources", source_views.SourcesView.as_view(), name="agent-sources"),
    path(f"{_SOURCE}", source_views.SourceView.as_view(), name="agent-source"),
    path(f"{_SOURCE}/refresh", source_views.RefreshView.as_view(), name="agent-source-refresh"),
]
