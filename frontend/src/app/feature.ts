/** What a feature tells the shell about itself. A feature imports this; the shell's registry imports the features. */
import type { ComponentType } from "preact";

import type { Schemas } from "@/lib/api";
import type { IconName } from "@/ui";

export interface PageProps {
  /** The `:name` parts of the route's path. */
  params: Record<string, string>;
  /** All that this server has, for a page that shows what others bring, as the settings do. */
  features: readonly Feature[];
}

export interface FeatureRoute {
  /** Below `/app`; `:name` takes one part of the path, `:name?` one or none. */
  path: string;
  /** `user` needs somebody signed in, `guest` nobody, `anyone` does not care. */
  access: "user" | "guest" | "anyone";
  title: () => string;
  /** A page that manages its own height and scrolling, such as a chat, fills the room between the bars. */
  layout?: "page" | "fill";
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

export interface NavEntry {
  href: string;
  /** Addresses that belong to it and do not stand below its own. */
  also?: readonly string[];
  label: () => string;
  icon: IconName;
  /** Lower stands first. */
  order: number;
  /** What waits there, in numbers and words; null for nothing. */
  badge?: () => { count: number; label: string } | null;
}

/** A part of the settings about the feature; its address is `/app/settings/<id>`. */
export interface SettingsSection {
  id: string;
  label: () => string;
  /** Lower stands first; the account's own are 10 to 90. */
  order: number;
  load: () => Promise<{ default: ComponentType }>;
}

/** Something the palette leads to. */
export interface PaletteEntry {
  /** Different from every other. */
  key: string;
  /** The heading it stands below; entries of one kind follow each other. */
  kind: string;
  label: string;
  detail?: string;
  icon: IconName;
  /** What does the same without the palette. */
  keys?: string;
  run: () => void;
}

/** A module of a feature that finds things for the palette; an empty query asks for what is used most. */
export interface PaletteSource {
  find: (query: string, signal: AbortSignal) => Promise<readonly PaletteEntry[]>;
}

/** Keys of a feature's pages, for the help. */
export interface KeyHelp {
  title: () => string;
  keys: () => readonly (readonly [key: string, meaning: string])[];
}

/** A dialog that sends a text to people. */
export interface SendToProps {
  text: string;
  onClose: () => void;
}

/** The conversation a part of another feature stands in. */
export interface ConversationPlace {
  id: string;
  name: string;
  isGroup: boolean;
  /** Whoever looks at it runs the group. */
  isAdmin: boolean;
  /** With people one can speak to: not what one keeps for oneself, nor with an agent alone or somebody who is blocked. */
  isAmongPeople: boolean;
  /** Of the members that are known here, which in a large group are the first ones. */
  hasAgents: boolean;
}

/** A message that an agent writes, or has written. */
export interface AgentMessagePlace {
  conversation: ConversationPlace;
  run: Schemas["AgentRun"];
  /** The agent's, as it is a member. */
  userId: string | null;
  /** Of the message that it answers, where that is shown. */
  askerId: string | null;
}

/** What a feature brings to conversations. */
export interface ConversationParts {
  /** In its head. */
  Buttons?: ComponentType<ConversationPlace>;
  /** A line below its head, which shows nothing most of the time. */
  Bar?: ComponentType<ConversationPlace>;
  /** Below a message of an agent. */
  Foot?: ComponentType<AgentMessagePlace>;
  /** Among its details. */
  Details?: ComponentType<ConversationPlace>;
}

export interface ConversationFeature {
  /** Where it has something to show in the conversation itself; elsewhere only its details are fetched, when these open. */
  isIn: (place: ConversationPlace) => boolean;
  load: () => Promise<ConversationParts>;
}

export interface Feature {
  name: string;
  /** The server module this feature is the face of; without it on the server the feature does not exist. */
  module: string;
  routes: FeatureRoute[];
  nav?: NavEntry;
  settings?: SettingsSection[];
  palette?: () => Promise<PaletteSource>;
  keys?: () => Promise<{ default: KeyHelp }>;
  sendTo?: () => Promise<{ default: ComponentType<SendToProps> }>;
  /** In the menu of the account. */
  account?: Pick<NavEntry, "href" | "label" | "icon">;
  conversation?: ConversationFeature;
  /** Stands above every page of somebody signed in, and shows nothing most of the time. */
  banner?: () => Promise<{ default: ComponentType }>;
  /** Fetched and called once somebody is signed in and the page is quiet, for what goes on behind every page. */
  background?: () => Promise<{ start: () => void }>;
}
