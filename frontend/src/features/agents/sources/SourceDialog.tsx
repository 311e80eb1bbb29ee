import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { isAbort } from "@/lib/api";
import { Alert, Button, Dialog, PasswordField, Select, TextArea, TextField } from "@/ui";

import { addSource } from "../model/api";
import type { AuthKind, Imported, SourceRequest } from "../shapes";
import { agentErrorText } from "../words/problems";
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
  const { from, url, text, file, name, server } = form.value;
  const isWhole = from === "url" ? url.trim() !== "" : from === "text" ? text.trim() !== "" : file !== null;

  const read = async () => {
    if (!isWhole) return;
    isBusy.value = true;
    failure.value = null;
    try {
      onAdded(await addSource(agentId, await request(kind, form.peek())));
    } catch (error) {
      if (!isAbort(error)) failure.value = error;
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(kind)}
      footer={
        <Button variant="primary" loading={isBusy.value} disabled={!isWhole} onClick={() => void read()}>
          {t("read")}
        </Button>
      }
    >
      <div class={styles.form}>
        <p>{t(kind === "mcp" ? "mcpHint" : "openapiHint")}</p>
        {failure.value !== null && <Failure error={failure.value} />}
        {kind === "openapi" && (
          <Select
            label={t("from")}
            value={from}
            options={[
              { value: "url", label: t("byUrl") },
              { value: "file", label: t("byFile") },
              { value: "text", label: t("byText") },
            ]}
            onValue={(value) => set({ from: value as Form["from"] })}
          />
        )}
        {from === "url" && (
          <TextField
            label={t(kind === "mcp" ? "urlOfServer" : "url")}
            value={url}
            spellcheck={false}
            autoCapitalize="off"
            placeholder="https://"
            onValue={(value) => set({ url: value })}
          />
        )}
        {from === "file" && <FileField file={file} onFile={(chosen) => set({ file: chosen })} />}
        {from === "text" && <TextArea label={t("text")} rows={8} spellcheck={false} value={text} onValue={(value) => set({ text: value })} />}
        <TextField label={t("name")} hint={t("nameHint")} value={name} onValue={(value) => set({ name: value })} />
        {kind === "openapi" && (
          <TextField
            label={t("server")}
            hint={t("serverHint")}
            value={server}
            spellcheck={false}
            autoCapitalize="off"
            onValue={(value) => set({ server: value })}
          />
        )}
        <Auth form={form.value} onChange={set} />
      </div>
    </Dialog>
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
