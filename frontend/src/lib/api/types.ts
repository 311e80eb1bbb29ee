/**
 * The shapes the server answers with.
 *
 * Every name here equals a component of the server's OpenAPI schema, so a type moves to the generated file by becoming
 * `components["schemas"]["Name"]` and nothing that imports it changes.
 */
import type { Language } from "@/lib/i18n";

export interface Page<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}

export interface Config {
  environment: string;
  modules: string[];
  providers: Record<string, Provider[]>;
  languages: Language[];
  limits: { max_upload_bytes: number; max_message_chars: number };
}

export interface Provider {
  name: string;
  label: string;
  real: boolean;
}

export interface User {
  id: string;
  username: string;
  email: string | null;
  avatar_url: string | null;
  bio: string;
  kind: "human" | "agent";
  language: string;
  is_verified: boolean;
  is_staff: boolean;
  created_at: string;
  /** The last four come from billing and are absent on a server without it. */
  subscription_tier?: string;
  tokens_used?: number;
  tokens_limit?: number;
  reset_at?: string;
}

export interface Grant {
  user: User;
  access_token: string;
  refresh_token: string;
  /** Seconds the access token lives. */
  expires_in: number;
}

export interface Session {
  id: string;
  user_agent: string;
  ip: string | null;
  created_at: string;
  last_used_at: string;
  is_current: boolean;
}

export interface Plan {
  id: string;
  name: string;
  price_cents: number;
  currency: string;
  /** -1 means no limit. */
  tokens_limit: number;
  reset_interval_seconds: number;
  call_minutes: number;
  features: string[];
}

export interface Subscription {
  plan: Plan;
  tier: string;
  status: "active" | "canceled" | "past_due" | "unpaid";
  current_period_start: string | null;
  current_period_end: string | null;
  cancel_at_period_end: boolean;
}

export interface Usage {
  tokens_used: number;
  tokens_held: number;
  tokens_limit: number;
  reset_at: string;
  is_unlimited: boolean;
  by_feature: { feature: string; tokens: number; requests: number }[];
  by_day: { date: string; total: number; features: Record<string, number> }[];
}

export interface UploadedFile {
  id: string;
  name: string;
  mime_type: string;
  kind: "image" | "pdf" | "text" | "other";
  size: number;
  width: number | null;
  height: number | null;
  /** A signed link that lives for a short time; `GET /api/files/:id` gives a fresh one. */
  url: string;
  created_at: string;
}
