"""``/api/auth/…``"""

from __future__ import annotations

from django.urls import path

from accounts.api import staff
from accounts.api import views
from accounts.api import views_telegram

urlpatterns = [
    path("auth/register", views.RegisterView.as_view(), name="auth-register"),
    path("auth/login", views.LoginView.as_view(), name="auth-login"),
    path("auth/magic-link", views.MagicLinkView.as_view(), name="auth-magic-link"),
    path("auth/verify-magic-link", views.VerifyMagicLinkView.as_view(), name="auth-verify-magic-link"),
    path("auth/email/verification", views.EmailVerificationView.as_view(), name="auth-email-verification"),
    path("auth/email/verify", views.EmailVerifyView.as_view(), name="auth-email-verify"),
    path("auth/email/change", views.EmailChangeView.as_view(), name="auth-email-change"),
    path("auth/email/confirm", views.EmailConfirmView.as_view(), name="auth-email-confirm"),
    path("auth/password/reset-request", views.ResetRequestView.as_view(), name="auth-password-reset-request"),
    path("auth/password/reset", views.ResetView.as_view(), name="auth-password-reset"),
    path("auth/telegram", views_telegram.TelegramView.as_view(), name="auth-telegram"),
    path("auth/telegram/link", views_telegram.TelegramLinkView.as_view(), name="auth-telegram-link"),
    path("auth/refresh", views.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", views.LogoutView.as_view(), name="auth-logout"),
    path("auth/logout/all", views.LogoutAllView.as_view(), name="auth-logout-all"),
    path("auth/me", views.MeView.as_view(), name="auth-me"),
    path("auth/me/export", views.DataExportView.as_view(), name="auth-me-export"),
    path("auth/password", views.PasswordView.as_view(), name="auth-password"),
    path("auth/sessions", views.SessionListView.as_view(), name="auth-sessions"),
    path("auth/sessions/<uuid:session_id>", views.SessionView.as_view(), name="auth-session"),
    path("auth/ws-ticket", views.TicketView.as_view(), name="auth-ws-ticket"),
    # Staff.
    path("admin/stats", staff.StatsView.as_view(), name="admin-stats"),
    path("admin/charts", staff.ChartsView.as_view(), name="admin-charts"),
    path("admin/health", staff.HealthView.as_view(), name="admin-health"),
    path("admin/users", staff.UserListView.as_view(), name="admin-users"),
    path("admin/ai-jobs", staff.JobListView.as_view(), name="admin-ai-jobs"),
]
