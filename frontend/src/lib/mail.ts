import { config } from "./config";

/** Whether the server can send letters; without, nothing that needs one is offered. */
export function hasMail(): boolean {
  return (config.value?.providers.mail ?? []).length > 0;
}
