import { useRef } from "preact/hooks";

import { IconButton } from "@/ui";

import { focusComposer } from "./focus";
import { t } from "./words";

export function AttachButton({ onFiles }: { onFiles: (files: FileList) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        onChange={(event) => {
          if (event.currentTarget.files !== null) onFiles(event.currentTarget.files);
          event.currentTarget.value = "";
          focusComposer();
        }}
      />
      <IconButton icon="attach" label={t("attach")} onClick={() => input.current?.click()} />
    </>
  );
}
