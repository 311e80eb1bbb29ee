import { useSignal } from "@preact/signals";

import { dictionary } from "@/lib/i18n";
import { Alert, Button, Dialog, Switch, TextArea } from "@/ui";

import { wireText } from "../approvals/wire";
import { Json } from "../console/Json";
import { testFunction } from "../model/api";
import type { AgentFunction, Tested } from "../shapes";
import { agentErrorText, problemText } from "../words/problems";
import { figures } from "../words/figures";
import styles from "./functions.module.css";

const t = dictionary({
  en: {
    title: "Test {name}",
    arguments: "Arguments",
    jsonForm: "This is no JSON object.",
    send: "Really send it",
    sendHint: "Off: the request is built and signed, and shown as it would leave.",
    show: "Show the request",
    call: "Call",
    request: "The request, secrets masked",
    response: "The answer: {status}",
    noStatus: "The answer",
    given: "What the model would be given",
    notSent: "Nothing was sent.",
  },
  uk: {
    title: "Проба: {name}",
    arguments: "Аргументи",
    jsonForm: "Це не об’єкт JSON.",
    send: "Справді надіслати",
    sendHint: "Вимкнено: запит складається, підписується й показується таким, яким пішов би.",
    show: "Показати запит",
    call: "Викликати",
    request: "Запит, таємниці приховано",
    response: "Відповідь: {status}",
    noStatus: "Відповідь",
    given: "Що отримала б модель",
    notSent: "Нічого не надіслано.",
  },
});

interface Props {
  agentId: string;
  row: AgentFunction;
  /** It was called, which its row says. */
  onCalled: () => void;
  onClose: () => void;
}

/** One call by hand: no model, no run, no tokens. */
export function TestDialog({ agentId, row, onCalled, onClose }: Props) {
  const text = useSignal(JSON.stringify(example(row.parameters), null, 2));
  const isReal = useSignal(false);
  const isBusy = useSignal(false);
  const tested = useSignal<Tested | null>(null);
  const failure = useSignal<unknown>(null);
  const given = parsed(text.value);

  const run = async () => {
    if (given === null) return;
    isBusy.value = true;
    failure.value = null;
    try {
      tested.value = await testFunction(agentId, row.id, { arguments: given, dry_run: !isReal.peek() });
      if (isReal.peek()) onCalled();
    } catch (error) {
      failure.value = error;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("title", { name: row.name })}
      footer={
        <Button variant="primary" loading={isBusy.value} disabled={given === null} onClick={() => void run()}>
          {t(isReal.value ? "call" : "show")}
        </Button>
      }
    >
      <div class={styles.form}>
        <div class={styles.mono}>
          <TextArea
            label={t("arguments")}
            error={given === null ? t("jsonForm") : null}
            rows={5}
            spellcheck={false}
            value={text.value}
            onValue={(value) => (text.value = value)}
          />
        </div>
        <Switch label={t("send")} hint={t("sendHint")} checked={isReal.value} onChecked={(value) => (isReal.value = value)} />
        {failure.value !== null && <Alert tone="danger" title={agentErrorText(failure.value)} />}
        {tested.value !== null && <Result tested={tested.value} />}
      </div>
    </Dialog>
  );
}

function Result({ tested }: { tested: Tested }) {
  const { request, response, status_code: status, seconds, result, problem } = tested;
  const isHttp = "method" in request;
  const took = figures({ seconds, tokens: null });
  return (
    <div class={styles.form} role="status">
      {problem !== null && <Alert tone="danger" title={problemText(problem)} />}
      {Object.keys(request).length > 0 && (
        <section>
          <h3>{t("request")}</h3>
          {isHttp ? (
            <pre class={styles.code} dir="ltr" tabIndex={0}>
              {wireText(request)}
            </pre>
          ) : (
            <Json value={request} />
          )}
        </section>
      )}
      {response === null ? (
        problem === null && <p class={styles.dim}>{t("notSent")}</p>
      ) : (
        <section>
          <h3>
            {status === null ? t("noStatus") : t("response", { status: String(status) })} {took !== "" && `· ${took}`}
          </h3>
          <pre class={styles.code} dir="auto" tabIndex={0}>
            {typeof response.text === "string" ? response.text : JSON.stringify(response, null, 2)}
          </pre>
        </section>
      )}
      {result !== null && result !== response?.text && (
        <section>
          <h3>{t("given")}</h3>
          <pre class={styles.code} dir="auto" tabIndex={0}>
            {result}
          </pre>
        </section>
      )}
    </div>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const EXAMPLES: Readonly<Record<string, unknown>> = { string: "…", number: 1, integer: 1, boolean: true, array: [], object: {} };

/** Something to begin with, for each argument that is needed. */
function example(schema: Record<string, unknown>): Record<string, unknown> {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Record<string, unknown>>; required?: string[] };
  return Object.fromEntries(required.map((name) => [name, valueFor(properties[name] ?? {})]));
}

function valueFor({ default: given, enum: choices, type }: Record<string, unknown>): unknown {
  if (given !== undefined) return given;
  if (Array.isArray(choices)) return choices[0];
  return EXAMPLES[String(type)] ?? "…";
}
