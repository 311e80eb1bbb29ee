import { useLayoutEffect, useRef } from "preact/hooks";

import { classes } from "./classes";
import styles from "./ComposerField.module.css";
import { IconButton } from "./IconButton";
import { isComposing, isEnter } from "./keys";
import { isTouch } from "./screen";

const ID = "composer";
/** Both borders: `scrollHeight` leaves them out, `height` does not. */
const BORDERS_PX = 6;

interface ComposerFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onValue: (value: string) => void;
  /** Enter. On a touch keyboard, which has no Shift+Enter, that begins a new line, and only a button sends. */
  onSend: () => void;
  /** Files that were pasted. */
  onFiles: (files: FileList) => void;
  /** All other keys; not called while a word is being composed. */
  onKeyDown?: (event: KeyboardEvent) => void;
  /** Stands in one line with its buttons. */
  inline?: boolean;
  /** A list of what the words may become, and the one of it that is chosen now; null while there is none. */
  list?: { id: string; activeId: string } | null;
  /** The list has the first word about a key; true: it took it. */
  onListKey?: (event: KeyboardEvent) => boolean;
  /** The words or the cursor have moved. */
  onCaret?: (field: HTMLTextAreaElement) => void;
}

/** The field one writes a message in: it grows with the words, up to a limit. One at a time is on the page. */
export function ComposerField(props: ComposerFieldProps) {
  const { label, placeholder, value, onValue, onSend, onFiles, onKeyDown, inline = false, list, onListKey, onCaret } = props;
  const field = useRef<HTMLTextAreaElement>(null);

  // The style sheet has the limit. (`field-sizing: content` will do this alone once every browser knows it.)
  useLayoutEffect(() => {
    if (field.current === null) return;
    field.current.style.height = "auto";
    field.current.style.height = `${field.current.scrollHeight + BORDERS_PX}px`;
  }, [value]);

  const onKey = (event: KeyboardEvent) => {
    if (isComposing(event) || onListKey?.(event)) return;
    if (isEnter(event) && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      onSend();
    } else onKeyDown?.(event);
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = event.clipboardData?.files;
    if (files === undefined || files.length === 0 || isWorthMore(event.clipboardData, files)) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <textarea
      ref={field}
      id={ID}
      class={classes(styles.field, inline && styles.inline)}
      rows={1}
      dir="auto"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      {...(list && { "aria-autocomplete": "list", "aria-controls": list.id, "aria-activedescendant": list.activeId })}
      onInput={(event) => {
        onValue(event.currentTarget.value);
        onCaret?.(event.currentTarget);
      }}
      onKeyUp={(event) => onCaret?.(event.currentTarget)}
      onClick={(event) => onCaret?.(event.currentTarget)}
      onKeyDown={onKey}
      onPaste={onPaste}
    />
  );
}

const PICTURE_NAME = /^.{1,255}\.(?:png|jpe?g|gif|webp|avif|bmp|svg|heic|tiff?)$/i;

/**
 * Whether the text of a paste is what was copied. Office programs put a picture of the text beside it; where a file was
 * copied, the text is no more than its name or address.
 */
function isWorthMore(data: DataTransfer | null, files: FileList): boolean {
  const names = Array.from(files, ({ name }) => name);
  const lines = (data?.getData("text/plain") ?? "").split(/[\r\n]+/).filter((line) => line.trim() !== "");
  return lines.some((line) => !isNameOrAddress(line.trim(), names));
}

function isNameOrAddress(line: string, names: readonly string[]): boolean {
  const last = line.split(/[\\/]/).at(-1) ?? "";
  return names.includes(last) || /^[a-z][a-z\d+.-]*:\/{0,3}\S+$/i.test(line) || PICTURE_NAME.test(line);
}

/** The field on this page, for what is more than focus, such as a place in its text. */
export function composerField(): HTMLTextAreaElement | null {
  const field = document.getElementById(ID);
  return field instanceof HTMLTextAreaElement ? field : null;
}

/** Whoever closes something over the page gives the focus back to the field. */
export function focusComposer(): void {
  composerField()?.focus();
}

/** Opens the system's choice of files. */
export function AttachButton({ label, onFiles }: { label: string; onFiles: (files: FileList) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="attach" label={label} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          if (event.currentTarget.files !== null) onFiles(event.currentTarget.files);
          // So that the same file can be chosen again after it was removed.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}
