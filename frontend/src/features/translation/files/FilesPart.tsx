import { DocumentView } from "./DocumentView";
import { FilesHome } from "./FilesHome";

/** Files that are translated: all of them, or one. */
export function FilesPart({ id }: { id: string }) {
  return id === "" ? <FilesHome /> : <DocumentView key={id} id={id} />;
}
