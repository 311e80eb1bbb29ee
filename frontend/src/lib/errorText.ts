import { ApiError } from "./api";
import { clock } from "./countdown";
import { OURS, UKRAINIAN } from "./errorWords";
import { dictionary, language } from "./i18n";

const t = dictionary(OURS);

/** A sentence in the reader's language: ours by the error's code, else the server's own. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t("unknown");
  switch (error.code) {
    case "rate_limited":
    case "locked_out":
      return t(error.code, { time: clock(error.retryAfter ?? 60) });
    case "network":
    case "bad_response":
    case "not_found":
    case "token_limit_exceeded":
    case "upgrade_required":
    case "sign_in_again":
    case "mail_unavailable":
    case "unreadable":
      return t(error.code);
    default:
      return translated(error.code, error.message);
  }
}

function translated(code: string, sentence: string): string {
  const ukrainian = language.value === "uk" && Object.hasOwn(UKRAINIAN, code) ? UKRAINIAN[code] : undefined;
  return ukrainian?.replace("{sentence}", sentence).trim() ?? sentence;
}
