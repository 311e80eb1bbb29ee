import { useState } from "preact/hooks";

import {
  Alert,
  AttachButton,
  Badge,
  Button,
  Card,
  ComposerField,
  ConfirmDialog,
  EmptyState,
  GlitchText,
  Icon,
  IconButton,
  List,
  ListItem,
  Loaded,
  Marquee,
  Menu,
  PasswordField,
  ProgressBar,
  Select,
  Skeleton,
  Switch,
  Tabs,
  TextArea,
  TextField,
  toast,
  Tooltip,
} from "@/ui";
import { ICON_NAMES } from "@/ui/Icon";

import styles from "./design.module.css";

const COLOURS = ["black", "ink", "raised", "line", "dim", "white", "gold", "pink", "cyan"] as const;

const TABS = [
  { id: "all", label: "Everything", href: "/app/design" },
  { id: "other", label: "Elsewhere", href: "/app/settings" },
];

export default function DesignPage() {
  return (
    <div class={styles.page}>
      <h1>
        <GlitchText text="Design system" />
      </h1>
      <Tabs label="Sections" tabs={TABS} current="all" />
      <Colours />
      <Buttons />
      <Fields />
      <Composer />
      <Overlays />
      <Feedback />
      <Lists />
      <LoadedLists />
      <Icons />
      <div class={styles.stage}>
        <Marquee text="Gold in the cracks ·" />
      </div>
    </div>
  );
}

