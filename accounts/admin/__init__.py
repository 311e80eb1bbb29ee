"""The operators' door to users, agents, sessions, jobs and the audit log."""

from accounts.admin import agent_users
from accounts.admin import audit_log
from accounts.admin import groups
from accounts.admin import jobs
from accounts.admin import login
from accounts.admin import model_keys
from accounts.admin import personal_data
from accounts.admin import sign_ins
from accounts.admin import users

__all__ = ["agent_users", "audit_log", "groups", "jobs", "login", "model_keys", "personal_data", "sign_ins", "users"]
"""Importing them registers their pages."""
