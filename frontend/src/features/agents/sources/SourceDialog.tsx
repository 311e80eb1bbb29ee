import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { isAbort } from "@/lib/api";
import { Alert, Button, Dialog, PasswordField, Select, TextArea, TextField } from "@/ui";

import { addSource, deleteSource } from "../model/api";
import type { AuthKind, Imported, SourceRequest } from "../shapes";
import { agentErrorText } from "../words/problems";
import { ServerDialog } from "./ServerDialog";
import styles from "./sources.module.css";
import { t } from "./words";

interface Props {
  agentId: string;
  kind: "openapi" | "mcp";
  onAdded: (imported: Imported) => void;
  onClose: () => void;
}

interface Form {
  from: "url" | "file" | "text";
  url: string;
  text: string;
  file: File | null;
  name: string;
  server: string;
  authKind: AuthKind;
  authName: string;
  secret: string;
}

const EMPTY: Form = { from: "url", url: "", text: "", file: null, name: "", server: "", authKind: "none", authName: "", secret: "" };

/** Where functions come from: a document that says what an API has, or a server of tools. */
export function SourceDialog({ agentId, kind, onAdded, onClose }: Props) {
  const form = useSignal(EMPTY);
  const isBusy = useSignal(false);
  const failure = useSignal<unknown>(null);
  const set = (part: Partial<Form>) => (form.value = { ...form.peek(), ...part });
  const { from, url, text, file } = form.value;
  const read = useSignal<Imported | null>(null);
  const isWhole = from === "url" ? url.trim() !== "" : from === "text" ? text.trim() !== "" : file !== null;

  const attempt = async (work: () => Promise<void>) => {
    isBusy.value = true;
    failure.value = null;
    try {
      await work();
    } catch (error) {
      if (!isAbort(error)) failure.value = error;
    } finally {
      isBusy.value = false;
    }
  };
  const ask = () =>
    attempt(async () => {
      const imported = await addSource(agentId, await request(kind, form.peek()));
      if (imported.servers.length > 1 && form.peek().server.trim() === "") read.value = imported;
      else onAdded(imported);
    });
  /** Which one is called is written when the document is read: it is read again for another, or to name where a key goes. */
  const choose = (imported: Imported, url: string) =>
    attempt(async () => {
      if (url === imported.servers[0]?.url && form.peek().authKind === "none") {
        onAdded(imported);
        return;
      }
      set({ server: url });
      await deleteSource(agentId, imported.source.id);
      read.value = null;
      onAdded(await addSource(agentId, await request(kind, form.peek())));
    });
  if (read.value !== null) {
    const imported = read.value;
    // What was read stays, by the first server, when one closes it here.
    return <ServerDialog servers={imported.servers} isBusy={isBusy.value} failure={failure.value} onChoose={(url) => void choose(imported, url)} onClose={() => onAdded(imported)} />;
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(kind)}
      footer={
        <Button variant="primary" loading={isBusy.value} disabled={!isWhole} onClick={() => void ask()}>
          {t("read")}
        </Button>
      }
    >
      <div class={styles.form}>
        <p>{t(kind === "mcp" ? "mcpHint" : "openapiHint")}</p>
        {failure.value !== null && <Failure error={failure.value} />}
        <Where kind={kind} form={form.value} onChange={set} />
        <Auth form={form.value} onChange={set} />
      </div>
    </Dialog>
  );
}

/** Where it is, what it is called here, and where calls go. */
function Where({ kind, form, onChange }: { kind: Props["kind"]; form: Form; onChange: (part: Partial<Form>) => void }) {
  const { from, url, text, file, name, server } = form;
  return (
    <>
      {kind === "openapi" && (
        <Select
          label={t("from")}
          value={from}
          options={[
            { value: "url", label: t("byUrl") },
            { value: "file", label: t("byFile") },
            { value: "text", label: t("byText") },
          ]}
          onValue={(value) => onChange({ from: value as Form["from"] })}
        />
      )}
      {from === "url" && (
        <TextField
          label={t(kind === "mcp" ? "urlOfServer" : "url")}
          value={url}
          spellcheck={false}
          autoCapitalize="off"
          placeholder="https://"
          onValue={(value) => onChange({ url: value })}
        />
      )}
      {from === "file" && <FileField file={file} onFile={(chosen) => onChange({ file: chosen })} />}
      {from === "text" && <TextArea label={t("text")} rows={8} spellcheck={false} value={text} onValue={(value) => onChange({ text: value })} />}
      <TextField label={t("name")} hint={t("nameHint")} value={name} onValue={(value) => onChange({ name: value })} />
      {kind === "openapi" && (
        <TextField
          label={t("server")}
          hint={t("serverHint")}
          value={server}
          spellcheck={false}
          autoCapitalize="off"
          onValue={(value) => onChange({ server: value })}
        />
      )}
    </>
  );
}

function Auth({ form: { authKind, authName, secret }, onChange }: { form: Form; onChange: (part: Partial<Form>) => void }) {
  const kinds = ["none", "bearer", "basic", "header"] as const;
  return (
    <>
      <Select
        label={t("auth")}
        value={authKind}
        options={kinds.map((value) => ({ value, label: t(value) }))}
        onValue={(value) => onChange({ authKind: value as AuthKind })}
      />
      {(authKind === "header" || authKind === "basic") && (
        <TextField
          label={t(authKind === "header" ? "headerName" : "userName")}
          value={authName}
          spellcheck={false}
          autoCapitalize="off"
          onValue={(value) => onChange({ authName: value })}
        />
      )}
      {authKind !== "none" && (
        <PasswordField
          label={t("secret")}
          hint={t("secretHint")}
          value={secret}
          revealLabel={t("reveal")}
          autoComplete="new-password"
          onValue={(value) => onChange({ secret: value })}
        />
      )}
    </>
  );
}

function FileField({ file, onFile }: { file: File | null; onFile: (file: File | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class={styles.line}>
      <Button icon="file" onClick={() => input.current?.click()}>
        {t("chooseFile")}
      </Button>
      <span>{file?.name}</span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("file")}
        accept=".json,.yaml,.yml,application/json"
        onChange={(event) => onFile(event.currentTarget.files?.[0] ?? null)}
      />
    </div>
  );
}

/** A refused document says where in it. */
function Failure({ error }: { error: unknown }) {
  const pointer = error instanceof Error && "context" in error ? (error.context as { pointer?: unknown }).pointer : undefined;
  return (
    <Alert tone="danger" title={agentErrorText(error)}>
      {typeof pointer === "string" && pointer !== "" && <code>{pointer}</code>}
    </Alert>
  );
}

/** A file is read here: its text is all the server needs of it. */
async function request(kind: Props["kind"], form: Form): Promise<SourceRequest> {
  const { from, url, text, file, name, server, authKind, authName, secret } = form;
  return {
    kind,
    ...(from === "url" && { url: url.trim() }),
    ...(from === "text" && { text }),
    ...(from === "file" && file !== null && { text: await file.text() }),
    ...(name.trim() !== "" && { name: name.trim() }),
    ...(server.trim() !== "" && { server: server.trim() }),
    ...(authKind !== "none" && {
      auth: {
        kind: authKind,
        ...(authKind === "header" && { name: authName.trim() }),
        ...(authKind === "basic" && { username: authName.trim() }),
        ...(secret !== "" && { secret }),
      },
    }),
  };
}
