/** What this feature reads of the server, by the names of its schema. */
import type { Schemas } from "@/lib/api";

export type Block = Schemas["BlockShape"];
export type DataExport = Schemas["DataExport"];
export type Session = Schemas["Session"];
