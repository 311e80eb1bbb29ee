import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { clock, useCountdown } from "@/lib/countdown";
import { dictionary } from "@/lib/i18n";
import { Button, Switch, toast, useQuestion } from "@/ui";

import type { Approval } from "../shapes";
import { agentErrorText } from "../words/problems";
import { t as shared } from "../words";
import styles from "./approvals.module.css";
import { wireText } from "./wire";

const t = dictionary({
  en: {
    title: { one: "May it make this call?", other: "May it make these {count} calls?" },
    to: "{name} → {host}",
    writes: "It may change something there.",
    owner_asks: "Its owner wants to be asked.",
    private_to_outside: "It has read something of yours and something from outside. What it sends now may hold both.",
    again_after_unknown: "It has tried this before, and nobody knows whether that was done. A yes may do it twice.",
    sent: "This is sent, to the letter:",
    given: "With these arguments:",
    yes: "Allow",
    no: "Do not allow",
    remember: "Do not ask again for this function",
    rememberHint: "For 30 days, as long as the function stays what it is.",
    until: "Without an answer it is not allowed in {time}.",
    over: "Nobody answered in time: it is not allowed.",
    asked: "{name} is asked.",
  },
  uk: {
    title: {
      one: "Чи можна зробити цей виклик?",
      few: "Чи можна зробити ці {count} виклики?",
      many: "Чи можна зробити ці {count} викликів?",
      other: "Чи можна зробити ці {count} виклику?",
    },
    to: "{name} → {host}",
    writes: "Він може щось там змінити.",
    owner_asks: "Власник хоче, щоб його питали.",
    private_to_outside: "Він читав щось ваше й щось ззовні. Надіслане може містити і те, і те.",
    again_after_unknown: "Він уже пробував це, і невідомо, чи вдалося. Згода може зробити це двічі.",
    sent: "Буде надіслано дослівно:",
    given: "З такими аргументами:",
    yes: "Дозволити",
    no: "Не дозволяти",
    remember: "Більше не питати про цю функцію",
    rememberHint: "На 30 днів, поки функція лишається такою, як є.",
    until: "Якщо не відповісти за {time}, дозволу не буде.",
    over: "Ніхто вчасно не відповів: не дозволено.",
    asked: "Питають: {name}.",
  },
});

interface Props {
  /** All of one step; they are decided on one card. */
  approvals: readonly Approval[];
  onDecide: (approval: Approval, decision: "approve" | "deny", remember: boolean) => Promise<void>;
}

/** What will be sent, where to and why one is asked. Nothing happens until a button is pressed. */
export function ApprovalCard({ approvals, onDecide }: Props) {
  const remember = useSignal(false);
  const busy = useSignal<"approve" | "deny" | null>(null);
  const card = useRef<HTMLElement>(null);
  const [first] = approvals;
  const left = useCountdown(first === undefined ? null : Date.parse(first.expires_at));

  useQuestion();
  useEffect(() => card.current?.scrollIntoView({ block: "nearest" }), []);

  const decide = async (decision: "approve" | "deny") => {
    busy.value = decision;
    try {
      for (const approval of approvals) await onDecide(approval, decision, remember.peek());
    } catch (error) {
      toast(agentErrorText(error), { tone: "danger" });
    } finally {
      busy.value = null;
    }
  };
  return (
    <section ref={card} class={styles.card} role="alert">
      <h3>{t("title", { count: approvals.length })}</h3>
      {approvals.map((approval) => (
        <Call key={approval.n} approval={approval} />
      ))}
      <Switch
        label={t("remember")}
        hint={t("rememberHint")}
        checked={remember.value}
        onChecked={(value) => (remember.value = value)}
      />
      <div class={styles.buttons}>
        <Button loading={busy.value === "deny"} disabled={busy.value !== null || left === 0} onClick={() => void decide("deny")}>
          {t("no")}
        </Button>
        <Button
          variant="primary"
          loading={busy.value === "approve"}
          disabled={busy.value !== null || left === 0}
          onClick={() => void decide("approve")}
        >
          {t("yes")}
        </Button>
      </div>
      <p class={styles.dim}>{left === 0 ? t("over") : t("until", { time: clock(left) })}</p>
    </section>
  );
}

function Call({ approval }: { approval: Approval }) {
  const { name, host, request, why } = approval;
  return (
    <div class={styles.call}>
      <p class={styles.target}>{t("to", { name, host: host ?? shared("inside") })}</p>
      <p>{t(why)}</p>
      <p class={styles.dim}>{t(request === null ? "given" : "sent")}</p>
      <pre class={styles.wire} dir="ltr" tabIndex={0}>
        {request === null ? JSON.stringify(approval.arguments, null, 2) : wireText(request)}
      </pre>
    </div>
  );
}
