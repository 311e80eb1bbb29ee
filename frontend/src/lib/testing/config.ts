/** What a server with every module says of itself. Tests only. */
import type { Config } from "../api";

export const SERVER_LIMITS = {
  max_upload_bytes: 20_000_000,
  max_message_file_bytes: 50_000_000,
  upload_chunk_bytes: 8_388_608,
  max_page_size: 100,
  min_username_chars: 3,
  max_username_chars: 50,
  max_display_name_letters: 64,
  min_password_chars: 8,
  max_message_chars: 200_000,
  max_chat_title_chars: 200,
  max_instructions_chars: 4000,
  max_group_members: 1000,
  max_group_name_chars: 100,
  max_chat_text_chars: 10_000,
  shown_group_members: 50,
  max_quoted_chars: 200,
  max_story_caption_chars: 500,
  max_forward_targets: 20,
  max_ids_per_request: 100,
  min_user_search_chars: 2,
  edit_window_seconds: 172_800,
  call_ring_seconds: 45,
  call_beat_seconds: 10,
  max_mesh_video: 4,
  max_mesh_people: 6,
  max_ice_candidates: 20,
} satisfies Required<Config["limits"]>;

export const SERVER_CONFIG: Config = {
  environment: "test",
  modules: ["accounts", "billing", "messenger", "aichat"],
  providers: { mail: [{ name: "smtp", label: "SMTP", real: true }] },
  payments: { provider: "demo", stripe_publishable_key: "" },
  sign_in: { telegram: false },
  languages: ["uk", "en"],
  show_costs: "everyone",
  limits: SERVER_LIMITS,
};
