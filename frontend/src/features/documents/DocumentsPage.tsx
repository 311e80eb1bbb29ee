import type { PageProps } from "@/app/feature";
import { lazily } from "@/ui";

import { DocumentList } from "./list/DocumentList";

const NewDocument = lazily(async () => (await import("./start/NewDocument")).NewDocument);
const DocumentView = lazily(async () => (await import("./DocumentView")).DocumentView);

/** All documents, a new one, or one of them: each fetched when it is opened. */
export default function DocumentsPage({ params }: PageProps) {
  const id = params.id ?? "";
  if (id === "") return <DocumentList />;
  if (id === "new") return <NewDocument />;
  return <DocumentView key={id} id={id} part={params.part ?? ""} />;
}
