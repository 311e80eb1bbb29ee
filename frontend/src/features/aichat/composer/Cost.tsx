import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { formatNumber } from "@/lib/i18n";
import { classes } from "@/ui";

import { estimate } from "../model/api";
import type { Conversation } from "../model/conversation";
import type { Estimate, EstimateRequest } from "../shapes";
import { t } from "../words";
import styles from "./composer.module.css";
import { draftOf } from "./draft";

const PAUSE_MS = 400;

/** What sending would cost, asked of the server when the typing pauses. */
export function Cost({ conversation }: { conversation: Conversation }) {
  const { text, uploads } = draftOf(conversation);
  const known = useSignal<Estimate | null>(null);
  const content = text.value;
  const files = uploads.files.value;
  const chatId = conversation.chat.value?.id;
  const model = conversation.model.value;
  const empty = content.trim() === "" && files.length === 0;

  useEffect(() => {
    if (empty) {
      known.value = null;
      return;
    }
    const abort = new AbortController();
    const request: EstimateRequest = {
      content,
      attachments: files.map((file) => file.id),
      ...(chatId !== undefined && { chat_id: chatId }),
      ...(model !== undefined && { model }),
    };
    const timer = setTimeout(() => {
      // Without the number one can still send; the server checks again anyway.
      estimate(request, abort.signal).then(
        (answer) => (known.value = answer),
        () => (known.value = null),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [empty, content, files, chatId, model, known]);

  if (known.value === null || empty) return null;
  const { prompt_tokens: prompt, max_tokens: answer, estimated_tokens: total, fits, left_out: leftOut } = known.value;
  return (
    <p
      class={classes(styles.cost, !fits && styles.tooMuch)}
      title={t("costTitle", { prompt: formatNumber(prompt), answer: formatNumber(answer) })}
    >
      {t("cost", { count: formatNumber(total) })}
      {!fits && ` · ${t("notEnough")}`}
      {leftOut > 0 && ` · ${t("willLeaveOut", { count: leftOut })}`}
    </p>
  );
}
