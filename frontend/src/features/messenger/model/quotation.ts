import { limit } from "@/lib/config";

/** What stands of a message above a reply to it: cut where the server cuts, by code points. */
export function quotation(content: string): string {
  return Array.from(content).slice(0, limit("max_quoted_chars")).join("");
}
