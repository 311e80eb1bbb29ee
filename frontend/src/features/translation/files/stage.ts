import type { TranslatedDocument } from "../shapes";

/** What each stage of a document is drawn from. */
export interface StageProps {
  document: TranslatedDocument;
  /** What the server answered to a press. */
  onChanged: () => void;
}