function Colours() {
  return (
    <Card title="Colours">
      <ul class={styles.swatches}>
        {COLOURS.map((name) => (
          <li key={name}>
            <span class={styles.swatch} style={{ background: `var(--${name})` }} />
            {name}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Buttons() {
  return (
    <Card title="Buttons">
      <div class={styles.row}>
        <Button variant="primary">Primary</Button>
        <Button icon="plus">Secondary</Button>
        <Button variant="danger" icon="trash">
          Danger
        </Button>
        <Button variant="ghost">Ghost</Button>
        <Button variant="primary" loading>
          Loading
        </Button>
        <Button disabled>Disabled</Button>
        <Button href="/app/design">Link</Button>
      </div>
      <div class={styles.row}>
        <IconButton icon="pin" label="Pin" pressed />
        <IconButton icon="edit" label="Edit" variant="framed" />
        <IconButton icon="send" label="Send" variant="primary" />
        <IconButton icon="trash" label="Delete" disabled />
      </div>
    </Card>
  );
}

function Fields() {
  const [text, setText] = useState("");
  const [model, setModel] = useState("demo");
  const [on, setOn] = useState(true);
  return (
    <Card title="Fields">
      <TextField label="Text" hint="A hint that stays." placeholder="Placeholder" value={text} onValue={setText} />
      <TextField label="With an error" value={text} onValue={setText} error="What is wrong, in a sentence." />
      <TextField label="Disabled" value="Cannot be changed" onValue={setText} disabled />
      <PasswordField label="Password" revealLabel="Show password" value={text} onValue={setText} />
      <TextArea label="Longer text" value={text} onValue={setText} />
      <Select
        label="Choice"
        value={model}
        onValue={setModel}
        options={[
          { value: "demo", label: "Demo" },
          { value: "locked", label: "Locked", disabled: true },
        ]}
      />
      <Switch label="Switch" hint="What it does." checked={on} onChecked={setOn} />
      <Switch label="Disabled switch" checked={false} onChecked={setOn} disabled />
    </Card>
  );
}

function Composer() {
  const [text, setText] = useState("");
  const said = (files: FileList) => toast(`${files.length} of your files.`);
  return (
    <Card title="Composer">
      <ComposerField
        label="Message"
        placeholder="Enter sends, Shift+Enter begins a line"
        value={text}
        onValue={setText}
        onSend={() => {
          toast(text);
          setText("");
        }}
        onFiles={said}
      />
      <div class={styles.row}>
        <AttachButton label="Attach files" onFiles={said} />
      </div>
    </Card>
  );
}

function Overlays() {
  const [open, setOpen] = useState(false);
  return (
    <Card title="Overlays">
      <div class={styles.row}>
        <Button onClick={() => setOpen(true)}>Dialog</Button>
        <Button onClick={() => toast("Something happened.")}>Toast</Button>
        <Button onClick={() => toast("It is saved.", { tone: "success", action: { label: "Undo", onSelect: noop } })}>
          With action
        </Button>
        <Button onClick={() => toast("It did not work.", { tone: "danger" })}>Danger</Button>
        <Menu
          label="More actions"
          items={[
            { label: "Rename", icon: "edit", onSelect: noop },
            { label: "Not now", icon: "clock", onSelect: noop, disabled: true },
            { label: "Delete", icon: "trash", onSelect: noop, danger: true },
          ]}
        />
        <Tooltip text="A word about it">
          <Button variant="ghost">Tooltip</Button>
        </Tooltip>
      </div>
      <ConfirmDialog
        open={open}
        onClose={() => setOpen(false)}
        title="Delete this?"
        confirmLabel="Delete"
        danger
        onConfirm={() => setOpen(false)}
      >
        It cannot be brought back.
      </ConfirmDialog>
    </Card>
  );
}

function Feedback() {
  return (
    <Card title="Feedback">
      <Alert title="Good to know">Information that stays on the page.</Alert>
      <Alert tone="warning" title="Careful" action={<Button>Do something</Button>}>
        A warning with a way on.
      </Alert>
      <Alert tone="danger" title="That did not work">
        And what to do about it.
      </Alert>
      <ProgressBar label="Little" value={20} max={100} />
      <ProgressBar label="Much" value={85} max={100} tone="pink" />
      <div class={styles.row}>
        <Badge>Plain</Badge>
        <Badge tone="gold">Gold</Badge>
        <Badge tone="pink">Pink</Badge>
        <Badge tone="cyan">Cyan</Badge>
      </div>
      <Skeleton />
    </Card>
  );
}

function Lists() {
  return (
    <Card title="Lists">
      <List label="Example">
        <ListItem href="/app/design" current actions={<IconButton icon="pin" label="Pin" pressed />}>
          The current row
        </ListItem>
        <ListItem href="/app/design" actions={<IconButton icon="pin" label="Pin" />}>
          Another row, whose text is long enough to need a second line on a small screen
        </ListItem>
        <ListItem>A row that is no link</ListItem>
      </List>
      <EmptyState icon="chat" title="Nothing yet" action={<Button variant="primary">Begin</Button>}>
        What will stand here, and how to get it.
      </EmptyState>
    </Card>
  );
}

/** The four states of what comes from the server. */
function LoadedLists() {
  const words = (list: readonly string[]) => (
    <List label="Loaded">
      {list.map((word) => (
        <ListItem key={word}>{word}</ListItem>
      ))}
    </List>
  );
  const nothing = <EmptyState icon="search" title="Nothing found" />;
  const from = { data: null, trouble: null, reload: noop };
  return (
    <Card title="Loaded">
      <Loaded from={from} empty={nothing}>
        {words}
      </Loaded>
      <Loaded from={{ ...from, trouble: "The server cannot be reached." }} empty={nothing}>
        {words}
      </Loaded>
      <Loaded from={{ ...from, data: [] }} empty={nothing}>
        {words}
      </Loaded>
      <Loaded from={{ ...from, data: ["One of many"], hasMore: true, more: noop }} empty={nothing}>
        {words}
      </Loaded>
    </Card>
  );
}

function Icons() {
  return (
    <Card title="Icons">
      <ul class={styles.icons}>
        {ICON_NAMES.map((name) => (
          <li key={name}>
            <Icon name={name} />
            {name}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function noop(): void {
  toast("Chosen.");
}
