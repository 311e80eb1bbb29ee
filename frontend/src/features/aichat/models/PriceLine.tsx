import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { limit } from "@/lib/config";
import { errorText } from "@/lib/errorText";
import { codePoints } from "@/lib/growingText";
import { formatNumber } from "@/lib/i18n";
import { classes, toast } from "@/ui";

import { draftOf } from "../composer/draft";
import { estimate as ask } from "../model/api";
import type { Conversation } from "../model/conversation";
import { dollars } from "../money";
import type { Estimate, EstimateRequest } from "../shapes";
import { chooseEffort, effortOf, modelOf } from "./choose";
import styles from "./models.module.css";
import { t } from "./priceWords";
import { effortName } from "./words";

const PAUSE_MS = 400;

/**
 * What sending would take, or the one thing that matters more: that it is too long, that it does not fit, that the price
 * jumps. One line whatever it says, so that nothing moves below the fingers of who writes.
 */
export function PriceLine({ conversation }: { conversation: Conversation }) {
  const known = useEstimate(conversation);
  const excess = codePoints(draftOf(conversation).text.value) - limit("max_message_chars");
  if (excess > 0) return <p class={classes(styles.cost, styles.warn)}>{t("tooLong", { count: excess })}</p>;
  if (known === null) return <p class={styles.cost} />;
  if (!known.fits) return <Unfit conversation={conversation} known={known} />;
  const { prompt_tokens: prompt, typical, at_most: most, left_out: leftOut } = known;
  const counts = { prompt: formatNumber(prompt), typical: formatNumber(typical), most: formatNumber(most) };
  return (
    <p class={classes(styles.cost, known.step !== null && styles.step)} title={t("costTitle", counts)}>
      {known.step === null ? plain(known, counts) : stepped(known, known.step)}
      {leftOut > 0 && ` · ${t("willLeaveOut", { count: leftOut })}`}
    </p>
  );
}

type Counts = Record<"prompt" | "typical" | "most", string>;

function plain({ typical_cost: cost, at_most_cost: mostCost }: Estimate, counts: Counts): string {
  if (cost === null || mostCost === null || Number(mostCost) === 0) return t("willCost", counts);
  return t("willCostMoney", { ...counts, money: dollars(cost), mostMoney: dollars(mostCost) });
}

function stepped({ typical_cost: cost, at_most_cost: mostCost }: Estimate, step: NonNullable<Estimate["step"]>): string {
  const { tokens } = step;
  const times = formatNumber(Number(step.times));
  if (cost === null || mostCost === null) return t("willStepPlain", { tokens, times });
  return t("willStep", { tokens, times, money: dollars(cost), mostMoney: dollars(mostCost) });
}

function Unfit({ conversation, known }: { conversation: Conversation; known: Estimate }) {
  const { effort, fits_effort: fitting, prompt_tokens: prompt, tokens_left: left } = known;
  const model = modelOf(conversation);
  const take = (wanted: string) => {
    if (model === undefined) return;
    chooseEffort(conversation, model, wanted).catch((error: unknown) => toast(errorText(error), { tone: "danger" }));
  };
  return (
    <p class={classes(styles.cost, styles.warn)}>
      {fitting !== null && effort !== null ? (
        <>
          {t("tooDear", { effort: effortName(effort) })}
          <button type="button" onClick={() => take(fitting)}>
            {t("useEffort", { effort: effortName(fitting) })}
          </button>
        </>
      ) : (
        t("notEnough", { prompt, left: left ?? 0 })
      )}
    </p>
  );
}

/** Asked of the server when the typing pauses, and at once when another model or effort is chosen. */
function useEstimate(conversation: Conversation): Estimate | null {
  const { text, uploads } = draftOf(conversation);
  const known = useSignal<Estimate | null>(null);
  const written = useRef({ content: "", files: uploads.files.peek() });
  const content = text.value;
  const files = uploads.files.value;
  const chatId = conversation.chat.value?.id;
  const model = conversation.model.value;
  const effort = conversation.effort.value === null ? null : effortOf(conversation, modelOf(conversation));
  const isEmpty = content.trim() === "" && files.length === 0;
  // A model that its maker has switched off has no price; the note above the field says how to go on.
  const isEnded = conversation.chat.value?.model_end?.ended === true;
  const isWanted = !isEnded && (!isEmpty || conversation.isChoosing.value);

  useEffect(() => {
    if (!isWanted) {
      known.value = null;
      return;
    }
    const abort = new AbortController();
    const request: EstimateRequest = {
      content,
      attachments: files.map((file) => file.id),
      ...(chatId !== undefined && { chat_id: chatId }),
      ...(model !== undefined && { model }),
      ...(effort !== null && { effort }),
    };
    const isTyping = content !== written.current.content || files !== written.current.files;
    written.current = { content, files };
    const timer = setTimeout(
      () => {
        // Without the number one can still send; the server checks again anyway.
        ask(request, abort.signal).then(
          (answer) => (known.value = answer),
          () => {
            if (!abort.signal.aborted) known.value = null;
          },
        );
      },
      isTyping ? PAUSE_MS : 0,
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [isWanted, content, files, chatId, model, effort, known]);

  return isWanted ? known.value : null;
}
